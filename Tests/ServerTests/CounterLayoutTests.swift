@testable import Server
import Synchronization
import Testing

/// What one loop counts shares no cache line with what another does: two would wait for each other.
@Suite struct CounterLayoutTests {
  /// LIMIT: of lines, processors fetch two.
  private static let distance = 128

  @Test func `counters of different loops are two cache lines apart`() {
    let rows = (0..<64).map { Counters(count: 1 + $0 % 9) }
    let used = rows.map { row in
      // Behind the distance to what lies before.
      let first = unsafe UInt(bitPattern: row.values + 16)
      return first..<(first + UInt(8 * row.count))
    }.sorted { $0.lowerBound < $1.lowerBound }
    for (row, next) in zip(used, used.dropFirst()) {
      #expect(next.lowerBound >= row.upperBound + UInt(Self.distance))
    }
    // These are where they say: what is counted is there.
    for (number, row) in rows.enumerated() {
      row.add(UInt64(number), at: row.count - 1)
      #expect(unsafe row.values[15 + row.count].load(ordering: .relaxed) == UInt64(number))
    }
  }
}
