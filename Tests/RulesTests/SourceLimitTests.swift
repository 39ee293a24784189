import Foundation
import Testing

@testable import Rules

/// Sources beyond what a table may be are read or refused in bounded time and memory.
@Suite struct SourceLimitTests {
  private static let front = "---\ntrigger: a\nhitPolicy: F\nmode: off\n---\n## Rules\n"

  private static func errors(_ text: String, _ file: String = "t.table.md") -> [String] {
    TableReader.read(text, file: file).diagnostics.map(\.description)
  }

  /// Far above what is needed; what grows with the square of its input takes longer by far.
  private static func isQuick(_ body: () throws -> Void) rethrows -> Bool {
    try ContinuousClock().measure(body) < .seconds(60)
  }

  @Test func `a cell of 10,000 characters is refused, and a shorter one read to its one mistake`() {
    let long = (0..<1000).map { "\"text-\($0)\"" }.joined(separator: ", ")
    #expect(long.count > 10_000)
    let refused = Self.errors(
      Self.front + "| request.path | verdict |\n|---|---|\n| \(long) | mfa |\n")
    #expect(
      refused == [
        "t.table.md:9:3: error: a cell of \(long.count) characters; 8192 bytes is the most: put the"
          + " values into a file, name it under `lists:` and write `in NAME`"
      ])
    let short = (0..<600).map { "\"text-\($0)\"" }.joined(separator: ", ")
    let wrong = Self.errors(
      Self.front + "| request.path | verdict |\n|---|---|\n| \(short), x | mfa |\n")
    #expect(wrong.map { $0.contains("9:\(short.count + 5): error: `x` is no text") } == [true])
    let output = String(repeating: "x", count: 10_000)
    #expect(
      Self.errors(Self.front + "| verdict | reason |\n|---|---|\n| mfa | \(output) |\n")
        .map { $0.contains("9:9: error: an output of 10000 bytes; 4096 is the most") } == [true])
  }

  @Test func `a table of 50 MB is refused by the number of its rows`() {
    let row = "| - | mfa | " + String(repeating: "x", count: 80) + " |\n"
    let text =
      Self.front + "| request.path | verdict | reason |\n|---|---|---|\n"
      + String(repeating: row, count: 540_000)
    #expect(text.utf8.count > 50_000_000)
    let isQuick = Self.isQuick {
      #expect(
        Self.errors(text).map { $0.contains("540000 rows in the table; 100000 is the most") }
          == [true])
    }
    #expect(isQuick)
  }

  @Test func `bytes, columns, settings and findings have limits`() {
    let tooLong = [UInt8](repeating: 0x20, count: TableReader.sourceByteCountMax + 1)
    #expect(
      TableReader.read(tooLong, file: "t").diagnostics.map(\.message)
        == ["67108865 bytes; 67108864 is the most that a table may have"])
    let wide = String(repeating: "| a ", count: 1_000_000)
    #expect(
      Self.errors(Self.front + wide + "|\n" + String(repeating: "|---", count: 1_000_000) + "|\n")
        .map { $0.contains("1000000 columns in the table; 128 is the most") } == [true])
    let commas = "# trigger: a\n# hitPolicy: F\n# mode: off\na" + String(repeating: ",a", count: 999_999)
    #expect(
      Self.errors(commas + "\n", "t.table.csv")
        .map { $0.contains("1000000 columns in the table; 128 is the most") } == [true])
    let settings = (0..<20_000).map { "s\($0): 1\n" }.joined()
    #expect(
      Self.errors("---\n\(settings)---\n").contains { $0.contains("20000 settings; 4096 is the most") })
    let mistakes = String(repeating: "| mfa | x |\n", count: 5000)
    let found = Self.errors(Self.front + "| verdict |\n|---|\n" + mistakes)
    #expect(found.count == DiagnosticLog.countMax + 1)
    #expect(found.last?.contains("error: 4000 more findings; correct those above first") == true)
  }

  @Test func `what is too much is counted, and named by its number`() {
    let csv = "# trigger: a\n# hitPolicy: F\n# mode: off\n"
    func first(_ text: String, _ file: String = "t.table.csv") -> String {
      Self.errors(text, file).first ?? "none"
    }
    #expect(first(csv + String(repeating: "a,\n", count: 100_003)).contains("100002 rows in the table"))
    #expect(first(csv + "request.ip,verdict\n-,mfa,,,\n,,x,\n").contains("6:1: error: 3 cells"))
    let wide = "request.ip,verdict\n-,mfa" + String(repeating: ",", count: 1000)
    #expect(Self.errors(csv + wide + "\n", "t.table.csv") == [])
    #expect(first(csv + wide + "x\n").contains("5:1: error: 1002 cells in a table of 2 columns"))
    let settings = String(repeating: "# a: b\n", count: 65_537)
    #expect(first(settings + "request.ip,verdict\n-,mfa\n").contains("327684 bytes of settings; 262144"))
    let rows = "| verdict |\n|---|\n" + String(repeating: "| mfa |\n", count: 100_001)
    #expect(Self.errors(Self.front + rows).contains { $0.contains("100001 rows in the table") })
    #expect(
      Self.errors(Self.front + rows + "\n| x |\n").contains { $0.contains("a second table under") })
    let headings = String(repeating: "## Other\n", count: 1000)
    let behind = Self.errors(headings + Self.front + "| verdict |\n|---|\n| mfa |\n")
    #expect(behind.map { $0.contains("no front matter") } == [true], "\(behind)")
    let name = String(repeating: "x", count: 1_000_000)
    let long = first(csv + "\(name),verdict\n-,mfa\n")
    #expect(long.utf8.count < 4096 && long.contains("4:1: error: no signal `xxx"), "\(long.prefix(99))")
    #expect(long.hasSuffix("declare one of your own under `signals:` in the front matter"))
  }

  @Test func `deep and self-referring settings end in an error`() {
    let deep = String(repeating: "[", count: 100_000)
    let found = Self.errors("---\na: \(deep)\n---\n")
    #expect(found.contains { $0.contains("error: not YAML") }, "\(found)")
    let map = String(repeating: "{a: ", count: 50_000)
    #expect(Self.errors("---\na: \(map)\n---\n").contains { $0.contains("error: not YAML") })
    var bomb = "a0: &a0 {x: 1}\n"
    for level in 1...30 { bomb += "a\(level): &a\(level) {x: *a\(level - 1), y: *a\(level - 1)}\n" }
    let isQuick = Self.isQuick { #expect(!Self.errors("---\n\(bomb)---\n").isEmpty) }
    #expect(isQuick)
  }

  @Test func `an unterminated quote at the start of a long file is one error`() {
    let text =
      "# trigger: a\n# hitPolicy: F\n# mode: off\n\"verdict,reason\n"
      + String(repeating: "mfa,x\n", count: 200_000)
    let isQuick = Self.isQuick {
      let found = Self.errors(text, "t.table.csv")
      #expect(found.contains { $0.contains("4:1: error: the cell has no end") }, "\(found.prefix(3))")
    }
    #expect(isQuick)
  }

  @Test func `a file larger than a table may be is not read`() throws {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("postern-\(UUID().uuidString).table.md").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(FileManager.default.createFile(atPath: path, contents: nil))
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.truncate(atOffset: 1 << 40)
    try handle.close()
    let set = TableDirectory.load(files: [path])
    #expect(
      set.diagnostics.map(\.message)
        == ["1099511627776 bytes; 67108864 is the most that a table may have"])
  }
}
