/// A name in a peer's certificate (RFC 5280 4.2.1.6), of a kind by which peers are known.
///
/// INVARIANT (ascii-name): texts are visible ASCII, host names in lower case: equal names are equal
/// bytes, and no byte ends a name early for whoever reads it next.
public enum PeerName: Hashable, Sendable {
  case dns(String)
  case uri(String)
  /// IPv4 as IPv4-mapped IPv6.
  case address(UInt128)

  /// `nil` where the bytes are no host name.
  public init?(dns bytes: some Sequence<UInt8>) {
    guard let text = visibleText(bytes) else { return nil }
    self = .dns(text.lowercased())
  }

  /// `nil` where the bytes are no URI.
  public init?(uri bytes: some Sequence<UInt8>) {
    guard let text = visibleText(bytes) else { return nil }
    self = .uri(text)
  }

  /// `nil` where there are not 4 or 16 bytes, in network order.
  public init?(address bytes: some Collection<UInt8>) {
    guard bytes.count == 4 || bytes.count == 16 else { return nil }
    let number = bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
    self = .address(bytes.count == 4 ? number | 0xFFFF << 32 : number)
  }
}

private func visibleText(_ bytes: some Sequence<UInt8>) -> String? {
  let bytes = Array(bytes)
  guard !bytes.isEmpty, bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
  return String(decoding: bytes, as: UTF8.self)
}
