/// How many of a connection's requests its peer has reset, second by second and over a longer time.
///
/// A share rather than a rate: a gateway that cancels what is late cancels hundreds in a bad second,
/// of many thousands. Who resets most of what it sends wants the work and not the answers.
struct ResetRatio {
  private static let secondNanoseconds: UInt64 = 1_000_000_000

  /// Streams and resets of a time that began at `start`.
  private struct Span {
    var start: UInt64 = 0
    var streamCount = 0
    var resetCount = 0
  }

  private let settings: (streamCount: Int, sustainedStreamCount: Int, percent: Int)
  private let windowNanoseconds: UInt64
  private var second = Span()
  /// The seconds of the window that are over.
  private var window = Span()

  init(_ settings: HTTP2Settings) {
    self.settings = (
      settings.rapidResetStreamCount, settings.sustainedResetStreamCount, settings.rapidResetPercent
    )
    windowNanoseconds = settings.faultWindowNanoseconds
  }

  @inline(__always)
  mutating func countStream(at now: UInt64) {
    advance(to: now)
    second.streamCount += 1
  }

  /// Whether that was still within measure.
  mutating func countReset(at now: UInt64) -> Bool {
    advance(to: now)
    second.resetCount += 1
    return isWithin(second.streamCount, second.resetCount, settings.streamCount)
      && isWithin(
        window.streamCount + second.streamCount, window.resetCount + second.resetCount,
        settings.sustainedStreamCount)
  }

  /// One of this second's was no request taken back. It has been counted by then, as all frames of a read are
  /// before it is known what they end: these are far fewer than any limit of use.
  mutating func forgive() { second.resetCount = max(0, second.resetCount - 1) }

  private func isWithin(_ streamCount: Int, _ resetCount: Int, _ leastCount: Int) -> Bool {
    // Resets without streams count as well, or a flood of them alone would pass.
    guard max(streamCount, resetCount) > leastCount else { return true }
    return resetCount * 100 <= streamCount * settings.percent
  }

  @inline(__always)
  private mutating func advance(to now: UInt64) {
    guard now &- second.start >= Self.secondNanoseconds else { return }
    beginSecond(at: now)
  }

  private mutating func beginSecond(at now: UInt64) {
    if now &- window.start >= windowNanoseconds {
      window = Span(start: now)
    } else {
      window.streamCount += second.streamCount
      window.resetCount += second.resetCount
    }
    second = Span(start: now)
  }
}
