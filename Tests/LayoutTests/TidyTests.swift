import Foundation
import Testing

/// What a reader may expect of every file.
@Suite struct TidyTests {
  @Test func `the repository has the folders it says it has`() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: root.path)
    let folders = names.filter { name in
      var isDirectory: ObjCBool = false
      let path = root.appendingPathComponent(name).path
      return unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
        && isDirectory.boolValue && !name.hasPrefix(".")
    }
    #expect(Set(folders) == ["Sources", "Tests", "proto-spec", "loadtest", "ops"])
  }

  @Test(arguments: ["Sources", "loadtest"])
  func `a source file is one concept and its lines fit`(folder: String) throws {
    for file in try swiftFiles(under: folder) {
      let lines = try String(contentsOf: file, encoding: .utf8).split(
        separator: "\n", omittingEmptySubsequences: false)
      #expect(lines.count <= 400, "\(file.path) has \(lines.count) lines")
      for (index, line) in lines.enumerated() {
        #expect(line.count <= 110, "\(file.path):\(index + 1) has \(line.count) columns")
      }
    }
  }

  @Test func `nothing unfinished is left in the sources`() throws {
    for file in try swiftFiles(under: "Sources") + swiftFiles(under: "loadtest") {
      let text = try String(contentsOf: file, encoding: .utf8)
      for marker in ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"] {
        #expect(!text.contains(marker), "\(file.path) contains \(marker)")
      }
    }
  }

  /// A fault that both had would be proved right.
  @Test func `the proof asks the compiler for nothing`() throws {
    let compiler = try swiftFiles(under: "Sources/Rules/Compile").map {
      try String(contentsOf: $0, encoding: .utf8)
    }
    let names = ["ChainCompiler", "rulesByBit", "hitOrder", "planOutputs", "aggregations()", "role(liveNames"]
    for name in names { #expect(compiler.contains { $0.contains(name) }, "the compiler has no \(name)") }
    for file in try swiftFiles(under: "Sources/Rules/Proof") {
      let text = try String(contentsOf: file, encoding: .utf8)
      for name in names { #expect(!text.contains(name), "\(file.path) uses \(name)") }
    }
  }

  @Test func `every use of unsafe says why it is safe`() throws {
    for file in try swiftFiles(under: "Sources") {
      let missing = SafetyReasons(of: try String(contentsOf: file, encoding: .utf8)).missing
      #expect(missing.isEmpty, "\(file.path): no SAFETY comment speaks for lines \(missing)")
    }
  }

  @Test func `a use that no comment speaks for is found`() {
    let text = """
      /// INVARIANT (whole): it is.
      struct Bare {
        init() { unsafe start() }
        deinit { unsafe end() }
        // SAFETY: of this one.
        func first() { unsafe call() }
        func second() { unsafe call() }
        func third(
          a: Int
        ) -> Int {
          if a > 0 {
            return unsafe call()
          }
          // SAFETY: of all this body.
          return unsafe call()
        }
        var fourth: Int { unsafe call() }  // SAFETY: behind it.
        var fifth: Int {
          get { unsafe call() }
        }
      }

      /// SAFETY, for all of it: so it is.
      @safe
      extension Bare {
        func sixth() {
          unsafe call()
        }
      }

      func seventh() { unsafe call() }
      // What is unsafe here is none, nor is `unsafe` there.
      let eighth = call()
      // SAFETY, here and below: always.
      func ninth() { unsafe call() }
      func tenth() { unsafe call() }
      """
    #expect(SafetyReasons(of: text).missing == [7, 19, 31])
  }
}
