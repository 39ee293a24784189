import Testing

@testable import Wire

@Suite struct ByteWriterTests {
  private func bytes(_ writer: borrowing ByteWriter) -> [UInt8] { [UInt8](copying: writer.span) }

  @Test func `integers are written little-endian`() {
    var writer = ByteWriter()
    writer.append(UInt8(0x01))
    writer.append(UInt16(0x0302))
    writer.append(UInt32(0x0706_0504))
    writer.append(UInt64(0x0f0e_0d0c_0b0a_0908))
    #expect(bytes(writer) == Array(1...15))
  }

  @Test func `bytes survive every growth`() {
    var writer = ByteWriter(capacity: 1)
    var expected: [UInt8] = []
    for index in 0..<2_000 {
      let piece = [UInt8](repeating: UInt8(index & 255), count: index % 7)
      writer.append(piece.span)
      expected += piece
    }
    #expect(bytes(writer) == expected)
  }

  /// Some are copied with what is behind them, none from behind the text's end: AddressSanitizer would see it.
  @Test(arguments: [0, 1, 63, 64, 65, 127, 128, 200])
  func `a part of a text is what stands there, wherever it is`(textByteCount: Int) {
    let text = (0..<textByteCount).map { UInt8($0) }
    var writer = ByteWriter(capacity: 1)
    var expected: [UInt8] = []
    for count in [0, 1, 2, 31, 63, 64, 65, 66, 200] where count <= textByteCount {
      for start in [0, 1, textByteCount - 65, textByteCount - 64, textByteCount - 63, textByteCount - count] {
        guard start >= 0, start + count <= textByteCount else { continue }
        writer.append(ByteRange(offset: start, count: count), of: text.span)
        expected += text[start..<(start + count)]
        let found = bytes(writer)
        #expect(found == expected)
      }
    }
  }

  @Test func `one append may need more than twice the capacity`() {
    var writer = ByteWriter(capacity: 2)
    writer.append(UInt8(1))
    writer.append([UInt8](repeating: 2, count: 1_000).span)
    #expect(bytes(writer) == [1] + [UInt8](repeating: 2, count: 1_000))
  }

  @Test func `what grows to a power of two in odd pieces has no room left over`() {
    var writer = ByteWriter(capacity: 64)
    let piece = [UInt8](repeating: 1, count: 16_375)
    for _ in 0..<4 { writer.append(piece.span) }
    writer.append([UInt8](repeating: 2, count: 65_536 - writer.count).span)
    #expect(writer.capacity == 65_536)
  }

  @Test func `what is large has half of its bytes as room to spare at most`() {
    var writer = ByteWriter(capacity: 64)
    let piece = [UInt8](repeating: 1, count: 10_007)
    while writer.count < 1 << 20 {
      writer.append(piece.span)
      if writer.count > 65_536 { #expect(writer.capacity <= writer.count * 3 / 2) }
    }
  }

  @Test(arguments: [0, 9, 10, 1_234_567_890, UInt64.max])
  func `numbers are written as digits`(number: UInt64) {
    var writer = ByteWriter(capacity: 1)
    writer.append(decimal: number)
    #expect(bytes(writer) == Array("\(number)".utf8))
    writer.removeAll()
    writer.append(hexadecimal: number)
    let digits = String(number, radix: 16)
    #expect(bytes(writer) == Array((String(repeating: "0", count: 16 - digits.count) + digits).utf8))
  }

  @Test func `text is written as UTF-8`() {
    var writer = ByteWriter(capacity: 1)
    writer.append("")
    writer.append("a€")
    #expect(bytes(writer) == [0x61, 0xe2, 0x82, 0xac])
  }

  @Test func `a stored integer overwrites what was there and nothing else`() {
    var writer = ByteWriter()
    writer.append([UInt8](repeating: 0xff, count: 6).span)
    writer.store(UInt32(0), at: 1)
    #expect(bytes(writer) == [0xff, 0, 0, 0, 0, 0xff])
  }

  @Test func `removed bytes are forgotten and written over`() {
    var writer = ByteWriter()
    writer.append(UInt32(0x0403_0201))
    writer.removeAll()
    #expect(writer.count == 0)
    #expect(bytes(writer) == [])
    writer.append(UInt8(9))
    #expect(bytes(writer) == [9])
  }

  @Test func `a writer that shrank can be filled again`() {
    var writer = ByteWriter(capacity: 4_096)
    writer.append([UInt8](repeating: 1, count: 4_096).span)
    writer.removeAll()
    writer.shrink(to: 16)
    writer.shrink(to: 64)
    writer.append([UInt8](repeating: 2, count: 100).span)
    #expect(bytes(writer) == [UInt8](repeating: 2, count: 100))
  }

  @Test func `a function that fills a buffer keeps what it wrote and no more`() {
    var writer = ByteWriter(capacity: 1)
    writer.append(UInt8(7))
    unsafe writer.appendUnsafe(upTo: 100) { buffer in
      unsafe buffer[0] = 8
      unsafe buffer[1] = 9
      return 2
    }
    #expect(bytes(writer) == [7, 8, 9])
    unsafe writer.appendUnsafe(upTo: 0) { _ in 0 }
    #expect(writer.count == 3)
  }

  @Test func `our own mistakes trap`() async {
    await #expect(processExitsWith: .failure) {
      var writer = ByteWriter()
      writer.append(UInt16(0))
      writer.store(UInt32(0), at: 0)
    }
    await #expect(processExitsWith: .failure) {
      var writer = ByteWriter()
      writer.append(UInt8(0))
      writer.shrink(to: 1)
    }
  }

  @Test func `bytes are forgotten at either end`() {
    for count in 0...20 {
      for gone in 0...count {
        let bytes = (0..<UInt8(count)).map { $0 }
        var writer = ByteWriter(capacity: 1)
        writer.append(bytes.span)
        writer.removeFirst(gone)
        #expect([UInt8](copying: writer.span) == Array(bytes[gone...]))
        writer.truncate(to: (count - gone) / 2)
        #expect([UInt8](copying: writer.span) == Array(bytes[gone...].prefix((count - gone) / 2)))
        #expect(writer.isEmpty == ((count - gone) / 2 == 0))
      }
    }
  }
}
