import EdgeProof
import WatchedFiles

/// A file that holds one secret and nothing else; a line end behind it is not part of it.
enum SecretFile {
  /// Reads the secret.
  static func read(_ path: String) throws(WholeFile.Fault) -> [UInt8] {
    // LIMIT: the largest secret, and a line end.
    var bytes = try WholeFile.read(
      path, holds: "the secret alone", upTo: SharedSecrets.byteCountMax + 2, isSecret: true)
    if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
    return bytes
  }
}
