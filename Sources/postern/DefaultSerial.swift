import Bundles
import Foundation

/// The serial of a bundle that is given none: above those of all that were compiled before it by a clock that
/// is right, two in a second among them, and above that of the bundle that it replaces.
enum DefaultSerial {
  /// Microseconds since 1970, above all seconds since then, and exact in JSON until 2255. A clock that
  /// was set back does not make what replaces a bundle older than that.
  /// `nil` where nothing can be newer than that.
  static func next(at date: Date, replacing output: String) -> UInt64? {
    let microseconds = max(1, UInt64(clamping: Int64(date.timeIntervalSince1970 * 1e6)))
    guard let replaced = BundleHeader.serial(ofFile: output), replaced >= microseconds else {
      return microseconds
    }
    return replaced == .max ? nil : replaced + 1
  }
}
