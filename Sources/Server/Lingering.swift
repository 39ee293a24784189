import HTTP2
import NIOCore

/// How long a connection lingers that is to end.
struct Lingering {
  /// LIMIT: how long a peer that has been told the end may take to end the connection itself, or to say that
  /// it is at work.
  static let period = TimeAmount.seconds(1)
  /// LIMIT: so many seconds at most, whatever the peer takes: six times as long as a server gives all to end.
  private static let roundsMax = 60
  /// LIMIT: so many periods while the peer's kernel has all and the peer says something: half as long as a
  /// server gives all to end.
  private static let heardPeriodsMax = 5
  /// LIMIT: seconds without progress where the settings know no patience.
  private static let patience = 1
  /// LIMIT: bytes that are read to be thrown away. Who opens windows and cancels sends far fewer.
  private static let heardBytesMax = 1 << 20

  /// There is nothing that the peer could miss, or it did what it must not.
  var isShort = false
  private var heardByteCount = 0
  private var hasHeard = false
  private var heardPeriods = 0
  /// Bytes that were yet to be taken when the peer last did as it must; `nil` before the first round.
  private var unsentByteCount: Int?
  /// Rounds since then.
  private var stalledRounds = 0
  private var rounds = 0

  /// Bytes have come, and are thrown away.
  mutating func hear(_ byteCount: Int) {
    hasHeard = true
    heardByteCount += byteCount
    if heardByteCount > Self.heardBytesMax { isShort = true }
  }

  /// Whether another period is due. To be asked behind each, once the kernel has been given all.
  mutating func goesOn(unsentByteCount: Int) -> Bool {
    if isShort { return false }
    if unsentByteCount > 0 { return true }
    heardPeriods += 1
    defer { hasHeard = false }
    return hasHeard && heardPeriods < Self.heardPeriodsMax
  }

  /// Whether the peer has not taken what it must in the time that `settings` give it, or has had all the time
  /// there is. To be asked every second.
  mutating func isOver(unsentByteCount count: Int, _ settings: HTTP2Settings) -> Bool {
    rounds += 1
    // It may be larger than before: there are bytes that count for more once the kernel has them.
    let isProgress = unsentByteCount.map { !isShort && $0 - count >= max(1, settings.stallByteCount) } ?? true
    if isProgress {
      unsentByteCount = count
      stalledRounds = 0
    } else {
      stalledRounds += 1
    }
    return rounds >= Self.roundsMax
      || stalledRounds >= (settings.stallSeconds > 0 ? settings.stallSeconds : Self.patience)
  }
}
