import HonestClients
import TestSupport
import Wire

/// Requests whose replies nobody takes: as many as the server makes before it waits for the peer.
extension Attack {
  static var unread: [Attack] {
    let decide = RawRequest.decide(message)
    let stream = RawRequest.stream(Array(repeating: message, count: messageCount))
    return [
      unread("replies that nobody takes", decide, streamCount: UInt32(messageCount)),
      unread("a stream whose replies nobody takes", stream, streamCount: 1, end: .reset(code: 8)),
      unread("streams whose replies nobody takes", stream, streamCount: 16, end: .reset(code: 8)),
    ]
  }

  /// LIMIT: of which the replies to a few are more than may wait, on a connection or on a stream.
  private static let messageCount = 8

  /// LIMIT: bytes of replies that may wait for a client, by the default settings.
  private static let queuedByteCount = 64 << 10

  /// With windows of nothing, so that the kernel's buffers take none of it. The server goes beyond what may
  /// wait by one reply, its buffers by a quarter, and of what its loop may have yet to read a connection has
  /// its part.
  static func unread(
    _ name: String, _ request: RawRequest, streamCount: UInt32, end: End = .goAway(code: 11)
  ) -> Attack {
    let frames = (0..<streamCount).flatMap { request.frames(on: 2 * $0 + 1) }
    var attack = Attack(name, settings: [(id: 4, value: 0)], end: end, frames)
    attack.isSlow = true
    let windows: [Frame] = [.windowUpdate(0, UInt32(windowMax) - 65_535)]
    attack.twin = Attack(name, settings: [(id: 4, value: UInt32(windowMax))], windows + frames).bytes
    attack.crowd = 16
    attack.openByteCount =
      Int(streamCount) * (request.body.count + requestByteCount) + queuedByteCount * 5 / 4 + replyByteCountMax
      + (4 << 20) / attack.crowd
    return attack
  }

  /// The largest (RFC 9113 6.9.1).
  private static let windowMax = Int32.max

  /// LIMIT: bytes of the reply to `message`.
  private static let replyByteCountMax = 64 << 10
  /// LIMIT: 4 KiB, that give a reply of twelve times as much.
  private static let decisionCount = 64

  /// So many decisions that want their reasons.
  private static let message = decisions(decisionCount, userRisk: risk, flags: .explain)
}
