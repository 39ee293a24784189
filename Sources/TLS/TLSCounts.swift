import Logging
import NIOCore
import Synchronization

/// What all TLS doors of a server count, and what of it is logged. Handshakes are rare beside
/// requests: one lock for all loops.
public final class TLSCounts: Sendable {
  private struct State {
    var handshakes: UInt64 = 0
    var refusals: [TLSRefusal: UInt64] = [:]
    /// By reason: when it was logged last, and how often it has happened since.
    var logged: [TLSRefusal: (at: NIODeadline, since: UInt64)] = [:]
  }

  /// LIMIT: a reason is logged at most once in so long; a flood of refusals is no flood of lines.
  private static let logInterval = TimeAmount.minutes(1)

  private let state = Mutex(State())
  private let logger: Logger

  public init(_ logger: Logger) { self.logger = logger }

  public var handshakes: UInt64 { state.withLock { $0.handshakes } }

  /// Every reason, in order.
  public var refusals: [(name: String, count: UInt64)] {
    let refusals = state.withLock { $0.refusals }
    return TLSRefusal.allCases.map { ($0.rawValue, refusals[$0] ?? 0) }
  }

  func countHandshake() { state.withLock { $0.handshakes += 1 } }

  /// Counts a refusal, and logs it unless its reason was logged just now. `detail` is asked for only
  /// where it is logged.
  public func refuse(
    _ refusal: TLSRefusal, _ peer: SocketAddress?, detail: @autoclosure () -> String = ""
  ) {
    let suppressed = state.withLock { state -> UInt64? in
      state.refusals[refusal, default: 0] += 1
      let now = NIODeadline.now()
      if let last = state.logged[refusal], now - last.at < Self.logInterval {
        state.logged[refusal]?.since += 1
        return nil
      }
      return state.logged.updateValue((now, 0), forKey: refusal)?.since ?? 0
    }
    guard refusal.isLogged, let suppressed else { return }
    var metadata: Logger.Metadata = ["reason": "\(refusal.rawValue)"]
    metadata["peer"] = peer?.ipAddress.map { "\($0)" }
    let detail = detail()
    if !detail.isEmpty { metadata["detail"] = "\(detail)" }
    if suppressed > 0 { metadata["unloggedBefore"] = "\(suppressed)" }
    logger.warning("connection refused: \(refusal.advice)", metadata: metadata)
  }
}
