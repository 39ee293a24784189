import EdgeProofFiles
import Foundation
import Server
@testable import Settings
import Testing

/// Settings files that are broken in any way are read or refused in one line that names them.
@Suite struct ConfigurationMutationTests {
  private static let documented = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("ops/postern.yaml")

  private static let seeds: [[UInt8]] = [
    Array((try? Data(contentsOf: documented)) ?? Data()),
    Array("listen: ['[::1]:0', unix:/tmp/x.sock]\nloops: 2\nonMissing: deny\ntriggers: [a, b-c]\n".utf8),
    Array("bundle: https://cdn.example/t.bundle\ntrust: [a.pub]\nstate: s\npollSeconds: 5\n".utf8),
  ]

  /// What is said of a file with these bytes; nothing where it is read.
  private func complaints(about bytes: [UInt8], at path: String) throws -> [String] {
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    var problems: [ConfigurationFile.Problem] = []
    do {
      let file = try ConfigurationFile(path: path, problems: &problems)
      var configuration = ServerConfiguration()
      file.apply(to: &configuration, path: path, problems: &problems)
      var bundles = BundleSettings()
      file.apply(to: &bundles, path: path, problems: &problems)
    } catch {
      problems.append(error)
    }
    return problems.map(\.description)
  }

  private func withPath(_ body: (String) throws -> Void) throws {
    let path = NSTemporaryDirectory() + "postern-\(UUID().uuidString).yaml"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
  }

  @Test func `every key of the file, of TLS and of unix peers is documented`() {
    let text = String(decoding: Self.seeds[0], as: UTF8.self)
    let lines = text.split(separator: "\n")
    func keys(after marks: String) -> Set<String> {
      Set(
        lines.filter { $0.hasPrefix(marks) }.compactMap { line in
          let rest = line.dropFirst(marks.count)
          return rest.first?.isLetter == true ? rest.split(separator: ":").first.map(String.init) : nil
        })
    }
    let top = keys(after: "").union(keys(after: "# "))
    #expect(Set(ConfigurationFile.CodingKeys.allCases.map(\.rawValue)).subtracting(top) == [])
    #expect(Set(TLSSection.CodingKeys.allCases.map(\.rawValue)).subtracting(keys(after: "#   ")) == [])
    #expect(Set(UnixPeersSection.CodingKeys.allCases.map(\.rawValue)).subtracting(keys(after: "#   ")) == [])
  }

  @Test func `the documented settings are read`() throws {
    try withPath { path in
      for seed in Self.seeds {
        #expect(!seed.isEmpty)
        let complaints = try complaints(about: seed, at: path)
        #expect(complaints == [])
      }
    }
  }

  @Test(arguments: UInt64(1)...6)
  func `bytes changed, left out or put in are read, or refused in one line`(seed: UInt64) throws {
    var state = seed
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let pieces = ["[", "{", ": ", "- ", "&a ", "*a", "\n", "\t", "!!int ", "-1", "1e9", "'", "\u{0}", "|"]
    try withPath { path in
      var refusedCount = 0
      for _ in 0..<150 {
        var bytes = Self.seeds[next(Self.seeds.count)]
        for _ in 0...next(4) {
          let place = next(bytes.count)
          switch next(4) {
          case 0: bytes[place] = UInt8(next(256))
          case 1: bytes.removeSubrange(place..<min(bytes.count - 1, place + 1 + next(20)))
          case 2: bytes.insert(contentsOf: pieces[next(pieces.count)].utf8, at: place)
          default: bytes.insert(contentsOf: bytes[next(place + 1)...place], at: place)
          }
        }
        let complaints = try complaints(about: bytes, at: path)
        if complaints.isEmpty { continue }
        refusedCount += 1
        let text = String(decoding: bytes, as: UTF8.self)
        for complaint in complaints {
          #expect(complaint.hasPrefix("\(path):"), "seed \(seed): \(text)")
          #expect(!complaint.contains("\n"), "seed \(seed): \(complaint)\n\(text)")
        }
      }
      #expect(refusedCount > 20)
    }
  }

  @Test func `brackets without end are refused in one line`() throws {
    try withPath { path in
      let bytes = Array(("loops: " + String(repeating: "[", count: 100_000)).utf8)
      let complaints = try complaints(about: bytes, at: path)
      let complaint = try #require(complaints.first)
      #expect(complaint.hasPrefix("\(path):") && !complaint.contains("\n"), "\(complaint)")
    }
  }
  @Test(arguments: [
    ("loops: 1\nidleSeconds: 1\nloops: 2\n", "1:1", "`loops`"),
    ("tables: x\nhttp2:\n  faultCount: 1\n  faultCount: 2\n", "3:3", "`faultCount`"),
    ("\nlisten: ['127.0.0.1:1']\nadmin: a\nlisten: []\nadmin: b\n", "3:1", "`admin`, `listen`"),
  ])
  func `keys that are there twice are named`(text: String, place: String, keys: String) throws {
    try withPath { path in
      let complaints = try complaints(about: Array(text.utf8), at: path)
      let what = "error: more than one \(keys) in one mapping; keep one of each"
      #expect(complaints == ["\(path):\(place): \(what)"])
      var proof = EdgeProofFile(path)
      let error = #expect(throws: EdgeProofFileError.self) { _ = try proof.read() }
      #expect(error?.problems.map(\.description) == complaints)
    }
  }
}
