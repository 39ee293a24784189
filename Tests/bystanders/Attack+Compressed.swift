import HonestClients
import TestSupport
import Wire

/// Compressed bodies that are many times as long as what is sent of them: what a message holds once it is
/// decompressed is nobody's but its loop's, one message at a time.
extension Attack {
  static var compressedBodies: [Attack] {
    [
      bombs("compressed bodies that lie of their length", lie),
      bombs("compressed bodies of nothing", zeros),
      bombs("compressed requests whose replies nobody takes", requests),
    ]
  }

  private static func bombs(_ name: String, _ message: [UInt8]) -> Attack {
    var attack = unread(name, .decide(message), streamCount: bombCount)
    attack.isCompressed = true
    return attack
  }

  /// LIMIT: on one connection, 100 MiB if all were kept.
  private static let bombCount: UInt32 = 100

  /// The longest body there may be, in 4 KiB.
  private static let zeros = packedZeros(Limits.messageByteCount - MessageHeader.byteCount)

  /// It says that it is a byte longer than it is, which is known when it has been decompressed.
  private static let lie: [UInt8] = {
    let byteCount = Limits.messageByteCount - MessageHeader.byteCount
    var message = packedZeros(byteCount - 1)
    for index in 0..<4 { message[8 + index] = UInt8(truncatingIfNeeded: byteCount >> (8 * index)) }
    return message
  }()

  /// As many decisions as there may be.
  private static let requests = compressed(decisions(Limits.decisionCount, userRisk: risk, flags: .explain))

  private static func packedZeros(_ byteCount: Int) -> [UInt8] {
    var message = ByteWriter()
    message.beginMessage(.request)
    for _ in 0..<byteCount { message.append(UInt8(0)) }
    message.finishMessage(decisionCount: Limits.decisionCount)
    return compressed([UInt8](copying: message.span))
  }
}
