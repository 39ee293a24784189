import AsyncHTTPClient
import Bundles
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization

/// An HTTP or HTTPS address as a source of bundles: any object store or content network will do.
///
/// What it gives is only ever offered to a `BundleReloader`: that a bundle is good says its signature,
/// not where it came from.
public final class BundleURL: Sendable {
  public struct Limits: Sendable {
    public var byteCount = BundleLimits.fileByteCount
    /// LIMIT: a server that does not take a connection in this time is down.
    public var connectTimeout = Duration.seconds(5)
    /// LIMIT: from the request to the last byte; the largest bundle needs 35 Mbit/s.
    public var totalTimeout = Duration.seconds(60)

    public init() {}
  }

  private let address: BundleAddress
  private let limits: Limits
  private let client: HTTPClient
  /// The entity tag of the last answer that had a bundle in it.
  private let entityTag = Mutex<String?>(nil)
  private let doubt = Mutex(Doubt.none)

  /// Whether the last answer may be another when it is asked for again.
  private enum Doubt {
    case none
    /// What is refused lies behind what the digest covers: one damaged byte there is enough. The same bytes
    /// once more are the release's own.
    case untilItComesAgain
    /// It is not as it was made, or could not be used just now.
    case whateverComes

    init(_ reason: BundleError.Reason) {
      self =
        switch reason {
        // What a release says whose digest is right.
        case .unsigned, .olderSerial, .reusedSerial, .expired, .wrongEnvironment, .unknownTrigger,
          .badCertificate, .badImage:
          .none
        case .unknownKey, .badSignature: .untilItComesAgain
        case .unreachable, .tooLarge, .truncated, .malformed, .badDigest, .notPublished: .whateverComes
        }
    }
  }

  /// `authorities` is a PEM file of the certificates that an HTTPS address's must be signed by, in place
  /// of the system's. The error is one that cannot be read.
  public convenience init(
    _ url: String, authorities: String, limits: Limits = Limits()
  ) throws(BundleError) {
    let certificates: [NIOSSLCertificate]
    do {
      certificates = try NIOSSLCertificate.fromPEMFile(authorities)
    } catch {
      throw BundleError(
        .unreachable, "`\(authorities)` holds no certificates (\(error)); give a PEM file of them")
    }
    self.init(url, trusting: .certificates(certificates), limits: limits)
  }

  /// User info of the address is sent as `authorization`, to its origin alone; it is never shown, nor is the
  /// query.
  public convenience init(_ url: String, limits: Limits = Limits()) {
    self.init(url, trusting: .default, limits: limits)
  }

  private init(_ url: String, trusting roots: NIOSSLTrustRoots, limits: Limits) {
    address = BundleAddress(url)
    self.limits = limits
    var configuration = HTTPClient.Configuration(
      redirectConfiguration: .follow(max: 3, allowCycles: false))
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.trustRoots = roots
    configuration.tlsConfiguration = tls
    configuration.timeout.connect = .nanoseconds(Int64(limits.connectTimeout / .nanoseconds(1)))
    configuration.timeout.read = .nanoseconds(Int64(limits.totalTimeout / .nanoseconds(1)))
    client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }

  // A client has to be shut down before it goes; it keeps itself alive until that is done.
  deinit { client.shutdown(queue: .global()) { _ in } }

  /// The bundle that is there; `nil` when it is the one of the last time.
  public func fetch() async throws(BundleError) -> BundleBytes? {
    do {
      return try await withThrowingTaskGroup(of: BundleBytes?.self) { group in
        group.addTask { try await self.request() }
        group.addTask {
          try await Task.sleep(for: self.limits.totalTimeout)
          throw BundleError(
            .unreachable, "`\(self.address.shown)` took longer than \(self.limits.totalTimeout)")
        }
        defer { group.cancelAll() }
        return try await group.next() ?? nil
      }
    } catch let error as BundleError {
      throw error
    } catch {
      throw BundleError(.unreachable, "`\(address.shown)` cannot be fetched: \(error)")
    }
  }

  private func request() async throws -> BundleBytes? {
    var request = HTTPClientRequest(url: address.url)
    request.headers.add(name: "user-agent", value: "postern")
    // The client takes it off where a redirect leads to another origin.
    if let authorization = address.authorization {
      request.headers.add(name: "authorization", value: authorization)
    }
    if let tag = entityTag.withLock({ $0 }) {
      request.headers.add(name: "if-none-match", value: tag)
    }
    let timeout = TimeAmount.nanoseconds(Int64(limits.totalTimeout / .nanoseconds(1)))
    let response = try await client.execute(request, timeout: timeout)
    switch response.status {
    case .notModified: return nil
    case .ok: break
    default:
      throw BundleError(.unreachable, "`\(address.shown)` answered \(response.status.code)")
    }
    let tooLarge = BundleError(
      .tooLarge, at: limits.byteCount, "`\(address.shown)` has more than \(limits.byteCount) bytes")
    if let length = response.headers.first(name: "content-length").flatMap({ Int($0) }),
      length > limits.byteCount
    {
      throw tooLarge
    }
    let body: ByteBuffer
    do {
      body = try await response.body.collect(upTo: limits.byteCount)
    } catch is NIOTooManyBytesError {
      throw tooLarge
    }
    let bytes = try BundleBytes.copying(Array(body.readableBytesView))
    entityTag.withLock { $0 = response.headers.first(name: "etag") }
    return bytes
  }

  /// Takes what became of the bundle that was fetched last. It is fetched anew the next time, changed or
  /// not, where that may help: it came damaged, or could not be published. A release that came whole and is
  /// refused is not asked for again until it changes. What came damaged is, without its tag however often it
  /// comes: where a cache on the way holds a damaged copy under the tag of the whole one, a 304 for that tag
  /// would keep it out for good.
  ///
  /// Returns whether what came was of use. Where it was not, ask more and more rarely, as where nobody
  /// answers: a release that is damaged at its source would come whole at every poll.
  @discardableResult
  public func judged(_ outcome: BundleReloader.Outcome) -> Bool {
    doubt.withLock { doubt in
      switch outcome {
      case .published, .unchanged: doubt = .none
      case .refused(let error): doubt = Doubt(error.reason)
      case .refusedBefore: if doubt == .untilItComesAgain { doubt = .none }
      }
      if doubt != .none { forgetEntityTag() }
      return doubt != .whateverComes
    }
  }

  /// Fetches the bundle anew the next time, changed or not.
  public func forgetEntityTag() { entityTag.withLock { $0 = nil } }
}
