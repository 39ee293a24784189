import Hummingbird
import HTTPTypes
import Logging
import NIOCore
import Server

/// What the admin port tells beside the server's own metrics.
public struct AdminStatus: Sendable {
  /// Whether tables are loaded and the server is not stopping.
  public var isReady: Bool
  /// Why not, for a person.
  public var reason: String
  public var loadsPublished: UInt64
  public var loadsRefused: UInt64

  public init(isReady: Bool, reason: String, loadsPublished: UInt64, loadsRefused: UInt64) {
    self.isReady = isReady
    self.reason = reason
    self.loadsPublished = loadsPublished
    self.loadsRefused = loadsRefused
  }
}

/// The admin port, HTTP/1.1: `/healthz`, `/readyz`, `/metrics`. For probes and Prometheus, not for
/// decisions.
public enum AdminServer {
  /// Serves until the task is cancelled. `onListening` is called once with the address in use.
  public static func run(
    on address: ListenAddress, logger: Logger,
    metrics: @escaping @Sendable () -> MetricsSnapshot,
    status: @escaping @Sendable () -> AdminStatus,
    onListening: @escaping @Sendable (ListenAddress) async -> Void
  ) async throws {
    let router = Router()
    router.get("healthz") { _, _ in "ok\n" }
    router.get("readyz") { _, _ -> Response in
      let status = status()
      return text("\(status.reason)\n", status: status.isReady ? .ok : .serviceUnavailable)
    }
    router.get("metrics") { _, _ -> Response in
      text(OpenMetrics.text(metrics(), status()), type: OpenMetrics.contentType)
    }
    let application = Application(
      router: router,
      configuration: ApplicationConfiguration(
        address: bindAddress(address), serverName: "postern"),
      onServerRunning: { channel in
        await onListening(listening(channel, address))
      },
      logger: logger)
    try await application.run()
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
