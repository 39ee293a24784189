import Foundation

/// How the times between requests of an open loop are spread.
public enum ArrivalKind: String, CaseIterable, Codable, Sendable {
  /// As independent callers come: gaps are exponentially distributed.
  case poisson
  /// Like clockwork.
  case constant
}

/// The times at which requests are to be sent, whatever became of the ones before.
public struct Arrivals: Sendable {
  private let kind: ArrivalKind
  private let start: UInt64
  private let gap: Double
  private var random: SplitMix64
  private var offset: Double

  /// From `start` on, in nanoseconds; `phase` of a gap later, from 0 to 1.
  public init(
    _ kind: ArrivalKind, perSecond: Double, start: UInt64, phase: Double = 0, seed: UInt64
  ) {
    precondition(perSecond > 0)
    self.kind = kind
    self.start = start
    gap = 1e9 / perSecond
    random = SplitMix64(seed: seed)
    offset = 0
    offset = kind == .constant ? gap * phase : nextGap()
  }

  /// The next request's time, in nanoseconds.
  public var next: UInt64 { start + UInt64(offset) }

  /// Goes on to the one behind it.
  public mutating func advance() { offset += nextGap() }

  private mutating func nextGap() -> Double {
    switch kind {
    case .constant: gap
    case .poisson: -log(1 - random.unit()) * gap
    }
  }
}
