import Signals
import Wire

/// Who is at the other end of a connection, as far as proof may rest on it.
public struct ConnectionPeer: BitwiseCopyable, Equatable, Sendable {
  /// An IPv4 address as IPv4-mapped IPv6; `nil` where it has none.
  public var address: UInt128?
  /// On a unix socket: who may open it is the file's owner, group and mode.
  public var isLocal: Bool
  /// Whether it has shown a certificate with one of `EdgeProofSettings.trustedPeerNames`. Whoever
  /// verifies certificates sets it: names take longer to compare than a request may.
  public var hasTrustedName = false
  /// Whether it is a proxy whose `x-forwarded-*` headers are believed. Set by whoever accepts the connection.
  public var mayForward = false

  public static let unknown = ConnectionPeer(address: nil, isLocal: false)
  public static let local = ConnectionPeer(address: nil, isLocal: true)

  public init(address: UInt128?, isLocal: Bool = false) {
    self.address = address
    self.isLocal = isLocal
  }
}

/// A block of addresses: `10.0.0.0/8`, `2001:db8::/32`, or one address.
public struct AddressBlock: BitwiseCopyable, Equatable, Sendable {
  let first: UInt128
  let mask: UInt128

  /// `nil` when the text is no block, or has bits set behind its prefix.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let bytes = Array(parts[0].utf8)
    guard let address = parseAddress(bytes.span, ByteRange(offset: 0, count: bytes.count)) else {
      return nil
    }
    let bitCount = parts[0].contains(":") ? 128 : 32
    var prefix = bitCount
    if parts.count == 2 {
      guard let number = Int(parts[1]), "\(number)" == parts[1], (0...bitCount).contains(number)
      else { return nil }
      prefix = number
    }
    let hostBitCount = bitCount - prefix
    let mask = hostBitCount == 128 ? 0 : UInt128.max << UInt128(hostBitCount)
    guard address & ~mask == 0 else { return nil }
    first = address
    self.mask = mask
  }

  public func contains(_ address: UInt128) -> Bool { address & mask == first }
}

/// The peers that pass on only what the edge sent: proxies that check it themselves, and remove what
/// others add.
struct TrustedPeers: ~Copyable {
  private var blocks = ScratchList<AddressBlock>()
  private let trustsLocal: Bool

  init(_ blocks: [AddressBlock], trustsLocal: Bool) {
    for block in blocks { self.blocks.append(block) }
    self.trustsLocal = trustsLocal
  }

  /// O(blocks).
  func contains(_ peer: ConnectionPeer) -> Bool {
    if peer.isLocal { return trustsLocal }
    guard let address = peer.address else { return false }
    for index in blocks.indices where blocks[index].contains(address) { return true }
    return false
  }
}
