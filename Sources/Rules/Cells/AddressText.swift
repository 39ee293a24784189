import Signals
import Wire

/// The first 96 bits of an IPv4-mapped IPv6 address.
private let mappedPrefix: UInt128 = 0xFFFF << 32

/// An address from text, IPv4 as IPv4-mapped IPv6; `nil` when it is not one.
func address(from text: String) -> UInt128? {
  let bytes = Array(text.utf8)
  return parseAddress(bytes.span, ByteRange(offset: 0, count: bytes.count))
}

/// Whether an address is IPv4.
func isIPv4(_ address: UInt128) -> Bool { address >> 32 == mappedPrefix >> 32 }

/// An address as people write it: dotted IPv4, or IPv6 in the form of RFC 5952.
func addressText(_ address: UInt128) -> String {
  if isIPv4(address) {
    return (0..<4).map { String(UInt8(truncatingIfNeeded: address >> UInt128(24 - 8 * $0))) }
      .joined(separator: ".")
  }
  let groups = (0..<8).map { UInt16(truncatingIfNeeded: address >> UInt128(112 - 16 * $0)) }
  var longest = 0..<0
  var start = 0
  while start < 8 {
    let count = groups[start...].prefix { $0 == 0 }.count
    if count > 1, count > longest.count { longest = start..<(start + count) }
    start += max(1, count)
  }
  let hex = { (range: Range<Int>) in
    groups[range].map { String($0, radix: 16) }.joined(separator: ":")
  }
  guard !longest.isEmpty else { return hex(0..<8) }
  return hex(0..<longest.lowerBound) + "::" + hex(longest.upperBound..<8)
}

/// An address, or a block like `10.0.0.0/8`.
func addressBlock(_ text: String) throws(CellError) -> ClosedRange<UInt128> {
  let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
  guard let first = parts.first.map(String.init).flatMap(address(from:)) else {
    throw CellError(
      "`\(text)` is no address; write one like `192.0.2.7`, `2001:db8::1` or `10.0.0.0/8`", at: 0)
  }
  guard parts.count == 2 else { return first...first }
  // A dotted address counts its prefix from its own 32 bits.
  let width = isIPv4(first) && !parts[0].contains(":") ? 32 : 128
  guard let length = Int(parts[1]), (0...width).contains(length) else {
    throw CellError(
      "`/\(parts[1])` is no prefix length; write 0 to \(width)", at: parts[0].count)
  }
  let hostMask: UInt128 = length == width ? 0 : UInt128.max >> UInt128(128 - (width - length))
  guard first & hostMask == 0 else {
    throw CellError(
      "`\(text)` has bits behind its prefix; write `\(addressText(first & ~hostMask))/\(length)`"
        + " for the block or `\(parts[0])` for the address", at: 0)
  }
  return first...(first | hostMask)
}
