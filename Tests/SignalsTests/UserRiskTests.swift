import Signals
import SignalsOracle
import Testing
import Wire

@Suite struct UserRiskTests {
  @Test(arguments: UserRiskHeader.Key.allCases)
  func `a key is known in any case, and not by a part of its name`(key: UserRiskHeader.Key) {
    for name in [key.name, key.name.lowercased(), key.name.uppercased()] {
      #expect(scan("\(name)=").value(of: key) != nil, "\(name)")
    }
    let near = [
      "x" + key.name, key.name + "x", key.name + "_", String(key.name.dropLast()),
      String(key.name.dropFirst()),
    ]
    for name in near {
      #expect(scan("\(name)=").state == .value)
      #expect(scan("\(name)=").value(of: key) == nil, "\(name)")
    }
  }

  @Test(
    arguments: UserRiskHeader.Key.allCases.map(\.name) + ["x", "eightlen", "a-key_longer-than-16"])
  func `a key that comes twice makes the header invalid`(name: String) {
    #expect(scan("\(name)=1;o=;p=").state == .value)
    #expect(scan("\(name)=1;o=;\(name)=1").state == .invalid)
    #expect(scan("\(name)=1;o=;\(name.uppercased())=").state == .invalid)
  }

  @Test(arguments: UserRiskHeader.Key.allCases)
  func `two values that a proxy has joined are invalid, whichever key the second begins with`(
    key: UserRiskHeader.Key
  ) throws {
    for name in [key.name, key.name.lowercased(), key.name.uppercased()] {
      for comma in [",", ", ", ",   ", " ,", " , "] {
        let other = "\(comma)\(name)=95"
        #expect(scan("x=1\(other)").state == .invalid, "\(other)")
        #expect(scan("x=1\(other);y=2").state == .invalid, "\(other)")
        #expect(scan("x=,\(other)").state == .invalid, "\(other)")
      }
      for text in [
        ",\(name)", ", \(name) =", ",x\(name)=", ", x \(name)=", ",\(name)x=", "\(name)=", ",;\(name)=",
      ] { #expect(scan("x=1\(text)").state == .value, "\(text)") }
    }
  }

  @Test func `a forged value does not hide the score of the edge's value behind it`() throws {
    for comma in [", ", ","] {
      let joined = "status=0;score=1;x=1\(comma)score=95;uuid=u"
      #expect(try read("akamaiUserRisk.score", userRisk: joined) == .invalid)
      #expect(try read("akamaiUserRisk.standing", userRisk: joined) == .invalid)
    }
  }

  @Test func `a second value is seen wherever it begins, and commas elsewhere are text`() throws {
    for length in 0...260 {
      let name = String(repeating: "n", count: length)
      let one = "status=0;score=1;username=\(name),"
      #expect(scan(one + " score=95").state == .invalid, "\(length)")
      #expect(scan(one + "OUID=;x=1").state == .invalid, "\(length)")
      // What follows the header in the message is not the header's.
      let bytes = Array((one + " score=95").utf8)
      var separators = SeparatorOffsets()
      for count in one.utf8.count..<one.utf8.count + 7 {
        let range = ByteRange(offset: 0, count: count)
        #expect(UserRiskHeader(scanning: bytes.span, range, &separators).state == .value, "\(count)")
      }
      let found = try read("akamaiUserRisk.username", userRisk: one + " x;allow=0")
      #expect(found == .string(Array("\(name), x".utf8)))
    }
  }

  @Test(arguments: [UserRiskHeader.Key.status, .score, .general, .risk, .trust, .allow, .action])
  func `a line that a proxy has joined to a value of risk makes the header invalid`(
    key: UserRiskHeader.Key
  ) throws {
    for name in [key.name, key.name.uppercased()] {
      for joined in [", x", ",x", ",", ", x;y=1", ",x;uuid=u", " , "] {
        #expect(scan("uuid=u;\(name)=1\(joined)").state == .invalid, "\(name)=1\(joined)")
        #expect(scan("\(name)=1\(joined)").state == .invalid, "\(name)=1\(joined)")
      }
      #expect(scan("username=a,b;\(name)=1").state == .value)
      #expect(scan("x\(name)=a,b;\(name)=1").state == .value)
    }
  }

  @Test func `thousands of commas are read once`() {
    let commas = String(repeating: ",", count: 4000)
    let spaces = String(repeating: " ", count: 4000)
    #expect(scan("x=\(commas)\(spaces)y").state == .value)
    #expect(scan("x=\(commas)\(spaces)ouid=").state == .invalid)
  }

  @Test(arguments: [
    "a", "a;b=1", "=1", "a=1;=", "a b=1", " a=1", "a=1; b=2", "|=1", "a|b=1", "\u{E9}=1",
  ])
  func `a pair without a key or without "=" makes the header invalid`(text: String) {
    #expect(scan(text).state == .invalid)
  }

  @Test(arguments: ["", ";", ";;;", "a=;", ";a=;;b=;"])
  func `empty pairs are passed over`(text: String) {
    #expect(scan(text).state == .value)
  }

  @Test(arguments: [
    ("0", "full"), ("00", "full"), ("1", "unusable"), ("2", "noProfile"), ("3", "noProfile"),
    ("4", "unusable"), ("5", "unusable"), ("6", "unusable"), ("7", "unusable"), ("8", "unusable"),
    ("255", "unusable"), ("256", nil), ("0000", nil), ("", nil), ("x", nil), ("-1", nil),
    (" 0", nil),
  ])
  func `the standing follows the status`(status: String, standing: String?) throws {
    let header = "score=92;status=\(status)"
    let score = try read("akamaiUserRisk.score", userRisk: header)
    #expect(
      try read("akamaiUserRisk.standing", userRisk: header)
        == standing.map { .enumeration($0) } ?? .invalid)
    #expect(score == (standing == nil ? .invalid : standing == "unusable" ? .absent : .number(92)))
    #expect(try read("akamaiUserRisk.reportedScore", userRisk: header) == .number(92))
  }

