import CWide
import Signals
import SignalsOracle
import Testing
import Wire

@Suite struct ReferenceTests {
  /// The values of all fixtures, whatever header they came in.
  static let values = Fixture.all.flatMap(\.headers).map(\.value) + joinedValues

  /// What proxies make of two header lines, and what only looks like it.
  private static let joinedValues = [
    "uuid=u;status=0;score=1;x=1, score=95;uuid=v;status=0;allow=0",
    "username=Smith, John, Riskier=5;status=2;score=30 , ouid;action=monitor,ACTION=deny",
    "general=do:Linux,a|db:Firefox 134;username=a,b;risk=;trust=ugp:FR,DE,,,    Emaildomain=x",
  ].map { Array($0.utf8) }

  /// Every header signal, and items of every list by common codes: a few schemas.
  static let probes: [Probe] = {
    let codes = ["udfp", "ugp", "unp", "vpn", "aci", "di", "duc_1h", "a"]
    return codes.map { code in
      let items = UserRiskHeader.Key.lists.flatMap { list in
        ["", ".value", ".level", ".number"].map { "akamaiUserRisk.\(list.name).\(code)\($0)" }
      }
      return Probe(FixtureTests.headerSignals + items)
    }
  }()

  /// What the scanners say differently from the reference of one value in both headers: at the end of the
  /// message, where nothing behind it can be read, and before bytes that would go on with it.
  static func disagreements(
    on value: [UInt8], _ probe: Probe, _ reference: ReferenceScanner
  ) throws -> [String] {
    let expected = probe.signals.map(reference.reading)
    var found: [String] = []
    for path in ["", "=0;score=7;risk=a:1/H"] {
      let readings = try probe.read { writer in
        writer.append(.akamaiBot, bytes: value.span)
        writer.append(.akamaiUserRisk, bytes: value.span)
        if !path.isEmpty { writer.append(.requestPath, bytes: Array(path.utf8).span) }
      }
      for index in probe.signals.indices where readings[index] != expected[index] {
        found.append(
          "\(probe.signals[index].name) before `\(path)` is \(readings[index]), not \(expected[index])")
      }
    }
    return found
  }

  @Test func `the scanners agree with the reference on every prefix of every fixture`() throws {
    var prefixCount = 0
    for value in Self.values {
      for count in 0...value.count {
        let probe = Self.probes[prefixCount % Self.probes.count]
        let prefix = Array(value.prefix(count))
        let found = try Self.disagreements(on: prefix, probe, ReferenceScanner(prefix))
        #expect(found.isEmpty, "\(String(decoding: prefix, as: UTF8.self))")
        prefixCount += 1
      }
    }
    #expect(prefixCount > 2500)
  }

  @Test(arguments: UInt64(1)...20)
  func `the scanners agree with the reference on 5,000 mutations a seed`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var usable = 0
    for _ in 0..<5000 {
      let value = mutated(Self.values[random.below(Self.values.count)], using: &random)
      let probe = Self.probes[random.below(Self.probes.count)]
      let reference = ReferenceScanner(value)
      let found = try Self.disagreements(on: value, probe, reference)
      #expect(found.isEmpty, "seed \(seed), bytes \(value)")
      if reference.isUsable { usable += 1 }
    }
    // Mutations that are all invalid would compare nothing.
    #expect(usable > 1000, "seed \(seed)")
  }

  @Test(arguments: [CInt(16), 32])
  func `the scanners agree with the reference on processors with narrower registers`(
    width: CInt
  ) throws {
    postern_limit_width(width)
    defer { postern_limit_width(64) }
    for value in Self.values {
      for count in 0...value.count {
        let prefix = Array(value.prefix(count))
        let found = try Self.disagreements(on: prefix, Self.probes[0], ReferenceScanner(prefix))
        #expect(found.isEmpty, "\(String(decoding: prefix, as: UTF8.self))")
      }
    }
    var random = SplitMix64(seed: UInt64(width))
    for _ in 0..<5000 {
      let value = mutated(Self.values[random.below(Self.values.count)], using: &random)
      let found = try Self.disagreements(on: value, Self.probes[0], ReferenceScanner(value))
      #expect(found.isEmpty, "bytes \(value)")
    }
  }

  /// One to four random edits.
  private func mutated(_ value: [UInt8], using random: inout SplitMix64) -> [UInt8] {
    var bytes = value
    for _ in 0...random.below(4) {
      let index = random.below(bytes.count + 1)
      let end = index + random.below(bytes.count - index + 1)
      switch random.below(8) {
      case 0 where index < bytes.count: bytes[index] ^= 1 << UInt8(random.below(8))
      case 1 where index < bytes.count: bytes[index] = UInt8(random.below(256))
      case 2 where index < bytes.count: bytes.remove(at: index)
      case 3: bytes.insert(Array(";|=:/,() 0LMH_-".utf8).randomElement(using: &random)!, at: index)
      case 4: bytes.insert(contentsOf: bytes[index..<min(end, index + 40)], at: index)
      case 5: bytes.removeSubrange(index..<min(end, index + 20))
      case 6: bytes.insert(contentsOf: Self.pieces.randomElement(using: &random)!, at: index)
      default:
        let other = Self.values[random.below(Self.values.count)]
        bytes = Array(bytes[..<index] + other[random.below(other.count)...])
      }
    }
    return bytes
  }

  private static let pieces: [[UInt8]] = [
    ";score=100", ";score=101;", ";SCORE=7;", "status=0;", ";status=256;", ";x=1", ";x=1;X=2;",
    "risk=udfp:1/H|", "|udfp:2/m", "|UDFP:x/l", "|ugp:-1.50", "trust=", "|a_very_long_code:1",
    ", score=95;", ",SCORE=5", ",  emailDomain=", " , trust=a:1", ",risk", ", xuuid=", "a,b",
    " (", "):", ":60:strict", ":101:x", ":099:x", ":1000:x", ";general=a:1|A:2", ",", " , ",
    "\u{E9}",
  ].map { Array($0.utf8) }
}
