import NIOCore

/// Where a connection comes from, for a fair share: an IPv4 address, or the first half of an IPv6 one, whose
/// other half one host may choose as it likes.
enum HandshakeSource: Hashable {
  case ipv4(UInt32)
  case ipv6(UInt64)
  case unknown

  /// SAFETY, for all of it: a `sockaddr_in` has its address at 4, in 4 bytes, a `sockaddr_in6` its own at 8,
  /// in 16; any bytes are a number.
  init(_ address: SocketAddress?) {
    switch address {
    case .v4(let address):
      self = unsafe withUnsafeBytes(of: address.address) { bytes in
        .ipv4(UInt32(bigEndian: unsafe bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
      }
    case .v6(let address):
      self = unsafe withUnsafeBytes(of: address.address) { bytes in
        let first = UInt64(bigEndian: unsafe bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        let second = UInt64(bigEndian: unsafe bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
        // An IPv4 peer, as a door of both kinds sees it (RFC 4291 2.5.5.2).
        return first == 0 && second >> 32 == 0xFFFF ? .ipv4(UInt32(truncatingIfNeeded: second)) : .ipv6(first)
      }
    default: self = .unknown
    }
  }
}