  @Test func `a header without a status has no usable score`() throws {
    #expect(try read("akamaiUserRisk.standing", userRisk: "score=5") == .enumeration("unusable"))
    #expect(try read("akamaiUserRisk.score", userRisk: "score=5") == .absent)
    #expect(try read("akamaiUserRisk.standing") == .absent)
  }

  @Test(arguments: [
    ("0", 0), ("00", 0), ("7", 7), ("99", 99), ("100", 100), ("101", nil), ("099", nil),
    ("1000", nil),
    ("", nil), ("1.0", nil), ("+1", nil),
  ])
  func `a score is one or two digits or 100`(text: String, score: Double?) throws {
    let found = try read("akamaiUserRisk.score", userRisk: "status=0;score=\(text)")
    #expect(found == score.map { .number($0) } ?? .invalid)
  }

  @Test(arguments: [("0", 0), ("1", 1), ("2", nil), ("01", nil), ("", nil), ("true", nil)])
  func `allow is 0 or 1`(text: String, allow: Double?) throws {
    let found = try read("akamaiUserRisk.allow", userRisk: "allow=\(text)")
    #expect(found == allow.map { .number($0) } ?? .invalid)
  }

  @Test(arguments: [
    ("true/H", "true", "H"), ("a/b/m", "a/b", "M"), ("a/l", "a", "L"), ("/H", "", "H"),
    ("a//L", "a/", "L"), ("a/X", "a/X", nil), ("H", "H", nil), ("a/HH", "a/HH", nil),
    ("a/", "a/", nil),
    ("", "", nil), ("a/H ", "a/H ", nil),
  ])
  func `a level is one letter after the last "/"`(text: String, value: String, level: String?)
    throws
  {
    let header = "risk=x:1|vpn:\(text)|y:2/H"
    #expect(try read("akamaiUserRisk.risk.vpn", userRisk: header) == .string(Array(text.utf8)))
    #expect(
      try read("akamaiUserRisk.risk.vpn.value", userRisk: header) == .string(Array(value.utf8)))
    let found = try read("akamaiUserRisk.risk.vpn.level", userRisk: header)
    #expect(found == level.map { .enumeration($0) } ?? .absent)
  }

  @Test(arguments: [
    ("0", 0), ("-0", 0), ("12322", 12322), ("432/H", 432), ("007", 7), ("-1.50", -1.5),
    ("0.1", 0.1),
    ("999999999999999", 999_999_999_999_999), ("0.00000000000001", 1e-14),
    ("123456.789012345", 123456.789012345),
    ("1000000000000000", nil), ("0.000000000000001", nil), ("", nil), ("-", nil), (".5", nil),
    ("5.", nil),
    ("1.2.3", nil), ("1e3", nil), ("+1", nil), ("--1", nil), ("1-", nil), ("true", nil),
    (" 1", nil),
  ])
  func `an item's number is a plain decimal of at most 15 digits`(
    text: String, number: Double?
  ) throws {
    let found = try read("akamaiUserRisk.trust.unp.number", userRisk: "trust=unp:\(text)")
    #expect(found == number.map { .number($0) } ?? .invalid)
    if case .number(let found) = found { #expect(found.sign == .plus || found < 0) }
  }

  @Test func `an item is found by its code in any case`() throws {
    #expect(try read("akamaiUserRisk.risk.unp", userRisk: "risk=UNP:1|unpx:2|un:3") == "1")
    #expect(try read("akamaiUserRisk.risk.UNP", userRisk: "risk=unp:1") == "1")
    #expect(try read("akamaiUserRisk.risk.unp", userRisk: "risk=a:unp:1") == .absent)
    #expect(try read("akamaiUserRisk.risk.unp", userRisk: "trust=unp:1") == .absent)
    #expect(try read("akamaiUserRisk.risk.unp", userRisk: "risk=unp:1|b:2|Unp:1") == .invalid)
    #expect(try read("akamaiUserRisk.risk.duc_1h", userRisk: "risk=duc_1h:1") == "1")
    let long = "a_code_of_more_than_sixteen_bytes"
    #expect(try read("akamaiUserRisk.risk.\(long)", userRisk: "risk=b:|\(long):1") == "1")
  }

  @Test(arguments: [
    "a", "a:1|b", ":", "1a:", "_a:", "a-b:", "a b:", "a\u{E9}:", "a_code_longer_than_8",
    "abcdefgh-i:1",
  ])
  func `a bad item makes its list invalid, and no other`(list: String) throws {
    let header = "general=a:1;risk=\(list);trust=b:2"
    #expect(try read("akamaiUserRisk.risk", userRisk: header) == .invalid)
    #expect(try read("akamaiUserRisk.risk.a", userRisk: header) == .invalid)
    #expect(try read("akamaiUserRisk.general.a", userRisk: header) == "1")
    #expect(try read("akamaiUserRisk.trust", userRisk: header) == .list([[0x62]]))
  }

  @Test func `an empty value is there`() throws {
    #expect(try read("akamaiUserRisk.username", userRisk: "username=") == "")
    #expect(try read("akamaiUserRisk.risk", userRisk: "risk=") == .list([]))
    #expect(try read("akamaiUserRisk.risk", userRisk: "risk=||") == .list([]))
    #expect(try read("akamaiUserRisk.risk.a", userRisk: "risk=") == .absent)
    #expect(try read("akamaiUserRisk", userRisk: "") == "")
  }

  @Test func `a value keeps its "=", ":", "/" and "|"`() throws {
    #expect(try read("akamaiUserRisk.username", userRisk: "username=a=b|c:d/e;x=") == "a=b|c:d/e")
  }

  private func scan(_ text: String) -> UserRiskHeader {
    let bytes = Array(text.utf8)
    var separators = SeparatorOffsets()
    let range = ByteRange(offset: 0, count: bytes.count)
    return UserRiskHeader(scanning: bytes.span, range, &separators)
  }
}
