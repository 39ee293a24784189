import Testing

@testable import Tables

/// A partition that serves the columns of several tables.
@Suite struct CommonPartitionTests {
  @Test func `values of one class in all partitions are of one class`() throws {
    let (partition, rows) = try #require(
      Partition.common(of: [.direct(classes: [0, 0, 1, 1]), .direct(classes: [1, 1, 1, 0])]))
    #expect(partition == .direct(classes: [0, 0, 1, 2]))
    #expect(rows == [[0, 1, 1], [1, 1, 0]])
  }

  @Test func `numbers fall between and on the boundaries of all`() throws {
    let (partition, rows) = try #require(
      Partition.common(of: [
        .numbers(boundaries: [1, 3]), .numbers(boundaries: [3, 4]), .numbers(boundaries: []),
      ]))
    #expect(partition == .numbers(boundaries: [1, 3, 4]))
    #expect(rows == [[0, 1, 2, 3, 4, 4, 4], [0, 0, 0, 1, 2, 3, 4], [0, 0, 0, 0, 0, 0, 0]])
  }

  @Test func `stretches of addresses start where one of any starts`() throws {
    let (partition, rows) = try #require(
      Partition.common(of: [
        .addresses(starts: [10, 20], classes: [0, 1, 0]), .addresses(starts: [15, 20], classes: [0, 1, 0]),
      ]))
    #expect(partition == .addresses(starts: [10, 15, 20], classes: [0, 1, 2, 0]))
    #expect(rows == [[0, 1, 1], [0, 0, 1]])
  }

  @Test func `a text that only one has is any other to the rest`() throws {
    let (partition, rows) = try #require(
      Partition.common(of: [
        .strings(members: ["a", "b", "c"], classes: [1, 1, 2]),
        .strings(members: ["c", "d"], classes: [1, 2]),
      ]))
    #expect(partition == .strings(members: ["a", "b", "c", "d"], classes: [1, 1, 2, 3]))
    #expect(rows == [[0, 1, 2, 0], [0, 0, 1, 2]])
  }

  @Test func `texts that only look alike stay two`() throws {
    let (partition, _) = try #require(
      Partition.common(of: [.strings(members: ["\u{e9}"]), .strings(members: ["e\u{301}"])]))
    #expect(partition.rowCount == 3)
  }

  @Test func `a member that only one list names has no rows in the others`() throws {
    let (partition, rows) = try #require(
      Partition.common(of: [.list(members: ["a", "b"]), .list(members: ["b", "c"], classes: [0, 0])]))
    #expect(partition == .list(members: ["a", "b", "c"], classes: [0, 1, 2]))
    #expect(rows == [[0, 1, 2, 3, 4, nil, nil], [0, nil, nil, 1, 2, 1, 2]])
  }

  @Test func `partitions of different kinds, or of different domains, have none in common`() {
    let all: [Partition] = [
      .direct(classes: [0, 1]), .numbers(boundaries: []), .strings(members: []), .list(members: []),
      .addresses(starts: []),
    ]
    for (place, first) in all.enumerated() {
      for second in all.suffix(from: place + 1) {
        #expect(Partition.common(of: [first, second]) == nil)
        #expect(Partition.common(of: [second, first]) == nil)
      }
    }
    #expect(Partition.common(of: [.direct(classes: [0, 1]), .direct(classes: [0, 1, 1])]) == nil)
    #expect(Partition.common(of: []) == nil)
  }
}
