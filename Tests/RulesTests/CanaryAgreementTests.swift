import Rules
import RulesOracle
import Signals
import Tables
import Testing
import Wire

/// Who is in a canary, compiled and by the interpreter.
@Suite struct CanaryAgreementTests {
  @Test(arguments: [
    ("canary 0.01%", "user.id"), ("canary 50%", "user.id"), ("canary 99.9%", "user.id"),
    ("canary 50% by session.id", "session.id"), ("canary 100%", "user.id"),
  ])
  func `a canary is for whom the interpreter says, whatever becomes of the key`(
    mode: String, key: String
  ) throws {
    let text =
      "---\ntrigger: post-login\nname: t\nhitPolicy: FIRST\nmode: \(mode)\n---\n## Rules\n"
      + "| akamaiUserRisk.score | verdict |\n|---|---|\n| >= 50 | deny |\n"
    let table = try #require(TableReader.read(text, file: "t.table.md").table)
    let plan = try #require(ChainCompiler.compile([table]).plan)
    let chain = try CompiledChain(plan)
    let interpreter = Interpreter(tables: [table], fallback: .allow)
    var evaluator = Evaluator()
    let states: [PlainSignal] = [.absent, .invalid, .unverified]
    for value in states + (0..<400).map({ .text("key-\($0)") }) {
      let input = [key: value, "akamaiUserRisk.score": .number(90)]
      let expected = interpreter.run(input).asReplied
      let got = try Interpreter.Outcome(
        of: plan.signals.map { input[$0.name] ?? .absent }, by: chain, plan, fallback: .allow,
        evaluator: &evaluator)
      #expect(got == expected, "\(value)")
      if value == .invalid || value == .unverified { #expect(got.verdict == .deny, "\(value)") }
    }
  }
}
