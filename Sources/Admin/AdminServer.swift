import Hummingbird
import HTTPTypes
import Logging
import NIOCore
import Server
import ServiceLifecycle
import Tables

/// What the admin port tells beside the server's own metrics.
public struct AdminStatus: Sendable {
  /// Whether tables are loaded and the server is not stopping.
  public var isReady: Bool
  /// Why not, for a person.
  public var reason: String
  public var loadsPublished: UInt64
  public var loadsRefused: UInt64
  /// `nil` where the tables come from a directory.
  public var bundle: Bundle?

  /// The newest bundle that was accepted; it is served, but for chains that are pinned.
  public struct Bundle: Sendable {
    /// 0 while none is served.
    public var serial: UInt64
    /// Seconds since 1970; `nil` for never.
    public var expires: Int64?
    /// Every reason for which a bundle can be refused, and how many were.
    public var refusals: [(reason: String, count: UInt64)]

    public init(serial: UInt64, expires: Int64?, refusals: [(reason: String, count: UInt64)]) {
      self.serial = serial
      self.expires = expires
      self.refusals = refusals
    }
  }

  public init(
    isReady: Bool, reason: String, loadsPublished: UInt64, loadsRefused: UInt64,
    bundle: Bundle? = nil
  ) {
    self.isReady = isReady
    self.reason = reason
    self.loadsPublished = loadsPublished
    self.loadsRefused = loadsRefused
    self.bundle = bundle
  }
}

/// The admin port, HTTP/1.1: `/healthz`, `/readyz`, `/metrics` for probes and Prometheus, and under
/// `/v1/admin/` what an operator may see and do. Not for decisions, and not to be reached from outside.
public enum AdminServer {
  /// Serves until the task is cancelled. `onListening` is called once with the address in use.
  ///
  /// `hungLoops` says which event loops do not move: `/healthz` answers 503 then. `switches` keeps kills and
  /// pins for a restart; `nil` where a restart ends them.
  /// A unix socket that a dead server has left behind is replaced; its owner and group may connect.
  public static func run(
    on address: ListenAddress, logger: Logger, store: TableStore,
    switches: SwitchKeeper? = nil, metricsRuleCountMax: Int,
    hungLoops: @escaping @Sendable () async -> [Int],
    metrics: @escaping @Sendable () -> MetricsSnapshot,
    status: @escaping @Sendable () -> AdminStatus,
    onListening: @escaping @Sendable (ListenAddress) async -> Void
  ) async throws {
    let router = Router(context: AdminContext.self)
    router.get("healthz") { _, _ -> Response in
      let hung = await hungLoops()
      if hung.isEmpty { return text("ok\n", status: .ok) }
      return text("event loops do not move: \(hung)\n", status: .serviceUnavailable)
    }
    router.get("readyz") { _, _ -> Response in
      let status = status()
      return text("\(status.reason)\n", status: status.isReady ? .ok : .serviceUnavailable)
    }
    router.get("metrics") { _, _ -> Response in
      let chains = ChainMetrics(store, ruleCountMax: metricsRuleCountMax)
      return text(
        OpenMetrics.text(metrics(), status(), chains), type: OpenMetrics.contentType)
    }
    addOperations(AdminOperations(store: store, logger: logger, switches: switches), to: router)
    var lock: UnixSocketLock?
    if case .unix(let path) = address {
      lock = await UnixSocketLock(ofSocket: path)
      try UnixSocketPath.prepare(path)
    }
    defer { lock?.release() }
    var quiet = logger
    quiet.logLevel = max(logger.logLevel, .warning)
    let application = Application(
      router: router,
      configuration: ApplicationConfiguration(
        address: bindAddress(address), serverName: "postern"),
      onServerRunning: { [lock] channel in
        lock?.release()
        if case .unix(let path) = address { UnixSocketPath.restrict(path) }
        await onListening(listening(channel, address))
      },
      logger: quiet)
    try await serve(application, logger: quiet)
  }

  /// Runs until the task is cancelled, and then ends as on a signal: a server whose own task is
  /// cancelled reports that as an error.
  private static func serve(_ application: some Service, logger: Logger) async throws {
    var configuration = ServiceGroupConfiguration(services: [application], logger: logger)
    // LIMIT: a probe's answer takes a millisecond.
    configuration.maximumGracefulShutdownDuration = .seconds(2)
    let group = ServiceGroup(configuration: configuration)
    let serving = Task { try await group.run() }
    try await withTaskCancellationHandler {
      try await serving.value
    } onCancel: {
      Task { await group.triggerGracefulShutdown() }
    }
  }

  private static func bindAddress(_ address: ListenAddress) -> BindAddress {
    switch address {
    case .tcp(let host, let port): .hostname(host, port: port)
    case .unix(let path): .unixDomainSocket(path: path)
    }
  }

  private static func listening(_ channel: any Channel, _ requested: ListenAddress) -> ListenAddress {
    guard case .tcp(let host, _) = requested, let port = channel.localAddress?.port else {
      return requested
    }
    return .tcp(host: host, port: port)
  }

  private static func text(
    _ body: String, status: HTTPResponse.Status = .ok, type: String = "text/plain; charset=utf-8"
  ) -> Response {
    Response(
      status: status, headers: [.contentType: type],
      body: ResponseBody(byteBuffer: ByteBuffer(string: body)))
  }
}
