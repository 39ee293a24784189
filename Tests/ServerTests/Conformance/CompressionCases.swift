import TestSupport

/// RFC 7541: how headers are packed.
extension ServerTests.ConformanceTests {
  /// `:method GET`, `:scheme http` by index; `:path /v1/ping` by a literal of an indexed name.
  private static let nameless: [UInt8] = [0x82, 0x86, 0x04, 0x08] + Array("/v1/ping".utf8)
  /// And `:authority a`.
  private static let packed = nameless + [0x01, 0x01, 0x61]
  /// `www.example.com`, packed by Huffman's code (RFC 7541 C.4.1).
  private static let huffman: [UInt8] = [
    0x8C, 0xF1, 0xE3, 0xC2, 0xE5, 0xF2, 0x3A, 0x6B, 0xA0, 0xAB, 0x90, 0xF4, 0xFF,
  ]

  private static func answered(_ rule: String, section: String, _ blocks: [[UInt8]]) -> ConformanceCase {
    let streams = blocks.indices.map { UInt32(2 * $0 + 1) }
    let frames = zip(blocks, streams).map { block($0, stream: $1) }
    return ConformanceCase(
      section, rule, [.send(frames.flatMap(\.bytes))] + streams.map { .await($0) },
      .answered(streams))
  }

  private static func refused(_ rule: String, section: String, _ bytes: [UInt8]) -> ConformanceCase {
    ConformanceCase(section, rule, [block(bytes)], .connectionError([Code.compression]))
  }

  static let compressionCases: [ConformanceCase] = [
    answered("fields of the static table are taken", section: "HPACK 2.3.1", [packed]),
    answered(
      "entries are kept for the next request", section: "HPACK 2.3.2",
      // `x: y` is put in the table, and then taken from it.
      [packed + [0x40, 1, 0x78, 1, 0x79], packed + [0xBE], packed + [0xBE, 0xBE]]),
    refused("an index behind the tables is an error", section: "HPACK 2.3.3", packed + [0xBE]),
    refused(
      "a name's index behind the tables is an error", section: "HPACK 2.3.3",
      packed + [0x7E, 1, 0x79]),
    refused(
      "an index that was evicted is an error", section: "HPACK 4.4",
      packed + [0x40, 1, 0x78, 1, 0x79, 0x20, 0xBE]),
    refused(
      "a change of size at the end of a block is an error", section: "HPACK 4.2",
      packed + [0x3F, 0x01]),
    answered(
      "a change of size at the start of a block is taken", section: "HPACK 4.2",
      [[0x3F, 0x01] + packed]),
    answered(
      "two changes of size at the start of a block are taken", section: "HPACK 4.2",
      [[0x20, 0x3F, 0xE1, 0x1F] + packed]),
    refused(
      "a size above the server's setting is an error", section: "HPACK 6.3",
      [0x3F, 0xE2, 0x1F] + packed),
    refused("an integer without end is an error", section: "HPACK 5.1",
      packed + [0xFF] + [UInt8](repeating: 0xFF, count: 12) + [0x01]),
    refused("a string longer than its block is an error", section: "HPACK 5.2",
      packed + [0x00, 0x01, 0x78, 0x09, 0x79]),
    answered(
      "a string packed by Huffman's code is taken", section: "HPACK 5.2",
      [nameless + [0x01] + huffman, nameless + [0x41] + huffman, nameless + [0xBE]]),
    refused(
      "padding longer than seven bits is an error", section: "HPACK 5.2",
      packed + [0x00, 0x01, 0x78, 0x82, 0x1F, 0xFF]),
    refused(
      "padding other than ones is an error", section: "HPACK 5.2",
      packed + [0x00, 0x01, 0x78, 0x81, 0x18]),
    refused(
      "the end of string within a string is an error", section: "HPACK 5.2",
      packed + [0x00, 0x01, 0x78, 0x84, 0xFF, 0xFF, 0xFF, 0xFF]),
    refused("the index 0 is an error", section: "HPACK 6.1", packed + [0x80]),
    answered(
      "a literal with incremental indexing is taken", section: "HPACK 6.2.1",
      [packed + [0x40, 1, 0x78, 1, 0x79], packed + [0x7E, 1, 0x7A]]),
    answered(
      "a literal without indexing is taken", section: "HPACK 6.2.2",
      [packed + [0x00, 1, 0x78, 1, 0x79], packed + [0x0F, 0x04, 1, 0x79]]),
    answered(
      "a literal that is never indexed is taken", section: "HPACK 6.2.3",
      [packed + [0x10, 1, 0x78, 1, 0x79], packed + [0x1F, 0x04, 1, 0x79]]),
    answered("an empty value is taken", section: "HPACK 5.2", [packed + [0x00, 1, 0x78, 0]]),
  ]
}
