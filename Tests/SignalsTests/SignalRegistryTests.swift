import Signals
import Testing
import Wire

@Suite struct SignalRegistryTests {
  @Test func `every built-in signal is found by its name`() {
    #expect(SignalRegistry.all.count == 22 + 16)
    for signal in SignalRegistry.all { #expect(SignalRegistry()[signal.name] == signal) }
  }

  @Test(
    arguments: [
      ("akamaiUserRisk.risk.udfp", .string), ("akamaiUserRisk.general.duc_1h.number", .number),
      ("akamaiUserRisk.trust.x.level", .enumeration),
      ("akamaiUserRisk.risk.any_code.value", .string),
    ] as [(String, SignalType)])
  func `an item of any code is a signal`(name: String, type: SignalType) {
    #expect(SignalRegistry()[name]?.type == type)
    #expect(SignalRegistry()[name]?.name == name)
  }

  @Test(arguments: [
    "", "akamaiuserrisk.score", "akamaiUserRisk.nothing", "akamaiUserRisk.action.udfp",
    "akamaiUserRisk.risk.", "akamaiUserRisk.risk.1a", "akamaiUserRisk.risk.a-b",
    "akamaiUserRisk.risk.a.other",
    "akamaiUserRisk.risk.a.", "akamaiUserRisk.risk.a.level.x", "akamaiBot.score", "custom",
    "akamai-bot",
  ])
  func `an unknown name is no signal`(name: String) {
    #expect(SignalRegistry()[name] == nil)
  }

  @Test func `a deployment's own signal cannot take a name with another type`() {
    var registry = SignalRegistry()
    let declaredTypes: [(String, SignalType, Bool)] = [
      ("x.tier", .number, true), ("x.tier", .number, true), ("x.tier", .string, false),
      ("request.ip", .address, false), ("akamaiUserRisk.risk.udfp", .string, false),
    ]
    for (name, type, isDeclared) in declaredTypes {
      #expect(registry.declare(name, type) == isDeclared, "\(name)")
    }
    #expect(registry["x.tier"]?.type == .number)
    #expect(registry["request.ip"]?.source == .field(.requestIP))
  }
}
