/// What a client says first that speaks TLS, to a door that does not.
enum TLSHello {
  /// Whether a connection's first bytes begin a handshake record of TLS (RFC 8446 5.1).
  static func applies(to bytes: Span<UInt8>) -> Bool {
    bytes.count >= 3 && bytes[0] == 22 && bytes[1] == 3 && bytes[2] <= 4
  }
}
