import Testing
import Wire

/// The Swift enumerations and limits are those of `proto-spec/fields.json`.
@Suite struct RegistryTests {
  let registry: Registry

  init() throws { registry = try Registry.load() }

  private func entries<T: CaseIterable & RawRepresentable>(
    of type: T.Type
  ) -> [Registry.Entry] where T.RawValue: BinaryInteger {
    T.allCases.map { Registry.Entry(id: Int($0.rawValue), name: "\($0)") }
  }

  @Test func `kinds, types, verdicts, modes and outputs are the registry's`() {
    #expect(entries(of: MessageKind.self) == registry.messageKinds)
    #expect(entries(of: FieldType.self) == registry.fieldTypes)
    #expect(entries(of: Verdict.self) == registry.verdicts)
    #expect(entries(of: Mode.self) == registry.modes)
    #expect(entries(of: OutputKind.self) == registry.outputKinds)
    #expect(entries(of: EdgeProofOutcome.self) == registry.provenances)
    #expect(EdgeProofOutcome.allCases.map(\.name) == registry.provenances.map(\.name))
    #expect(EdgeProofOutcome.allCases.count == EdgeProofOutcome.count)
    #expect(Verdict.allCases.map(\.name) == registry.verdicts.map(\.name))
    #expect(Mode.allCases.map(\.name) == registry.modes.map(\.name))
    #expect(Int(MessageHeader.version) == registry.version)
  }

  @Test func `flags are the registry's`() {
    func flag(_ rawValue: UInt16, _ name: String) -> Registry.Flag {
      Registry.Flag(bit: rawValue.trailingZeroBitCount, name: name)
    }
    #expect([flag(MessageFlags.compressed.rawValue, "compressed")] == registry.messageFlags)
    #expect(RequestFlags.names.map { flag($0.flag.rawValue, $0.name) } == registry.requestFlags)
    #expect(ReplyFlags.names.map { flag($0.flag.rawValue, $0.name) } == registry.replyFlags)
  }

  @Test func `fields are the registry's`() {
    #expect(Field.allCases.map { Int($0.rawValue) } == registry.fields.map(\.id))
    #expect(Field.allCases.map { "\($0)" } == registry.fields.map(\.name))
    #expect(Field.allCases.map { $0.type.map { "\($0)" } } == registry.fields.map(\.type))
    #expect(Field.allCases.map(\.name) == registry.fields.map(\.carries))
    for field in Field.allCases where field != .custom {
      #expect(Int(field.rawValue) < Field.registeredEnd)
    }
  }

  @Test func `errors are the registry's`() {
    #expect(ErrorCode.allCases.map { Int($0.rawValue) } == registry.errors.map(\.code))
    #expect(ErrorCode.allCases.map { "\($0)" } == registry.errors.map(\.name))
    #expect(ErrorCode.allCases.map(\.status) == registry.errors.map(\.status))
  }

  @Test func `limits are the registry's`() {
    #expect(Limits.messageByteCount == registry.limit("messageByteCount"))
    #expect(Limits.decisionCount == registry.limit("decisionCount"))
    #expect(Limits.fieldCount == registry.limit("fieldCount"))
    #expect(DecisionRequest.customCountMax == registry.limit("customFieldCount"))
    #expect(Limits.nameByteCount == registry.limit("nameByteCount"))
    #expect(Limits.headerByteCount == registry.limit("headerByteCount"))
    #expect(Limits.headerItemCount == registry.limit("headerItemCount"))
    #expect(Int(UInt8.max) == registry.limit("outputNameByteCount"))
    #expect(Int(UInt16.max) == registry.limit("outputValueByteCount"))
    #expect(registry.limits.count == 9)
  }

  @Test func `fixed parts are as long as the registry says`() {
    #expect(MessageHeader.byteCount == registry.byteCount(of: "messageHeader"))
    #expect(DecisionRequest.fixedByteCount == registry.byteCount(of: "decisionRequest"))
    #expect(DecisionRequest.fieldFixedByteCount == registry.byteCount(of: "field"))
    #expect(DecisionReply.fixedByteCount == registry.byteCount(of: "decisionReply"))
    #expect(DecisionReply.outputFixedByteCount == registry.byteCount(of: "output"))
    #expect(registry.layout.count == 6)
  }

  @Test(arguments: EdgeProofOutcome.allCases)
  func `what a provenance means is one phrase, which says whether it proves`(outcome: EdgeProofOutcome) {
    let text = outcome.explanation
    #expect(text.first?.isLowercase == true && !text.hasSuffix("."))
    #expect(text.hasPrefix("proven by") == outcome.isProven)
  }

  @Test func `an output that is written in pieces is one that is written at once`() {
    var whole = ByteWriter()
    whole.appendOutput(.explanation, value: "signal café �: 12")
    var pieces = ByteWriter()
    let start = pieces.beginOutput(.explanation)
    pieces.append(text: Array("signal ".utf8).span)
    pieces.append(text: (Array("café ".utf8) + [0xFF]).span)
    pieces.append(": ")
    pieces.append(decimal: 12)
    pieces.finishOutput(startingAt: start)
    #expect([UInt8](copying: pieces.span) == [UInt8](copying: whole.span))
  }

  @Test(arguments: ErrorCode.allCases)
  func `an error's explanation is lower-case and without a final stop`(code: ErrorCode) {
    let text = code.explanation
    #expect(!text.isEmpty && !text.hasSuffix("."))
    #expect(text.first!.isLowercase)
  }
}
