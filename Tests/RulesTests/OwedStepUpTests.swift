import Rules
import Signals
import Tables
import Testing
import Wire

/// What the guard of `ops/tables` asks of a session is asked again until it is paid, whichever table
/// stands at the end of the chain.
@Suite struct OwedStepUpTests {
  @Test(arguments: ["post-login-step-up", "alternatives/post-login-revoke"])
  func `a session that owes a second factor passes when it has paid, and not before`(
    last: String
  ) throws {
    let files = ["post-login-guard", "post-login-bots", last].map {
      "\(ServedTablesTests.directory)/\($0).table.md"
    }
    let set = TableDirectory.load(files: files)
    let served = try #require(set.chains.first)
    #expect(served.plan.tables.count == 3, "\(set.diagnostics)")
    #expect(try verdict(of: served, [:]) == .allow)
    #expect(try verdict(of: served, ["session.mfaRequired": .boolean(true)]) == .mfa)
    #expect(try verdict(of: served, ["session.mfaRequired": .invalid]) == .mfa)
    let pays: (String) -> [String: PlainSignal] = {
      ["session.mfaRequired": .boolean(true), "authentication.methods": .list(["pwd", $0])]
    }
    #expect(try verdict(of: served, pays("otp")) == .mfa)
    #expect(try verdict(of: served, pays("mfa")) == .allow)
  }

  /// What a chain says to some signals, without the header that began it.
  private func verdict(
    of served: TableSet.Chain, _ signals: [String: PlainSignal]
  ) throws -> Verdict {
    let registry = SignalRegistry()
    var input = DecisionInput()
    input.signals = try signals.map { name, value in
      .init(signal: try #require(registry[name]), value: value)
    }
    let encoded = EncodedInput(input, for: served.plan.signals, of: served.key)
    let chain = try CompiledChain(served.plan)
    var evaluator = Evaluator()
    try encoded.fill(&evaluator.vector, reading: chain.view.schema)
    return evaluator.evaluate(chain.view, in: encoded.bytes.span, fallback: .revoke).verdict
  }
}
