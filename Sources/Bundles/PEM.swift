import Foundation

/// Ed25519 keys as OpenSSL writes them (RFC 8410): a fixed DER prefix and 32 bytes.
enum PEM {
  static let privatePrefix = Data([
    0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
  ])
  static let publicPrefix = Data([
    0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00,
  ])
  private static let keyByteCount = 32
  /// LIMIT: a handful of keys while they are rotated; each takes 113 bytes.
  static let byteCountMax = 64 << 10

  static func text(_ der: Data, label: String) -> String {
    "-----BEGIN \(label)-----\n\(der.base64EncodedString())\n-----END \(label)-----\n"
  }

  /// The keys of every block of a label. Other text is passed over, as OpenSSL does; a block of the
  /// label that holds no Ed25519 key is an error.
  static func blocks(
    of text: String, labelled label: String, _ prefix: Data, file: String
  ) throws(KeyError) -> [Data] {
    guard text.utf8.count <= byteCountMax else {
      throw KeyError(description: "\(file): more than \(byteCountMax) bytes; that is no key file")
    }
    var keys: [Data] = []
    var lines: [Substring]?
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .enumerated() {
      if line == "-----BEGIN \(label)-----" {
        lines = []
      } else if line == "-----END \(label)-----", let block = lines {
        guard let der = Data(base64Encoded: block.joined()), der.starts(with: prefix),
          der.count == prefix.count + keyByteCount
        else {
          throw KeyError(
            description: "\(file):\(index + 1):1: error: no Ed25519 key in this block;"
              + " `postern bundle keygen` makes a pair")
        }
        keys.append(Data(der.dropFirst(prefix.count)))
        lines = nil
      } else {
        lines?.append(line)
      }
    }
    return keys
  }
}
