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

  /// By hand, so that the interpreter is not alone in what it says: of each hit policy, whether a watched rule
  /// hides the one behind it, what would be, and when the default answers.
  @Test func `a canary of a rule is watched outside of it, and hides no enforced rule`() throws {
    let key = try (0..<400).map { "key-\($0)" }.partitioned { text in
      try Self.run("FIRST", "canary 50%", default: nil, key: .text(text)).verdict == .deny
    }
    #expect(key.in.count > 100 && key.out.count > 100)
    for (policy, hasDefault) in [("FIRST", false), ("FIRST", true), ("COLLECT", false), ("COLLECT", true)] {
      let standard = hasDefault ? "review" : nil
      for text in key.in {
        let outcome = try Self.run(policy, "canary 50%", default: standard, key: .text(text))
        #expect(outcome.verdict == .deny && outcome.wouldBe == .deny && outcome.rule == 1)
      }
      for text in key.out {
        let outcome = try Self.run(policy, "canary 50%", default: standard, key: .text(text))
        #expect(outcome.verdict == .mfa && outcome.wouldBe == .deny && outcome.rule == 2)
      }
      let off = try Self.run(policy, "off", default: standard, key: .absent)
      #expect(off.verdict == .mfa && off.wouldBe == .mfa && off.rule == 2)
      let alone = try Self.run(policy, "audit", default: standard, second: "audit", key: .absent)
      #expect(alone.verdict == (hasDefault ? .review : .allow) && alone.wouldBe == .deny && alone.rule == 0)
      #expect(alone.flags.contains(.noMatch) == !hasDefault)
    }
  }

  /// Both ways, which have to agree: two rules that match, `deny` and `mfa`, the first of some mode.
  private static func run(
    _ policy: String, _ mode: String, default standard: String?, second: String = "", key: PlainSignal
  ) throws -> Interpreter.Outcome {
    let text =
      "---\ntrigger: post-login\nname: t\nhitPolicy: \(policy)\nmode: enforce\n"
      + (standard.map { "default:\n  verdict: \($0)\n" } ?? "") + "---\n## Rules\n"
      + "| akamaiUserRisk.score | verdict | mode |\n|---|---|---|\n"
      + "| >= 50 | deny | \(mode) |\n| >= 40 | mfa | \(second) |\n"
    let table = try #require(TableReader.read(text, file: "t.table.md").table)
    let plan = try #require(ChainCompiler.compile([table]).plan)
    let input = ["user.id": key, "akamaiUserRisk.score": .number(90)]
    var evaluator = Evaluator()
    let got = try Interpreter.Outcome(
      of: plan.signals.map { input[$0.name] ?? .absent }, by: CompiledChain(plan), plan, fallback: .allow,
      evaluator: &evaluator)
    #expect(got == Interpreter(tables: [table], fallback: .allow).run(input).asReplied)
    return got
  }
}

extension [String] {
  fileprivate func partitioned(
    _ isIn: (String) throws -> Bool
  ) rethrows -> (in: [String], out: [String]) {
    var parts: (in: [String], out: [String]) = ([], [])
    for element in self {
      if try isIn(element) { parts.in.append(element) } else { parts.out.append(element) }
    }
    return parts
  }
}
