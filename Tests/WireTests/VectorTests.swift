import Testing
import Wire

@Suite struct VectorTests {
  @Test(arguments: Vector.valid)
  func `a valid vector says what it is expected to say`(vector: Vector) throws {
    #expect(try Decoded(vector.bytes, as: vector.kind).lines == vector.expected)
  }

  @Test(arguments: Vector.valid.filter { !$0.isDecodeOnly })
  func `a valid vector encodes to itself`(vector: Vector) throws {
    #expect(try Decoded(vector.bytes, as: vector.kind).encoded() == vector.bytes)
  }

  @Test(arguments: Vector.valid)
  func `what a valid vector says survives encoding`(vector: Vector) throws {
    guard !vector.name.hasSuffix("header-repeated") else { return }
    let encoded = try Decoded(vector.bytes, as: vector.kind).encoded()
    #expect(try Decoded(encoded, as: vector.kind).lines == vector.expected)
  }

  @Test(arguments: Vector.valid)
  func `every strict prefix of a valid vector is truncated`(vector: Vector) {
    for count in vector.bytes.indices {
      #expect(throws: WireError(.truncated, at: count)) {
        try Decoded(Array(vector.bytes.prefix(count)), as: vector.kind)
      }
    }
  }

  @Test(arguments: Vector.valid)
  func `a byte behind a valid vector is trailing`(vector: Vector) {
    #expect(throws: WireError(.trailingBytes, at: vector.bytes.count)) {
      try Decoded(vector.bytes + [0], as: vector.kind)
    }
  }

  @Test(arguments: Vector.invalid)
  func `an invalid vector is refused with its code at its offset`(vector: Vector) throws {
    let error = try #require(throws: WireError.self) {
      try Decoded(vector.bytes, as: vector.kind)
    }
    #expect(["\(error.code) @ \(error.offset)"] == vector.expected)
  }

  @Test func `the invalid vectors show every code that a reader gives`() {
    let shown = Set(Vector.invalid.flatMap { $0.expected.map { $0.split(separator: " ")[0] } })
    for code in ErrorCode.allCases where code.rawValue < ErrorCode.unknownTrigger.rawValue {
      #expect(shown.contains("\(code)"), "no vector for \(code)")
    }
  }
}
