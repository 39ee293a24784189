#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif
import Wire

/// Holds every reply against what its scenario expects.
///
/// A decision that is byte for byte like the last right one of its kind is right, its correlation
/// id aside; any other is read and judged. So a check costs nanoseconds, and a new table version,
/// a new rule or a changed text is looked at in full.
struct ReplyChecker {
  private let templates: [Scenario.Template]
  /// By template: the last right decision, its correlation id aside.
  private var known: [[UInt8]]
  private(set) var versions: Set<UInt64> = []

  /// LIMIT: enough to see that versions change; a storm makes thousands.
  private static let versionCountMax = 100_000
  /// Where a decision's correlation id is (proto-spec 5.1).
  private static let idOffset = 8
  private static let idEnd = 16

  init(_ templates: [Scenario.Template]) {
    self.templates = templates
    known = Array(repeating: [], count: templates.count)
  }

  /// What is wrong with a reply, `nil` when it is right.
  mutating func complaint(about exchange: Exchange, to message: PreparedMessage) -> String? {
    guard exchange.isOK else { return Self.refusal(exchange.reply) }
    return isKnown(exchange, message) ? nil : judge(exchange, message)
  }

  private func isKnown(_ exchange: Exchange, _ message: PreparedMessage) -> Bool {
    let reply = exchange.reply.span
    guard reply.count >= MessageHeader.byteCount, reply[0] == MessageHeader.version,
      reply[1] == MessageKind.reply.rawValue, reply[2] == 0,
      Int(reply[12]) | Int(reply[13]) << 8 == message.templates.count
    else { return false }
    var start = MessageHeader.byteCount
    for decision in message.templates.indices {
      let right = known[message.templates[decision]]
      guard !right.isEmpty, reply.count - start >= right.count else { return false }
      let id = PreparedMessage.correlationID(number: exchange.number, decision: decision)
      guard reply.little64(at: start + Self.idOffset) == id,
        reply.isEqual(to: right.span, at: start, 0..<Self.idOffset),
        reply.isEqual(to: right.span, at: start, Self.idEnd..<right.count)
      else { return false }
      start += right.count
    }
    return start == reply.count
  }

  private mutating func judge(_ exchange: Exchange, _ message: PreparedMessage) -> String? {
    // Who sends compressed messages decompresses their replies before.
    let header = try? MessageHeader(reading: exchange.reply.span, expecting: .reply)
    guard header?.flags.contains(.compressed) != true else {
      return "no readable reply: it is compressed, and what it answers was not"
    }
    let reply: Reply
    do {
      reply = try Reply(reading: exchange.reply.span)
    } catch {
      return "no readable reply: \(error.code) at byte \(error.offset)"
    }
    guard reply.decisions.count == message.templates.count else {
      return "\(reply.decisions.count) decisions came back for \(message.templates.count)"
    }
    var start = MessageHeader.byteCount
    for (index, decision) in reply.decisions.enumerated() {
      let template = templates[message.templates[index]]
      let id = PreparedMessage.correlationID(number: exchange.number, decision: index)
      guard decision.correlationID == id else {
        return "`\(template.name)`: correlation id \(decision.correlationID), not \(id)"
      }
      if let complaint = template.expectation.complaint(about: decision) {
        return "`\(template.name)`: \(complaint); got \(decision.text)"
      }
      if versions.count < Self.versionCountMax { versions.insert(decision.tableVersion) }
      let end = start + Int(exchange.reply.span.little64(at: start) & 0xFFFF_FFFF)
      known[message.templates[index]] = Array(exchange.reply[start..<end])
      start = end
    }
    return nil
  }

  private static func refusal(_ body: [UInt8]) -> String {
    if let error = try? ErrorMessage(reading: body.span) {
      return "refused: \(error.code) at byte \(error.offset): \(error.text)"
    }
    return "the status was not 200; the body has \(body.count) bytes"
  }
}

extension DecisionReply {
  /// What it says, in a line.
  fileprivate var text: String {
    let named = outputs.map { output in
      let name = output.name.isEmpty ? "\(output.kind)" : "\(output.kind) \(output.name)"
      return "\(name) `\(output.value)`"
    }
    return (["verdict \(verdict.name), wouldBe \(wouldBe.name), rule \(rule), flags \(flags.text)"] + named)
      .joined(separator: ", ")
  }
}

extension Span where Element == UInt8 {
  /// Eight bytes, little-endian. Traps out of bounds.
  fileprivate func little64(at offset: Int) -> UInt64 {
    precondition(offset >= 0 && offset <= count - 8)
    // SAFETY: in bounds by the line above.
    return unsafe withUnsafeBytes { bytes in
      unsafe UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
  }

  /// Whether the bytes from `offset` on are those of `other`, in a range of it.
  fileprivate func isEqual(to other: Span<UInt8>, at offset: Int, _ range: Range<Int>) -> Bool {
    let own = extracting((offset + range.lowerBound)..<(offset + range.upperBound))
    // SAFETY: both have as many bytes as `range`.
    return unsafe own.withUnsafeBytes { own in
      unsafe other.extracting(range).withUnsafeBytes { other in
        unsafe memcmp(own.baseAddress!, other.baseAddress!, range.count) == 0
      }
    }
  }
}
