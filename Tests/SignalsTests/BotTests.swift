import Signals
import SignalsOracle
import Testing

@Suite struct BotTests {
  @Test(arguments: [
    "", "Bot", "Bot (x)", "Bot (x):", "Bot (x):a", "Bot (x):a:", "Bot (x)::c", "Bot ():a:c",
    "Bot (x):a b:c", "Bot (x):a):c",
    " (x):a:c",
    "(x):a:c", "Bot(x):a:c", "Bot (x:a:c", "Bot (x):a::60:strict",
    "y, Bot (x):a:c", "Bot. (x):a:c", "A(b) bot (x):a:c", "B\u{f6}t (x):a:c",
  ])
  func `a header with a piece missing is invalid`(text: String) throws {
    for name in ["akamaiBot", "akamaiBot.type", "akamaiBot.botScore", "akamaiBot.botCategory"] {
      #expect(try read(name, bot: text) == .invalid)
    }
  }

  @Test(
    arguments: [
      ("c:60:strict", "c", .number(60), "strict"), ("c:0:x", "c", .number(0), "x"),
      ("c:100:x", "c", .number(100), "x"), ("c:101:x", "c", .invalid, "x"),
      ("c:060:x", "c", .invalid, "x"),
      ("a:b:c:7:x-y_z", "a:b:c", .number(7), "x-y_z"), ("1:2:3", "1", .number(2), "3"),
      ("c", "c", .absent, nil), ("60", "60", .absent, nil),
    ] as [(String, String, Reading, String?)])
  func `score and segment are read from the right`(
    rest: String, categories: String, score: Reading, segment: String?
  ) throws {
    let header = "Bot (x):monitor:\(rest)"
    #expect(try read("akamaiBot.botCategory", bot: header) == .list([Array(categories.utf8)]))
    #expect(try read("akamaiBot.botScore", bot: header) == score)
    let found = try read("akamaiBot.botScoreResponseSegment", bot: header)
    #expect(found == segment.map { .string(Array($0.utf8)) } ?? .absent)
  }

  @Test(arguments: [
    "60:strict", "c:1000:x", "c:60:", "c:60", "c::x", "c:60:a b", "c:6x:x", "c:6.0:x", "c:60:strict:",
    "c:60:strict, y", "c:60:strict,", "c:60:strict;", "c:60:str\u{f6}ct", "c: d",
  ])
  func `score and segment that may have been there are invalid, not absent`(rest: String) throws {
    // The last are read byte by byte.
    for length in [1, 20, 40, 60, 90, 130, 200] {
      let header = "Bot (\(String(repeating: "x", count: length))):monitor:\(rest)"
      #expect(try read("akamaiBot.botScore", bot: header) == .invalid, "\(length)")
      #expect(try read("akamaiBot.botScoreResponseSegment", bot: header) == .invalid, "\(length)")
      #expect(try read("akamaiBot.type", bot: header) == "Bot")
    }
  }

  @Test(arguments: [
    "Akamai-Categorized Bot (amazonbot):monitor:Web Search Engine Bots",
    "Akamai-Categorized Bot (amazonbot):monitor:Web Search Engine Bots:60:strict",
    "Customer-Categorized Bot (Mission Lab IP):monitor:ML BM Bypass (new)",
    "Unknown Bot (A1):monitor:Behavior Anomaly (x):97:aggressive",
  ])
  func `two values that a proxy has joined are invalid, in any order`(text: String) throws {
    let other = "Unknown Bot (A1):monitor:Behavior Anomaly:97:aggressive"
    #expect(try read("akamaiBot.type", bot: text) != .invalid)
    for joined in ["\(text), \(other)", "\(other), \(text)", "\(text),\(other)"] {
      for name in ["akamaiBot", "akamaiBot.botCategory", "akamaiBot.botScoreResponseSegment"] {
        #expect(try read(name, bot: joined) == .invalid, "\(joined)")
      }
    }
  }

  /// A line that is no value by itself, before one of the edge's or behind it.
  @Test(arguments: [
    "Unknown Bot (, Customer-Categorized Bot (Mission Lab IP):monitor:ML BM Bypass",
    "Unknown Bot (A1 ,Customer-Categorized Bot (Mission Lab IP):monitor:ML BM Bypass:10:strict",
    "x, Customer-Categorized Bot (Mission Lab IP):monitor:ML BM Bypass",
    "Unknown Bot (A1):monitor:Behavior Anomaly, :20:cautious",
    "Unknown Bot (A1):monitor:Behavior Anomaly,:20:cautious",
    "Unknown Bot (A1):monitor:Behavior Anomaly:90:strict, :20:cautious",
  ])
  func `half a value that a proxy has joined makes the header invalid`(text: String) throws {
    for long in ["", String(repeating: "x", count: 130)] {
      let header = text.replacing("monitor", with: "monitor\(long)")
      for name in ["akamaiBot", "akamaiBot.type", "akamaiBot.botScore", "akamaiBot.botCategory"] {
        #expect(try read(name, bot: header) == .invalid, "\(header)")
      }
    }
  }

  @Test func `a score behind a joined line is none of the edge's`() throws {
    for long in [0, 20, 130] {
      let rest = "Behavior Anomaly:90:strict, x\(String(repeating: "x", count: long)):20:cautious"
      let header = "Unknown Bot (A1):monitor:\(rest)"
      #expect(try read("akamaiBot.botScore", bot: header) == .invalid)
      #expect(try read("akamaiBot.botScoreResponseSegment", bot: header) == .invalid)
      #expect(try read("akamaiBot.type", bot: header) == "Unknown Bot")
    }
  }

  @Test func `commas where they belong are no second line`() throws {
    let header = "Customer-Categorized Bot (Shop, Inc. bot):monitor:a:b, c:d,, e"
    #expect(try read("akamaiBot.botnetId", bot: header) == "Shop, Inc. bot")
    let scored = "Unknown Bot (one (two), three):monitor:Web Search Engine Bots,Behavior Anomaly:97:strict"
    #expect(try read("akamaiBot.botScore", bot: scored) == .number(97))
    #expect(try read("akamaiBot.botnetId", bot: scored) == "one (two), three")
  }

  @Test func `a second value is seen wherever it begins, and not where the score does`() throws {
    for length in 1...160 {
      let categories = String(repeating: "c", count: length)
      let one = "B (x):m:\(categories)"
      #expect(try read("akamaiBot", bot: one + "):y") == .invalid, "\(length)")
      #expect(try read("akamaiBot", bot: one + "):y:60:strict") == .invalid, "\(length)")
      #expect(try read("akamaiBot", bot: one + "):60:strict") != .invalid, "\(length)")
      #expect(try read("akamaiBot", bot: one + ")") != .invalid, "\(length)")
    }
  }

  @Test func `names end at the first " (" and the first "):" after it`() throws {
    let header = "A_b- bot (one (two) (3):x:deny:c"
    #expect(try read("akamaiBot.type", bot: header) == "A_b- bot")
    #expect(try read("akamaiBot.botnetId", bot: header) == "one (two) (3")
    #expect(try read("akamaiBot.action", bot: header) == "x")
    #expect(try read("akamaiBot.botCategory", bot: header) == .list([Array("deny:c".utf8)]))
  }
}
