import HTTP2

/// Whether a peer takes its replies: a window that is not opened or a socket that is not read holds
/// memory for as long as it is let.
struct OutputProgress {
  private var sentByteCount: UInt64 = 0
  /// Since when the peer has taken less than it must, in nanoseconds; 0 when nothing waits for it.
  private var stalledSince: UInt64 = 0

  /// Whether the peer has been stalling for the time that `settings` give it. To be asked once a second.
  ///
  /// - Parameter isWaiting: replies wait for the peer.
  mutating func isStalled(
    isWaiting: Bool, sentByteCount: UInt64, at now: UInt64, _ settings: HTTP2Settings
  ) -> Bool {
    guard isWaiting else {
      stalledSince = 0
      return false
    }
    if stalledSince == 0 || sentByteCount - self.sentByteCount >= UInt64(settings.stallByteCount) {
      stalledSince = now
      self.sentByteCount = sentByteCount
      return false
    }
    let seconds = settings.stallSeconds
    return seconds > 0 && now - stalledSince >= UInt64(seconds) * 1_000_000_000
  }
}
