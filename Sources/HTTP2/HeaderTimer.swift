/// How long the header blocks of a read take: from where a block begins to where it has been kept.
struct HeaderTimer {
  private let clock: @Sendable () -> UInt64
  private var start: UInt64?
  private(set) var nanoseconds: UInt64 = 0

  init(_ clock: @escaping @Sendable () -> UInt64) { self.clock = clock }

  mutating func begin() { start = clock() }

  /// Without a beginning in the same read it is not known.
  mutating func end() {
    guard let start else { return }
    nanoseconds &+= clock() &- start
    self.start = nil
  }
}
