import Signals
import SignalsOracle
import Testing
import Wire

@Suite struct ListCursorTests {
  @Test(
    arguments: [
      ("", []), ("a", ["a"]), ("a,b", ["a", "b"]), (" a , b c ,d", ["a", "b c", "d"]),
      (",, ,a,,", ["a"]), ("a:b,c|d", ["a:b", "c|d"]), ("  ", []),
    ] as [(String, [String])])
  func `members between commas are trimmed, empty ones passed over`(text: String, members: [String])
  {
    #expect(list(Array(text.utf8), .commas) == members)
  }

  @Test(
    arguments: [
      ("", []), ("a:1", ["a"]), ("a:1|b:2|c:", ["a", "b", "c"]), ("|a:b:c||", ["a"]),
      ("a:1|A:2", ["a", "A"]),
    ] as [(String, [String])])
  func `members of items are their codes`(text: String, members: [String]) {
    #expect(list(Array(text.utf8), .items) == members)
  }

  @Test func `members with lengths are whole`() throws {
    let texts = ["pwd", "", "a,b|c", String(repeating: "x", count: 300)]
    let readings = try Probe(["authentication.methods"]).read { writer in
      writer.append(.authenticationMethods, list: texts)
    }
    #expect(readings == [.list(texts.map { Array($0.utf8) })])
  }

  /// The members, with bytes around the list that would continue it.
  private func list(_ text: [UInt8], _ format: ListFormat) -> [String] {
    let bytes = Array("x:1".utf8) + text + Array("y:1,|".utf8)
    let range = ByteRange(offset: 3, count: text.count)
    var cursor = ListCursor(.list(range, format))
    var members: [String] = []
    while let member = cursor.next(in: bytes.span) {
      members.append(String(repairing: bytes.span.extracting(member)))
    }
    return members
  }
}
