import Signals
import Testing
import Wire

@testable import Tables

/// A list may be as long as the rules that can match at once make it, and never longer than a reply takes.
@Suite struct ListLengthTests {
  private static let score = Signal.named("akamaiBot.botScore")

  /// Rule `r` matches score `r % classCount`; every rule of a score has a value where `hasValue` says so.
  private static func table(
    ruleCount: Int, classCount: Int, value: String, hasValue: (Int) -> Bool
  ) -> TablePlan {
    let classes = (0...100).map { min($0, classCount) }
    let column = ColumnPlan(
      .direct(classes: classes), states: (0..<ruleCount).map { _ in [] },
      classes: (0..<ruleCount).map { [$0 % classCount] })
    return TablePlan(
      name: "t", version: 1, mode: .enforce, columns: [column],
      rules: (0..<ruleCount).map { index in
        RulePlan(
          name: "", number: index + 1, verdict: .mfa,
          outputs: hasValue(index) ? [.init(kind: .claim, name: "points", value: value)] : [])
      }, hits: .all)
  }

  private static func points(_ table: TablePlan, score: Double) throws -> String? {
    let reply = try ChainPlan([table], signals: [Self.score])
      .reply(Input([.number(score)], for: [Self.score]))
    return reply.outputs.first { $0.kind == .claim }?.value
  }

  @Test(arguments: [2000, 20_000])
  func `rules that cannot match at once make no list longer`(ruleCount: Int) throws {
    let table = Self.table(ruleCount: ruleCount, classCount: 100, value: "x") { $0 == 0 || $0 == 102 }
    let nulls = [String](repeating: "null", count: ruleCount / 100 - 1)
    #expect(try Self.points(table, score: 0) == "[" + (["\"x\""] + nulls).joined(separator: ",") + "]")
    #expect(try Self.points(table, score: 1) == nil)
    #expect(
      try Self.points(table, score: 2)
        == "[" + (["null", "\"x\""] + nulls.dropFirst()).joined(separator: ",") + "]")
    #expect(try Self.points(table, score: 100) == nil)
  }

  @Test func `the bound is that of the most that one value lets match`() throws {
    // 16 values of 3,747 bytes with quotes and a comma, and brackets: one byte too many at each score.
    let long = String(repeating: "x", count: 3747)
    let wide = Self.table(ruleCount: 32, classCount: 2, value: long) { _ in true }
    #expect(wide.outputFaults().map(\.reason) == [.longList(byteCount: 1 + 16 * 3750)])
    #expect(throws: ImageError.output(wide.outputFaults()[0])) { try Self.points(wide, score: 0) }
    let fits = Self.table(ruleCount: 31, classCount: 2, value: long) { $0 > 0 }
    #expect(try Self.points(fits, score: 0)?.utf8.count == 15 * 3750 + 6)
    let text = "\(ImageError.output(wide.outputFaults()[0]))"
    #expect(text.hasPrefix("table `t`, `claim.points`: its list may have 60001 bytes"))
  }

  /// Of an image that nobody has laid out so: every rule matches every score.
  @Test func `a list that is too long for a reply is left out`() throws {
    let value = String(repeating: "x", count: 4000)
    let table = Self.table(ruleCount: 40, classCount: 40, value: value) { _ in true }
    let image = try ImageBuilder.image(of: ChainPlan([table], signals: [Self.score]))
    var bytes = [UInt8](copying: image.span)
    let words = (0..<40).map { UInt64(1) << UInt64($0) }
    let rows = words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
    let start = try #require(
      bytes.indices.first { bytes[$0...].starts(with: rows) && $0 % 8 == 0 })
    for index in 0..<40 {
      bytes.replaceSubrange(start + 8 * index..<start + 8 * index + 5, with: [255, 255, 255, 255, 255])
    }
    let forged = AlignedImage(bytes)
    try forged.validate()
    var evaluator = Evaluator()
    let input = Input([.number(3)], for: [Self.score])
    evaluator.vector[0] = input.values[0]
    let decision = evaluator.evaluate(forged.view, in: input.message.span, fallback: .allow)
    #expect(evaluator.hits.count == 40)
    var out = ByteWriter()
    out.beginMessage(.reply)
    forged.view.write(decision, of: &evaluator, correlationID: 1, in: input.message.span, to: &out)
    out.finishMessage(decisionCount: 1)
    let reply = try Reply(reading: out.span).decisions[0]
    #expect(reply.verdict == .mfa && reply.outputs.map(\.kind) == [.table])
  }
}
