import AllocationCounter
import Signals
import SignalsOracle
import Testing
import Wire

@Suite(.enabled(if: allocations_are_counted())) struct AllocationTests {
  @Test func `an allocation is counted`() {
    let before = allocation_count()
    let array = [UInt8](repeating: 1, count: 1 + Int.random(in: 100...200))
    #expect(allocation_count() > before)
    #expect(array.count > 100)
  }

  @Test(arguments: Fixture.all.filter { $0.headers[0].name == "Akamai-User-Risk" })
  func `10,000 fills of all signals allocate nothing`(fixture: Fixture) throws {
    let names = FixtureTests.headerSignals + fixture.sections[0].expected.map(\.name)
    let probe = Probe(Array(Set(names)) + ["request.ip", "user.email"])
    var writer = RequestWriter()
    let tenant: [UInt8] = []
    let trigger = Array("post-login".utf8)
    let bot = Array("Unknown Bot (7B0E):monitor:Behavior Anomaly,Web:60:strict".utf8)
    let address = Array("2001:db8::1".utf8)
    let email = Array("a@example.com".utf8)
    writer.beginDecision(tenant: tenant.span, trigger: trigger.span, correlationID: 1)
    writer.append(.akamaiBot, bytes: bot.span)
    writer.append(fixture.headers[0])
    writer.append(.requestIP, bytes: address.span)
    writer.append(.userEmail, bytes: email.span)
    writer.endDecision()
    writer.finish()

    var request = DecisionRequest()
    var reader = try RequestReader(writer.bytes.span)
    _ = try reader.next(into: &request)
    var vector = SignalVector()
    let schema = SchemaView(slots: probe.slots.span, names: probe.names.span)
    vector.fill(from: &request, in: writer.bytes.span, reading: schema)
    let before = allocation_count()
    for _ in 0..<10_000 { vector.fill(from: &request, in: writer.bytes.span, reading: schema) }
    #expect(allocation_count() - before == 0)
  }
}
