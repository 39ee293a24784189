import Wire

/// A decision request as a value, with the lines that describe it: written without the reader.
struct RandomDecision {
  var tenant = ""
  var trigger = ""
  var correlationID: UInt64 = 0
  var budgetMicroseconds: UInt32 = 0
  var flags: RequestFlags = []
  var headers: [(field: Field, bytes: [UInt8])] = []
  var fields: [(field: Field, value: CustomValue)] = []
  var customs: [(name: String, value: CustomValue)] = []

  init(using random: inout SplitMix64) {
    tenant = random.name(atLeast: 0)
    trigger = random.name(atLeast: 1)
    correlationID = random.next()
    budgetMicroseconds = UInt32.random(in: 0...UInt32.max, using: &random)
    flags = RequestFlags(rawValue: UInt16(random.below(4)))
    for field in Field.allCases where random.below(2) == 0 {
      switch field.type {
      case nil: break
      case .header:
        headers.append((field, (0..<random.below(40)).map { _ in UInt8(random.below(256)) }))
      case let type?: fields.append((field, random.value(of: type)))
      }
    }
    for index in 0..<random.below(5) {
      let type = FieldType.allCases.dropFirst().randomElement(using: &random)!
      customs.append(("c\(index)." + random.name(atLeast: 0).prefix(40), random.value(of: type)))
    }
  }

  var lines: [String] {
    [
      "decision tenant=\"\(tenant)\" trigger=\"\(trigger)\" correlation=\(correlationID) "
        + "budget=\(budgetMicroseconds) flags=\(flags.shown)"
    ]
      + headers.map { "field \($0.field) header \(quoted($0.bytes))" }
      + fields.map { "field \($0.field) \($0.value.type) \($0.value.shown)" }
      + customs.map { "custom \"\($0.name)\" \($0.value.type) \($0.value.shown)" }
  }

  func write(to writer: inout RequestWriter) {
    writer.beginDecision(
      tenant: Array(tenant.utf8).span, trigger: Array(trigger.utf8).span,
      correlationID: correlationID, budgetMicroseconds: budgetMicroseconds, flags: flags)
    for (field, bytes) in headers { writer.append(field, bytes: bytes.span) }
    for (field, value) in fields {
      switch value {
      case .string(let text), .address(let text):
        writer.append(field, bytes: Array(text.utf8).span)
      case .number(let number): writer.append(field, number: number)
      case .boolean(let boolean): writer.append(field, boolean: boolean)
      case .list(let list): writer.append(field, list: list)
      }
    }
    for (name, value) in customs { writer.append(custom: name, value) }
    writer.endDecision()
  }
}

extension Reply {
  static func random(using random: inout SplitMix64) -> Reply {
    let decisions = (0...random.below(4)).map { _ in
      DecisionReply(
        correlationID: random.next(), verdict: .allCases.randomElement(using: &random)!,
        wouldBe: .allCases.randomElement(using: &random)!,
        mode: .allCases.randomElement(using: &random)!,
        flags: ReplyFlags(rawValue: UInt16.random(in: 0...UInt16.max, using: &random)),
        rule: UInt32.random(in: 0...UInt32.max, using: &random), tableVersion: random.next(),
        outputs: (0..<random.below(6)).map { _ in
          DecisionReply.Output(
            kind: .allCases.randomElement(using: &random)!, name: random.text(),
            value: random.text())
        })
    }
    return Reply(serverNanoseconds: random.next(), decisions: decisions)
  }
}

extension SplitMix64 {
  fileprivate mutating func name(atLeast minimum: Int) -> String {
    let letters = Array("azAZ09._-")
    return String((0..<(minimum + below(65 - minimum))).map { _ in letters[below(letters.count)] })
  }

  fileprivate mutating func text() -> String {
    let letters = Array("aZ 0\0\"\\é€🗝")
    return String((0..<below(12)).map { _ in letters[below(letters.count)] })
  }

  fileprivate mutating func value(of type: FieldType) -> CustomValue {
    switch type {
    case .header, .string: return .string(text())
    case .address: return .address(text())
    case .boolean: return .boolean(below(2) == 0)
    case .list: return .list((0..<below(4)).map { _ in text() })
    case .number:
      let number = Double(bitPattern: next())
      return .number(number.isFinite ? number : 0)
    }
  }
}
