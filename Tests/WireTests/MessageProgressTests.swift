import Testing
import Wire

/// A message that comes in parts is read like one that comes whole.
@Suite struct MessageProgressTests {
  /// What a message says: its decisions' correlation ids, or what is wrong with it.
  private typealias Outcome = Result<[UInt64], WireError>

  private static func readWhole(_ message: [UInt8]) -> Outcome {
    Outcome { () throws(WireError) in
      try readDecisions(message).map { $0.request.correlationID }
    }
  }

  /// Reads parts as they come, and the rest at the end.
  private static func read(_ parts: [[UInt8]]) -> Outcome {
    Outcome { () throws(WireError) in
      var progress = MessageProgress()
      var kept: [UInt8] = []
      var ids: [UInt64] = []
      for part in parts {
        kept += part
        if !progress.hasBegun {
          guard progress.begin(kept.span) else { continue }
          kept.removeFirst(MessageHeader.byteCount)
        }
        let needed = progress.neededByteCount(from: kept.span)
        let count = try advance(&progress, kept, &ids, onlyWhole: true)
        #expect(needed == 0 || needed > kept.count || count > 0 || progress.failure != nil)
        kept.removeFirst(count)
      }
      guard progress.hasBegun else { return try readDecisions(kept).map { $0.request.correlationID } }
      try progress.check(receivedByteCount: parts.joined().count)
      if let failure = progress.failure { throw failure }
      _ = try advance(&progress, kept, &ids, onlyWhole: false)
      if let failure = progress.failure { throw failure }
      return ids
    }
  }

  /// Returns how many bytes were read.
  private static func advance(
    _ progress: inout MessageProgress, _ bytes: [UInt8], _ ids: inout [UInt64], onlyWhole: Bool
  ) throws(WireError) -> Int {
    if progress.failure != nil { return bytes.count }
    let names: [UInt8] = []
    var reader = RequestReader(bytes.span, of: progress, knownNames: names.span, byteCounts: 0)
    var request = DecisionRequest()
    do throws(WireError) {
      while try onlyWhole ? reader.nextIfWhole(into: &request) : reader.next(into: &request) {
        ids.append(request.correlationID)
      }
    } catch {
      progress.failure = WireError(error.code, at: error.offset + progress.byteCount)
      return bytes.count
    }
    progress.advance(by: reader.offset, remaining: reader.remaining)
    return reader.offset
  }

  private static func check(_ message: [UInt8], _ name: String) {
    let whole = readWhole(message)
    for cut in 0...message.count {
      #expect(read([Array(message[..<cut]), Array(message[cut...])]) == whole, "\(name), cut at \(cut)")
    }
    #expect(read(message.map { [$0] }) == whole, "\(name), byte by byte")
  }

  private static func isCompressed(_ message: [UInt8]) -> Bool { message.count > 2 && message[2] & 1 != 0 }

  @Test(arguments: (Vector.valid + Vector.invalid).filter { $0.kind == .request && !isCompressed($0.bytes) })
  func `a vector cut anywhere says what it says whole`(vector: Vector) {
    Self.check(vector.bytes, vector.name)
  }

  /// Damaged at any byte: whichever fault comes first is the one that is told.
  @Test func `a damaged message cut anywhere has the same fault`() throws {
    let vectors = Vector.valid.filter { $0.kind == .request && !Self.isCompressed($0.bytes) }
    let vector = try #require(vectors.max { $0.bytes.count < $1.bytes.count })
    var faults: Set<ErrorCode> = []
    for index in vector.bytes.indices {
      var message = vector.bytes
      message[index] ^= 0x81
      if Self.isCompressed(message) { continue }
      let whole = Self.readWhole(message)
      if case .failure(let error) = whole { faults.insert(error.code) }
      for cut in stride(from: index % 7, through: message.count, by: 7) {
        let parts = [Array(message[..<cut]), Array(message[cut...])]
        #expect(Self.read(parts) == whole, "byte \(index), cut at \(cut)")
      }
    }
    #expect(faults.count > 8)
  }

  @Test func `a compressed message, or a wrong header, is not begun`() {
    for vector in Vector.valid + Vector.invalid where vector.kind == .request {
      var progress = MessageProgress()
      let begins = progress.begin(vector.bytes.span)
      #expect(begins == progress.hasBegun)
      if Self.isCompressed(vector.bytes) { #expect(!begins, "\(vector.name)") }
    }
    var progress = MessageProgress()
    let wrong = [UInt8](repeating: 1, count: 64)
    let begins = progress.begin(wrong.span)
    let needed = progress.neededByteCount(from: wrong.span)
    let neededOfShort = progress.neededByteCount(from: wrong.span.extracting(..<1))
    #expect(!begins && needed == 0 && neededOfShort == MessageHeader.byteCount)
  }
}
