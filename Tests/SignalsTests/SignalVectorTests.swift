import Signals
import SignalsOracle
import Testing
import Wire

@Suite struct SignalVectorTests {
  static let context = SignalRegistry.all.map(\.name).filter { !$0.hasPrefix("akamai") }

  @Test func `a signal that did not come is absent`() throws {
    for reading in try Probe(SignalRegistry.all.map(\.name)).read(bot: nil) {
      #expect(reading == .absent)
    }
  }

  @Test func `context signals arrive by their types`() throws {
    let names = [
      "request.ip", "request.country", "session.mfaRequired", "stats.loginsCount",
      "authentication.methods",
    ]
    let readings = try Probe(names).read { writer in
      writer.append(.requestIP, bytes: Array("10.0.0.1".utf8).span)
      writer.append(.requestCountry, bytes: Array("FR".utf8).span)
      writer.append(.sessionMFARequired, boolean: true)
      writer.append(.statsLoginsCount, number: 2.5)
      writer.append(.authenticationMethods, list: ["pwd", "mfa"])
    }
    let methods = ["pwd", "mfa"].map { Array($0.utf8) }
    #expect(
      readings == [.address(0xFFFF_0A00_0001), "FR", .boolean(true), .number(2.5), .list(methods)])
  }

  @Test func `an address that is none is invalid`() throws {
    let readings = try Probe(["request.ip"]).read { writer in
      writer.append(.requestIP, bytes: Array("localhost".utf8).span)
    }
    #expect(readings == [.invalid])
  }

  @Test func `a header that came twice is invalid, even with the same value`() throws {
    let bot = Array("Bot (x):a:c:1:human".utf8)
    let userRisk = Array("status=0;score=1;risk=a:1".utf8)
    let names = FixtureTests.headerSignals + ["akamaiUserRisk.risk.a"]
    let readings = try Probe(names).read { writer in
      writer.append(.akamaiBot, bytes: bot.span)
      writer.append(.akamaiUserRisk, bytes: userRisk.span)
      writer.append(.akamaiBot, bytes: bot.span)
      writer.append(.akamaiUserRisk, bytes: userRisk.span)
    }
    #expect(readings.allSatisfy { $0 == .invalid })
  }

  @Test func `without proof every signal of the edge is unverified, whether it came or not`() throws {
    let names = FixtureTests.headerSignals + ["akamaiUserRisk.risk.a", "akamaiUserRisk.risk.a.level"]
    let headers: [String?] = [nil, "", "status=0;score=1;risk=a:1", "monitor", "status=x;status=y"]
    for value in headers {
      let readings = try Probe(names + ["session.mfaRequired", "request.country"]).read(
        isUnproven: true
      ) { writer in
        if let value {
          writer.append(.akamaiBot, bytes: Array(value.utf8).span)
          writer.append(.akamaiUserRisk, bytes: Array(value.utf8).span)
        }
        writer.append(.sessionMFARequired, boolean: true)
      }
      #expect(readings.dropLast(2).allSatisfy { $0 == .unverified }, "\(value ?? "nothing")")
      #expect(readings.suffix(2) == [.boolean(true), .absent])
    }
  }

  @Test func `a deployment's own signals arrive by name and declared type`() throws {
    let values: [(String, SignalType, CustomValue, Reading)] = [
      ("x.number", .number, .number(7), .number(7)), ("x.text", .string, .string("Gold"), "Gold"),
      ("x.flag", .boolean, .boolean(true), .boolean(true)),
      ("x.list", .list, .list(["a", "b"]), .list([[0x61], [0x62]])),
      ("x.ip", .address, .address("::1"), .address(1)),
    ]
    var registry = SignalRegistry()
    for (name, type, _, _) in values {
      let isDeclared = registry.declare(name, type)
      #expect(isDeclared)
    }
    let probe = Probe(values.map(\.0), in: registry)
    for (index, sent) in values.enumerated() {
      for (name, _, value, reading) in values {
        let readings = try probe.read { writer in writer.append(custom: sent.0, value) }
        let expected = name == sent.0 ? reading : .invalid
        #expect(readings[index] == expected, "\(sent.0) sent as \(name)")
        for other in readings.indices where other != index { #expect(readings[other] == .absent) }
      }
    }
  }

  @Test func `a deployment's own signal is found by its exact name`() throws {
    var registry = SignalRegistry()
    let isDeclared = registry.declare("x.tier", .number)
    #expect(isDeclared)
    for name in ["X.tier", "x.tie", "x.tier2"] {
      let readings = try Probe(["x.tier"], in: registry).read { writer in
        writer.append(custom: name, .number(1))
      }
      #expect(readings == [.absent])
    }
  }

  @Test func `a string carries the hash that a table looks up`() throws {
    for (name, text, key) in [
      ("akamaiUserRisk.action", "MONITOR", "monitor"),
      ("akamaiUserRisk.risk.ugp.value", "ie", "IE"),
    ] {
      var names: [UInt8] = []
      let slots = [SlotDescriptor(SignalRegistry()[name]!, names: &names)]
      var writer = RequestWriter()
      let header = Array("action=\(text);risk=ugp:\(text)/M".utf8)
      let tenant: [UInt8] = []
      writer.beginDecision(tenant: tenant.span, trigger: Array("t".utf8).span, correlationID: 1)
      writer.append(.akamaiUserRisk, bytes: header.span)
      writer.endDecision()
      writer.finish()
      var request = DecisionRequest()
      var reader = try RequestReader(writer.bytes.span)
      _ = try reader.next(into: &request)
      var vector = SignalVector()
      vector.fill(
        from: &request, in: writer.bytes.span,
        reading: SchemaView(slots: slots.span, names: names.span))
      let expected = Array(key.utf8)
      let range = ByteRange(offset: 0, count: expected.count)
      #expect(vector[0].low == stringHash(expected.span, range, foldingCase: true))
    }
  }
}
