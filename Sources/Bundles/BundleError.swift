/// Why a bundle is refused, and where in the file the reason lies.
public struct BundleError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The raw value is the name that counters and JSON use.
  public enum Reason: String, CaseIterable, Sendable {
    case unreachable
    case tooLarge = "too_large"
    case truncated
    case malformed
    case badDigest = "bad_digest"
    case unsigned
    case unknownKey = "unknown_key"
    case badSignature = "bad_signature"
    case olderSerial = "older_serial"
    case reusedSerial = "reused_serial"
    case expired
    case wrongEnvironment = "wrong_environment"
    case badCertificate = "bad_certificate"
    case badImage = "bad_image"
    case unknownTrigger = "unknown_trigger"
    case notPublished = "not_published"
  }

  public var reason: Reason
  /// Of the first byte that is at fault.
  public var offset: Int
  /// What, and what to do.
  public var message: String
  /// Whether a file could not be read just now: the next look tries again, whether it has changed or not.
  var isTransient = false
  /// Of an image that another version of Postern has compiled.
  var imageFormat: UInt32?

  public init(_ reason: Reason, at offset: Int = 0, _ message: String) {
    self.reason = reason
    self.offset = offset
    self.message = message
  }

  /// `role` says what became of the newer one: `is served`.
  static func older(_ serial: UInt64, than other: UInt64, which role: String) -> BundleError {
    BundleError(
      .olderSerial, at: 24,
      "serial \(serial) is older than \(other), which \(role); compile it again with a higher --serial")
  }

  /// `reason at byte N: what, and what to do`.
  public var description: String { "\(reason.rawValue) at byte \(offset): \(message)" }
}
