import CByteMask
import Wire

/// Sixty-four bytes at once. An answer has one bit a byte, the first byte's lowest.
struct Bytes64: BitwiseCopyable {
  static let count = 64

  private let part0: SIMD16<UInt8>
  private let part1: SIMD16<UInt8>
  private let part2: SIMD16<UInt8>
  private let part3: SIMD16<UInt8>

  /// The bytes from `offset` on. Traps out of bounds.
  @inline(__always)
  init(_ bytes: Span<UInt8>, at offset: Int) {
    precondition(offset >= 0 && offset <= bytes.count &- Self.count)
    // SAFETY: 64 bytes from `offset` on are in bounds by the line above.
    part0 = unsafe bytes.load16(unchecked: offset)
    part1 = unsafe bytes.load16(unchecked: offset &+ 16)
    part2 = unsafe bytes.load16(unchecked: offset &+ 32)
    part3 = unsafe bytes.load16(unchecked: offset &+ 48)
  }

  @inline(__always)
  func matches(_ byte: UInt8) -> UInt64 {
    let low = bitsOf(byte, in: part0) | bitsOf(byte, in: part1) << 16
    let high = bitsOf(byte, in: part2) | bitsOf(byte, in: part3) << 16
    return low | high << 32
  }

  /// The bytes below 0x20, and 0x7F.
  @inline(__always)
  var controls: UInt64 {
    let low = UInt64(postern_controls(part0)) | UInt64(postern_controls(part1)) << 16
    let high = UInt64(postern_controls(part2)) | UInt64(postern_controls(part3)) << 16
    return low | high << 32
  }

  /// Whether there are any `controls`: takes less than all of them.
  @inline(__always)
  var hasControl: Bool { postern_has_control(part0, part1, part2, part3) }
}
