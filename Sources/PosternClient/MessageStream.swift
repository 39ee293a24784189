import HTTP2
import Wire

/// The `/v1/stream` that a connection's calls share (proto-spec 2.6): their messages one behind the
/// other, each reply brought to its call by the correlation id of its first decision.
///
/// It takes calls once the server has said that it has such a door.
///
/// A call that is given up keeps its place here until its reply comes: messages cannot be taken back.
///
/// INVARIANT (sent-in-order): `unanswered` has every call that was sent and has no reply, numbered
/// in the order of sending; no two of them have the same first id.
final class MessageStream {
  /// Tags of such streams lie above this; calls count from 1.
  static let tagMin = UInt64.max / 2
  /// LIMIT: bytes that wait to be sent. Beyond it calls have streams of their own, which can be
  /// given up whole. As much as one message may have.
  private static let unsentByteCountMax = Limits.messageByteCount

  /// How it ended for the calls without an answer.
  enum End: Equatable {
    /// The server has decided none of them.
    case notProcessed
    /// The server has no such door.
    case refused
    /// Nobody knows.
    case broken(String)
  }

  private struct Sent {
    var number: UInt64
    var call: UInt64
  }

  private let session: ClientSession
  private let stream: ClientStream
  /// The stream's own.
  let tag: UInt64
  private let callCountMax: Int
  private var unanswered: [UInt64: Sent] = [:]
  private var lastNumber: UInt64 = 0
  /// The server answers here.
  private var hasBegun = false
  private var isFinished = false
  private(set) var end: End?

  /// The `number`th of its connection.
  init(_ session: ClientSession, _ head: ClientRequestHead, number: UInt64, callCountMax: Int) {
    self.session = session
    self.callCountMax = callCountMax
    tag = Self.tagMin + number
    stream = session.open(head, tag: tag)
  }

  /// Calls without an answer, in the order in which they were sent.
  var unansweredCalls: [UInt64] {
    unanswered.values.sorted { $0.number < $1.number }.map(\.call)
  }

  /// Whether a call can be sent here. One whose reply could be taken for another's cannot.
  func hasRoom(for call: Call) -> Bool {
    hasBegun && end == nil && !isFinished && unanswered[call.firstID] == nil
      && unanswered.count < callCountMax && stream.unsentByteCount < Self.unsentByteCountMax
  }

  func send(_ call: Call) {
    lastNumber += 1
    unanswered[call.firstID] = Sent(number: lastNumber, call: call.id)
    session.append(call.message, to: stream)
  }

  /// Sends no more; what was sent is still answered.
  func finish() {
    isFinished = true
    session.endRequest(stream)
  }

  // MARK: Replies

  /// What an event on the stream answers. Afterwards `end` says whether that was all.
  func receive(_ event: ClientEvent) -> [(call: UInt64, response: ClientResponse)] {
    guard end == nil else { return [] }
    var answers: [(call: UInt64, response: ClientResponse)] = []
    switch event {
    case .began(_, let status): hasBegun = status == 200
    case .received:
      session.takeReceived(of: stream) { takeMessages($0, to: &answers) }
      if end != nil { session.cancel(stream) }
    case .response(_, let response) where response.status == 200:
      let taken = takeMessages(response.body.span, to: &answers)
      if end == nil {
        end = taken == response.body.count ? .notProcessed : .broken("the stream ended within a reply")
      }
    case .response: end = .refused
    case .failure(_, .notProcessed): end = .notProcessed
    case .failure(_, .tooLarge): end = .broken("a reply is over the limits")
    case .failure(_, .reset(let code)):
      end = .broken("the server reset the stream, http/2 error \(code)")
    }
    return answers
  }

  /// Takes whole messages off `bytes`. Returns how many bytes they have.
  private func takeMessages(
    _ bytes: Span<UInt8>, to answers: inout [(call: UInt64, response: ClientResponse)]
  ) -> Int {
    var start = 0
    do throws(WireError) {
      while end == nil {
        let rest = bytes.extracting(start...)
        let isError = rest.count > 1 && rest[1] == MessageKind.error.rawValue
        guard
          let count = try MessageHeader.firstByteCount(in: rest, expecting: isError ? .error : .reply),
          count <= rest.count
        else { break }
        let message = rest.extracting(0..<count)
        start += count
        if isError { takeError(message, to: &answers) } else { try takeReply(message, to: &answers) }
      }
    } catch {
      end = .broken("unreadable reply: \(error.code) at byte \(error.offset)")
    }
    return start
  }

  private func takeReply(
    _ message: Span<UInt8>, to answers: inout [(call: UInt64, response: ClientResponse)]
  ) throws(WireError) {
    let header = try MessageHeader(reading: message, expecting: .reply)
    guard header.flags.contains(.compressed) else { return take(message, to: &answers) }
    var plain = ByteWriter()
    try plain.decompress(message, .reply)
    take(plain.span, to: &answers)
  }

  /// A plain reply.
  private func take(
    _ reply: Span<UInt8>, to answers: inout [(call: UInt64, response: ClientResponse)]
  ) {
    // A decision reply's id stands behind its length and its verdicts (proto-spec 5.1).
    let offset = MessageHeader.byteCount + 8
    guard reply.count >= offset + 8,
      let sent = unanswered.removeValue(forKey: reply.load(UInt64.self, at: offset))
    else {
      end = .broken("the server answered what was not asked")
      return
    }
    answers.append((sent.call, ClientResponse(status: 200, headers: [], body: [UInt8](copying: reply))))
  }

  /// The first message without an answer is refused, and those behind it were not looked at.
  private func takeError(
    _ message: Span<UInt8>, to answers: inout [(call: UInt64, response: ClientResponse)]
  ) {
    end = .notProcessed
    guard let first = unanswered.min(by: { $0.value.number < $1.value.number }) else { return }
    unanswered[first.key] = nil
    let status = (try? ErrorMessage(reading: message))?.code.status ?? 400
    answers.append(
      (first.value.call, ClientResponse(status: status, headers: [], body: [UInt8](copying: message))))
  }
}
