import Foundation
import Signals
import Testing
import Wire

@testable import Rules

@Suite struct CSVTests {
  private static let settings = "# trigger: post-login\n# hitPolicy: F\n# mode: audit\n"

  private static func read(_ text: String) -> (table: Table?, diagnostics: [String]) {
    let (table, diagnostics) = TableReader.read(text, file: "t.table.csv")
    return (table, diagnostics.map(\.description))
  }

  @Test func `a table is read whole`() throws {
    let text = #"""
      # trigger: post-login
      # title: Step up
      # hitPolicy: FIRST
      # mode: audit
      # values:
      #   verdict: mfa, allow
      # signals:
      #   shop.total: number
      rule,akamaiUserRisk.score,shop.total,request.path,verdict,reason,comment
      high,>= 90,-,"""/a"",""/b""",mfa,"a, b; ""c""","for
      now"

      ## a comment
      ,"[10..20)",-5,-,allow,,
      ## Examples
      example,akamaiUserRisk.score,verdict,rule
      one,95,mfa,high
      """#
    let (read, diagnostics) = Self.read(text)
    #expect(diagnostics == [])
    let table = try #require(read)
    #expect(table.name == "t")
    #expect(table.title == "Step up")
    #expect(table.verdictValues == [.mfa, .allow])
    #expect(table.inputs.map(\.name) == ["akamaiUserRisk.score", "shop.total", "request.path"])
    #expect(table.rules.map(\.name) == ["high", ""])
    #expect(table.rules[0].outputs == [.init(kind: .reason, value: "a, b; \"c\"")])
    #expect(table.rules[0].comment == "for\nnow")
    #expect(table.rules[0].cells[2].matches(.text("/b")))
    #expect(table.rules[1].cells[0].matches(.number(19)))
    #expect(table.rules[1].location == SourceLocation(line: 14, column: 1))
    #expect(table.examples.map(\.rule) == ["high"])
    #expect(table.location == SourceLocation(line: 9, column: 1))
  }

  @Test(arguments: [",", ";", "\t"])
  func `what a spreadsheet makes of a table is the same table`(separator: String) throws {
    let plain = try #require(
      Self.read(
        Self.settings + "request.path,session.mfaRequired,verdict\n\"\"\"/a\"\"\",true,deny\n"
          + "-,-,allow\n## Examples\nrequest.path,verdict\n/b,allow\n"
      ).table)
    // Every line as wide as the widest, settings in quotes, booleans in capitals, CRLF and a mark.
    let pad = separator + separator
    let lines =
      Self.settings.split(separator: "\n").map { "\"\($0)\"" + pad } + [pad]
      + ["request.path,session.mfaRequired,verdict", "\"\"\"/a\"\"\",TRUE,deny", "-,-,allow"]
      .map { $0.replacing(",", with: separator) }
      + [
        "## Examples" + pad, "request.path\(separator)verdict\(separator)",
        "/b\(separator)allow\(separator)",
      ]
    let (saved, diagnostics) = Self.read(
      "\u{FEFF}" + lines.joined(separator: "\r\n") + "\r\n")
    #expect(diagnostics == [])
    #expect(saved?.unplaced() == plain.unplaced())
  }

  /// Lines from the fourth on, and the errors that they make.
  private static let mistakes: [(text: String, errors: [String])] = [
    ("", ["1:1: error: no rules; put a line of column names behind the settings"]),
    (
      "verdict,reason\nallow,\"open\nmfa,x\n",
      ["5:7: error: the cell has no end; close it with `\"`"]
    ),
    (
      "verdict,reason\nallow,\"a\"b\nmfa,\"c\" d,\n",
      [
        "5:10: error: `b` behind a cell's closing quote; write `\"\"` for a quote inside it",
        "6:9: error: `d` behind a cell's closing quote",
      ]
    ),
    (
      "verdict,reason\nallow\nmfa,x,y\n",
      [
        "5:1: error: 1 cells in a table of 2 columns; put quotes around a cell that has a separator",
        "6:1: error: 3 cells in a table of 2 columns",
      ]
    ),
    (
      "request.pth,request.path,request.path,verdict,raeson,reason,reason\n-,-,-,allow,,,\n",
      [
        "4:1: error: no signal `request.pth`; did you mean `request.path`?",
        "4:26: error: a second column `request.path`; put its tests into the first",
        "4:47: error: no output `raeson`; did you mean `reason`?",
        "4:61: error: a second column `reason`",
      ]
    ),
    (
      "request.path,verdict\n\"\"\"a\"\",  b\",allow\n",
      ["5:10: error: `b` is no text; put it in quotes"]
    ),
    (
      "request.path,verdict\n\"\"\"a\"\",\n b\",allow\n",
      ["6:2: error: `b` is no text; put it in quotes"]
    ),
    (
      "verdict\nallow\n# onLate: deny\n",
      ["6:1: error: settings stand before the rules; move this line up"]
    ),
    ("verdict\nallow\n## examples\n", ["6:1: error: no table under `## Examples`"]),
    (
      "verdict\nallow\n## Examples\nverdict\nmfa\n## Examples\n",
      ["9:1: error: `## Examples` is there twice"]
    ),
  ]

  @Test func `mistakes are reported at their lines and columns, all at once`() {
    for (text, errors) in Self.mistakes {
      let found = Self.read(Self.settings + text).diagnostics
      #expect(found.count == errors.count, "\(text): \(found)")
      for (found, error) in zip(found, errors) {
        #expect(found.hasPrefix("t.table.csv:" + error), "\(text): \(found)")
      }
    }
  }

  @Test func `mistakes in settings are reported at their lines and columns`() {
    let text = "# trigger: post login\n#hitPolicy: FRIST\n\"# mode: x\"\n# signals:\n#   a: numbr\n"
    #expect(
      Self.read(text + "verdict\nallow\n").diagnostics.map { $0.prefix(32) } == [
        "t.table.csv:1:12: error: `post l", "t.table.csv:2:13: error: `hitPol",
        "t.table.csv:3:10: error: `mode` ", "t.table.csv:5:8: error: the type",
      ])
    #expect(
      Self.read("verdict\nallow\n").diagnostics.map { $0.prefix(42) } == [
        "t.table.csv:1:1: error: no settings; begin"
      ])
  }

  @Test func `the table in the language's description is read, tested and in canonical spelling`()
    throws
  {
    let path = ServedTablesTests.directory + "/README.md"
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    let text = lines.drop { !$0.hasPrefix("    # trigger") }.prefix { $0.hasPrefix("    ") }
      .map { $0.dropFirst(4) + "\n" }.joined()
    let (read, diagnostics) = Self.read(text)
    #expect(diagnostics == [])
    let table = try #require(read)
    #expect(try ExampleRunner.run(table).map(\.passed) == [true])
    #expect(TableFormatter.format(Array(text.utf8), file: "t.table.csv").bytes == Array(text.utf8))
  }
}
