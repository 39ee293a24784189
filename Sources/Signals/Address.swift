import CWide
import Wire

/// An IPv4 or IPv6 address from text, IPv4 as IPv4-mapped IPv6; `nil` when it is not one.
///
/// IPv4 is four decimal numbers without leading zeros, IPv6 any form of RFC 4291 2.2; no zone, no
/// brackets, no prefix length.
public func parseAddress(_ bytes: Span<UInt8>, _ range: ByteRange) -> UInt128? {
  if let address = readIPv4(bytes, range) { return 0xFFFF_0000_0000 | address }
  return parseIPv6(bytes, from: range.start, to: range.end)
}

private func readIPv4(_ bytes: Span<UInt8>, _ range: ByteRange) -> UInt128? {
  guard !range.isEmpty, range.count <= UInt32(POSTERN_IPV4_BYTES_MAX) else { return nil }
  guard range.start + Int(POSTERN_IPV4_READABLE) <= bytes.count else {
    return parseIPv4(bytes, from: range.start, to: range.end)
  }
  var address: UInt32 = 0
  // SAFETY: the bytes that are read are in bounds by the line above.
  let isAddress = unsafe bytes.withUnsafeBufferPointer {
    unsafe postern_read_ipv4($0.baseAddress! + range.start, Int(range.count), &address)
  }
  return isAddress ? UInt128(address) : nil
}

/// As `readIPv4`, for an address within another one, and near the end of a message.
private func parseIPv4(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> UInt128? {
  var address: UInt128 = 0
  var number = 0
  var digitCount = 0
  var numberCount = 1
  for offset in start..<end {
    let byte = bytes[offset]
    if isDigit(byte) {
      guard digitCount == 0 || number > 0 else { return nil }
      number = number * 10 + Int(byte - UInt8(ascii: "0"))
      digitCount += 1
      guard number <= 255 else { return nil }
    } else {
      guard byte == UInt8(ascii: "."), digitCount > 0, numberCount < 4 else { return nil }
      address = address << 8 | UInt128(number)
      numberCount += 1
      number = 0
      digitCount = 0
    }
  }
  guard numberCount == 4, digitCount > 0 else { return nil }
  return address << 8 | UInt128(number)
}

private func parseIPv6(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> UInt128? {
  var address: UInt128 = 0
  var groupCount = 0
  /// How many groups stand before the "::".
  var gap: Int?
  var offset = start
  if end - start >= 2, bytes[start] == UInt8(ascii: ":"), bytes[start + 1] == UInt8(ascii: ":") {
    gap = 0
    offset = start + 2
  }
  while offset < end {
    let groupStart = offset
    var group: UInt128 = 0
    while offset < end, offset - groupStart < 4, let digit = hexDigit(bytes[offset]) {
      group = group << 4 | UInt128(digit)
      offset += 1
    }
    if offset < end, bytes[offset] == UInt8(ascii: ".") {
      guard groupCount <= 6, let last = parseIPv4(bytes, from: groupStart, to: end) else {
        return nil
      }
      address = address << 32 | last
      groupCount += 2
      break
    }
    guard offset > groupStart, groupCount < 8 else { return nil }
    address = address << 16 | group
    groupCount += 1
    guard offset < end else { break }
    guard bytes[offset] == UInt8(ascii: ":"), offset + 1 < end else { return nil }
    offset += 1
    if bytes[offset] == UInt8(ascii: ":") {
      guard gap == nil else { return nil }
      gap = groupCount
      offset += 1
    }
  }
  guard let gap else { return groupCount == 8 ? address : nil }
  guard groupCount < 8 else { return nil }
  let lowBitCount = 16 * (groupCount - gap)
  let low = address & ((1 << lowBitCount) - 1)
  return (address >> lowBitCount) << (16 * (8 - gap)) | low
}

private func hexDigit(_ byte: UInt8) -> UInt8? {
  if isDigit(byte) { return byte - UInt8(ascii: "0") }
  let small = byte | 0x20
  guard small >= UInt8(ascii: "a"), small <= UInt8(ascii: "f") else { return nil }
  return small - UInt8(ascii: "a") + 10
}
