import Foundation
import FuzzTargets
import Testing

/// The inputs of `Tests/FuzzCases`, and those that targets make, through the functions that the fuzzer
/// calls: seeds, and every input that was once a finding.
@Suite struct FuzzReplayTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var target: FuzzTarget
    var name: String
    var bytes: [UInt8]
    var testDescription: String { "\(target)/\(name)" }
  }

  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("FuzzCases")

  private static func cases(of target: FuzzTarget) -> [Case] {
    let made = target.seeds.enumerated().map { index, bytes in
      Case(target: target, name: "seed \(index)", bytes: bytes)
    }
    let folder = root.appendingPathComponent(target.name)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return made + names.sorted().compactMap { name in
      guard let data = try? Data(contentsOf: folder.appendingPathComponent(name)) else { return nil }
      return Case(target: target, name: name, bytes: Array(data))
    }
  }

  private static let cases = FuzzTarget.all.flatMap(cases)

  @Test(arguments: FuzzTarget.all)
  func `a target has cases, and fits them`(target: FuzzTarget) {
    let cases = Self.cases(of: target)
    #expect(!cases.isEmpty)
    for found in cases { #expect(found.bytes.count <= target.byteCountMax, "\(found.name)") }
  }

  @Test func `no folder of cases is without a target`() throws {
    let folders = try FileManager.default.contentsOfDirectory(atPath: Self.root.path)
      .filter { !$0.hasSuffix(".md") }
    let names = FuzzTarget.all.map(\.name)
    #expect(Set(folders).isSubset(of: names + FuzzTarget.serviceNames))
    #expect(Set(names).count == names.count)
  }

  @Test(arguments: cases)
  func `a kept input keeps every promise`(found: Case) {
    #expect(throws: Never.self) { try found.target.run(found.bytes) }
  }

  /// What the fuzzer does for hours, for a moment: so that a target that fails at once is seen here.
  @Test(arguments: cases)
  func `an input changed at a few bytes keeps every promise`(found: Case) {
    var state = UInt64(found.bytes.count) &+ 0x5EED
    func next() -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33)
    }
    for round in 0..<25 {
      var bytes = found.bytes
      for _ in 0...(next() % 4) where !bytes.isEmpty {
        let place = next() % bytes.count
        switch next() % 4 {
        case 0: bytes[place] ^= 1 << UInt8(next() % 8)
        case 1: bytes[place] = UInt8(next() % 256)
        case 2: bytes.remove(at: place)
        default: bytes.insert(bytes[next() % bytes.count], at: place)
        }
      }
      #expect(throws: Never.self, "round \(round): \(bytes)") { try found.target.run(bytes) }
    }
  }
}
