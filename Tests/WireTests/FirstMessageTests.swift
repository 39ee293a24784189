import Testing
import Wire

/// Where the first of several messages ends.
@Suite struct FirstMessageTests {
  @Test(arguments: Vector.valid)
  func `a message has the length that its header says, whatever follows`(vector: Vector) throws {
    let bytes = vector.bytes + [1, 2, 3]
    for count in bytes.indices {
      let length = try MessageHeader.firstByteCount(
        in: Array(bytes.prefix(count)).span, expecting: vector.kind)
      #expect(length == (count < MessageHeader.byteCount ? nil : vector.bytes.count))
    }
  }

  /// What a whole header tells is found before the body comes, at the offset a whole message has.
  @Test(arguments: Vector.invalid)
  func `a header is refused as its message is, or not yet`(vector: Vector) {
    do {
      let length = try MessageHeader.firstByteCount(in: vector.bytes.span, expecting: vector.kind)
      #expect(length == nil || length! >= MessageHeader.byteCount)
    } catch {
      #expect(["\(error.code) @ \(error.offset)"] == vector.expected)
      #expect(error.offset < MessageHeader.byteCount)
    }
  }

  @Test func `most faults of a header need no body`() {
    let early = Vector.invalid.filter { vector in
      (try? MessageHeader.firstByteCount(in: vector.bytes.span, expecting: vector.kind)) == nil
        && vector.bytes.count >= MessageHeader.byteCount
    }
    #expect(early.count >= 8)
  }
}
