import HTTP2
import NIOCore
import NIOPosix
import Synchronization
import Wire

/// Asks a Postern what to do with a login, over one connection that all tasks share.
///
///     let postern = PosternClient(
///       .init(endpoint: try Endpoint("unix:/run/postern.sock"), onFailure: .deny))
///
///     var request = LoginRequest(trigger: "post-login")
///     request.headers = RiskHeaders(picking: http.headers)
///     request.context.userID = user.id
///     let outcome = await postern.decide(request)
///     switch outcome.verdict {
///     case .allow: ...
///     case .mfa, .review: ...
///     case .deny, .revoke: ...
///     }
///
/// `decide` never throws and never outlasts its deadline: without an answer the outcome is the
/// verdict named in `Configuration.onFailure`, marked as a fallback. It connects when first asked
/// and again after a loss; between failed attempts it waits, longer each time, and calls in that
/// time fail at once. Make one client and keep it.
public final class PosternClient: Sendable {
  public let configuration: Configuration
  private let loop: any EventLoop
  private let dispatcher: NIOLoopBoundBox<Dispatcher>
  private let lastCallID = Atomic<UInt64>(0)

  /// Opens nothing yet. One loop of `eventLoopGroup` does all the client's work.
  public init(
    _ configuration: Configuration,
    eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
  ) {
    self.configuration = configuration
    let loop = eventLoopGroup.next()
    self.loop = loop
    dispatcher = NIOLoopBoundBox.makeBoxSendingValue(
      Dispatcher(loop: loop, configuration: configuration), eventLoop: loop)
  }

  deinit {
    let dispatcher = dispatcher
    loop.execute { dispatcher.value.close(whenDone: nil) }
  }

  /// What to do with one login. Without an answer: `Configuration.onFailure`.
  ///
  /// - Parameter deadline: instead of `Configuration.deadline`.
  public func decide(_ request: LoginRequest, deadline: Duration? = nil) async -> DecisionOutcome {
    await decide([request], deadline: deadline)[0]
  }

  /// As `decide(_:deadline:)`, for up to 1,024 logins in one message: all are answered or none is.
  /// The outcomes are in the order of the requests.
  public func decide(
    _ requests: [LoginRequest], deadline: Duration? = nil
  ) async -> [DecisionOutcome] {
    let requests = requests.map { $0.numbered() }
    guard !requests.isEmpty else { return [] }
    do throws(PosternFailure) {
      let reply = try await ask(requests, deadline)
      return reply.decisions.map {
        DecisionOutcome(verdict: $0.verdict, correlationID: $0.correlationID, reply: $0)
      }
    } catch {
      return requests.map {
        DecisionOutcome(
          verdict: configuration.onFailure, correlationID: $0.correlationID ?? 0, failure: error)
      }
    }
  }

  /// As `decide(_:deadline:)`, for callers that handle failures themselves.
  public func decideOrThrow(
    _ request: LoginRequest, deadline: Duration? = nil
  ) async throws(PosternFailure) -> DecisionReply {
    try await decideOrThrow([request], deadline: deadline).decisions[0]
  }

  /// The whole reply to 1 to 1,024 questions.
  public func decideOrThrow(
    _ requests: [LoginRequest], deadline: Duration? = nil
  ) async throws(PosternFailure) -> Reply {
    try await ask(requests.map { $0.numbered() }, deadline)
  }

  /// Lets what is under way finish, closes the connection, and refuses all later calls.
  public func close() async {
    await withCheckedContinuation { continuation in
      loop.execute { [dispatcher] in dispatcher.value.close(whenDone: continuation) }
    }
  }

  private func ask(
    _ requests: [LoginRequest], _ deadline: Duration?
  ) async throws(PosternFailure) -> Reply {
    // LIMIT: a day; far below what a deadline in nanoseconds can hold.
    let patience = min(deadline ?? configuration.deadline, .seconds(86_400))
    let end = NIODeadline.now() + TimeAmount(max(patience, .zero))
    let message = try PosternMessage.encode(
      requests, compressed: configuration.compressesRequests,
      from: configuration.compressedRequestByteCountMin)
    let id = lastCallID.add(1, ordering: .relaxed).newValue
    let response = await exchange(
      Call(id: id, message: message, firstID: requests[0].correlationID ?? 0, deadline: end))
    return try response.get().reply(to: requests)
  }

  private func exchange(_ call: Call) async -> Result<ClientResponse, PosternFailure> {
    let loop = loop
    let dispatcher = dispatcher
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        loop.execute { dispatcher.value.submit(call, answer: continuation) }
      }
    } onCancel: {
      call.isCancelled.store(true, ordering: .releasing)
      loop.execute { dispatcher.value.cancel(call.id) }
    }
  }
}
