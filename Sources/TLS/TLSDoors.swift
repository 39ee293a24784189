import Logging
import NIOCore
import NIOSSL
import Synchronization
import WatchedFiles

/// The TLS of a server's TCP doors: its certificates, read again when their files change, and what is
/// counted of it.
public final class TLSDoors: Sendable {
  /// What came of a look at the files.
  public enum Look: Equatable, Sendable {
    case unchanged
    case loaded
    case refused(TLSFileError)
  }

  private struct State {
    var material: TLSMaterial
    /// Every file, as it was just before it was read.
    var stamps: [String: FileStamp?]
    var loaded: UInt64 = 1
    var refused: UInt64 = 0
  }

  private let settings: TLSSettings
  private let state: Mutex<State>
  private let logger: Logger
  private let now: @Sendable () -> Int64
  private let counts: TLSCounts

  /// Reads the files. `now` is seconds since 1970.
  public init(
    _ settings: TLSSettings, _ logger: Logger, _ counts: TLSCounts, now: @escaping @Sendable () -> Int64
  ) throws(TLSFileError) {
    self.settings = settings
    self.logger = logger
    self.now = now
    self.counts = counts
    let stamps = Self.stamps(settings)
    let material = try TLSMaterial(settings)
    state = Mutex(State(material: material, stamps: stamps))
    warn(of: material)
  }

  /// The handshakes of one loop of a server that allows so many on each.
  public func makeQueue(countMax: Int) -> HandshakeQueue {
    HandshakeQueue(countMax: countMax, sourcePercent: settings.handshakeSourcePercent)
  }

  /// Puts TLS into the pipeline of a connection that was just accepted. What is added behind it sees
  /// the connection open, after a `PeerAdmitted`, when its peer is admitted.
  public func addHandlers(to channel: any Channel, _ queue: HandshakeQueue) throws {
    let tls = NIOSSLServerHandler(context: state.withLock { $0.material.context })
    try channel.pipeline.syncOperations.addHandlers(
      [tls, HandshakeGate(settings, tls, queue, counts, clock: now)] as [any ChannelHandler])
  }

  // MARK: Files

  /// Reads the files again where one is another than before, or with `force` whatever is there.
  /// Connections from now on use what was read; where anything is wrong with it, what they used
  /// before. Blocks, and is not for an event loop.
  @discardableResult
  public func look(force: Bool) -> Look {
    let stamps = Self.stamps(settings)
    guard force || state.withLock({ $0.stamps != stamps }) else { return .unchanged }
    let material: TLSMaterial
    do throws(TLSFileError) {
      material = try TLSMaterial(settings)
      try refuseUseless(material)
    } catch {
      state.withLock {
        $0.stamps = stamps
        // Whatever the file is, it has not been read.
        if error.isTransient { $0.stamps[error.path] = .some(nil) }
        $0.refused += 1
      }
      logger.error("tls files refused, the last good ones serve: \(error)")
      return .refused(error)
    }
    state.withLock {
      $0.material = material
      $0.stamps = stamps
      $0.loaded += 1
    }
    logger.info(
      "tls files loaded", metadata: ["certificateDays": "\(days(until: material.certificateEnds))"])
    warn(of: material)
    return .loaded
  }

  /// Certificates that do not hold now do not replace such as do: nobody could connect.
  private func refuseUseless(_ material: TLSMaterial) throws(TLSFileError) {
    let seconds = now()
    let used = state.withLock(\.material)
    if !material.certificate.contains(seconds), used.certificate.contains(seconds) {
      let problem =
        material.certificateEnds < seconds
        ? "has a certificate that has ended; put a renewed one there"
        : "has a certificate that has not begun; put one there that holds now"
      throw TLSFileError(path: settings.certificate, problem: problem)
    }
    guard let path = settings.clientCA, let roots = material.clientCA else { return }
    func hold(_ roots: [ClosedRange<Int64>]) -> Bool { roots.contains { $0.contains(seconds) } }
    if !hold(roots), hold(used.clientCA ?? []) {
      throw TLSFileError(
        path: path, problem: "has no root that holds now, and nobody could connect; put one there that does")
    }
  }

  private static func stamps(_ settings: TLSSettings) -> [String: FileStamp?] {
    var stamps: [String: FileStamp?] = [:]
    for path in [settings.certificate, settings.key, settings.clientCA].compactMap(\.self) {
      stamps.updateValue(FileStamp(path), forKey: path)
    }
    return stamps
  }

  /// Those of the certificates in use that have ended, or end soon.
  public var ends: [CertificateEnd] { ends(of: state.withLock { $0.material }) }

  private func ends(of material: TLSMaterial) -> [CertificateEnd] {
    var ends = [
      CertificateEnd(
        path: settings.certificate, days: days(until: material.certificateEnds), isServers: true)
    ]
    if let path = settings.clientCA, let end = material.clientCAEnds {
      ends.append(CertificateEnd(path: path, days: days(until: end), isServers: false))
    }
    return ends.filter { $0.hasEnded || $0.days < Double(settings.expiryWarningDays) }
  }

  private func warn(of material: TLSMaterial) {
    for end in ends(of: material) {
      logger.warning(
        "a certificate ends soon or has ended; renew it",
        metadata: ["file": "\(end.path)", "days": "\(end.days)"])
    }
  }

  /// Days, to a hundredth; negative when it has ended.
  private func days(until ends: Int64) -> Double {
    (Double(ends - now()) / 864).rounded(.down) / 100
  }

  // MARK: Metrics

  /// Days until a certificate ends, by what it is for.
  public var expiryDays: [(certificate: String, days: Double)] {
    let material = state.withLock { $0.material }
    let server = [(certificate: "server", days: days(until: material.certificateEnds))]
    return server + (material.clientCAEnds.map { [("client-ca", days(until: $0))] } ?? [])
  }

  /// How often the files were taken up, the first time included, and refused.
  public var loads: (loaded: UInt64, refused: UInt64) {
    state.withLock { ($0.loaded, $0.refused) }
  }
}
