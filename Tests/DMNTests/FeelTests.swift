import DMN
import Foundation
import Testing

/// Expressions and what they are, as JSON.
struct FeelCase: Sendable, CustomTestStringConvertible {
  var expression: String
  var expected: String
  var testDescription: String { expression }

  /// One case a line: the expression, `=>`, the value as JSON.
  static func cases(_ lines: String) -> [FeelCase] {
    lines.split(separator: "\n").compactMap { line in
      guard let arrow = line.range(of: " => ") else { return nil }
      let expression = line[..<arrow.lowerBound].trimmingCharacters(in: .whitespaces)
      let expected = line[arrow.upperBound...].trimmingCharacters(in: .whitespaces)
      return FeelCase(expression: expression, expected: expected)
    }
  }

  func check(in context: String = "{}", _ location: SourceLocation = #_sourceLocation) throws {
    guard case .context(let names) = try FeelJSON.read(context) else { return }
    let value = try FeelText.evaluate(expression, in: names).value
    #expect(FeelJSON.write(value) == expected, sourceLocation: location)
  }
}

@Suite struct FeelTests {
  @Test(
    arguments: FeelCase.cases(
      #"""
      1 + 2 * 3 => 7
      0.1 + 0.2 => 0.3
      1 / 3 => 0.3333333333333333333333333333333333
      2 / 3 => 0.6666666666666666666666666666666667
      10 / 4 => 2.5
      1 / 0 => null
      -5 + 3 => -2
      --5 => 5
      2 ** 10 => 1024
      2 ** -2 => 0.25
      -2 ** 2 => 4
      2 ** 3 ** 2 => 64
      (1 + 2) * 3 => 9
      10 - 2 - 3 => 5
      .5 + .5 => 1
      1.50 => 1.5
      1e3 => 1000
      1.2E-3 => 0.0012
      9999999999999999999999999999999999 + 1 => 10000000000000000000000000000000000
      12345678901234567.123456789 * 2 => 24691357802469134.246913578
      1000000000000000000000 - 0.000000000001 => 999999999999999999999.999999999999
      "a" + "b" => "ab"
      "a" + 1 => null
      1 + null => null
      null + null => null
      "1" * 2 => null
      -"a" => null
      """#))
  func `arithmetic is exact`(_ test: FeelCase) throws { try test.check() }

  @Test(
    arguments: FeelCase.cases(
      #"""
      1 = 1.0 => true
      1 != 2 => true
      1 = "1" => null
      1 = null => false
      null = null => true
      null != null => false
      "a" < "b" => true
      "Z" < "a" => true
      1 < "a" => null
      1 < null => null
      [1, 2] = [1, 2] => true
      [1, 2] = [2, 1] => false
      {a: 1, b: 2} = {b: 2, a: 1} => true
      {a: 1} = {a: 2} => false
      true and true => true
      true and false => false
      true and null => null
      false and null => false
      null or true => true
      null or false => null
      "x" or true => true
      1 and true => null
      not(true) => false
      not(null) => null
      5 between 1 and 10 => true
      5 between 6 and 10 => false
      null between 1 and 2 => null
      null in (> 5) => null
      1 in ("a", 1) => true
      "a" in [1..5] => null
      1 in [1..5] => true
      5 in [1..5) => false
      5 in ]1..5] => true
      3 in ]1..5[ => true
      5 in ]1..5[ => false
      1 in [1..5[ => true
      5 in [1..5[ => false
      3 in (1..5[ => true
      5 in (]1..5[, [7..8[) => false
      7 in (]1..5[, [7..8[) => true
      3 in ]1 .. 2 + 3 [ => true
      2 in [1..[3, 4][1][ => true
      3 in [1..[3, 4][1][ => false
      [3 in ]1..5[, 6 in [1..6[] => [true, false]
      ([1..5[).end included => false
      [1, 7][item in [1..5[] => [1]
      date("2020-12-31") in [date("2020-01-01")..date("2020-12-31")[ => false
      date("2020-01-01") in ]date("2020-01-01")..date("2020-12-31")[ => false
      @"2020-05-05" in ]@"2020-01-01"..@"2020-12-31"[ => true
      1 in (1..5) => false
      1 in (< 5) => true
      3 in (1, 2, 3) => true
      3 in (> 5, < 1) => false
      3 in > 2 => true
      3 in [1, 2, 3] => true
      4 in [1, 2, 3] => false
      "b" in ("a", "b") => true
      date("2020-05-05") in [date("2020-01-01")..date("2020-12-31")] => true
      1 < 2 and 2 < 3 or false => true
      """#))
  func `comparison and logic are three-valued`(_ test: FeelCase) throws { try test.check() }

  @Test(
    arguments: FeelCase.cases(
      #"""
      (>= 2) = >= 2 => true
      >2 = (>2) => true
      [>= 2, < 1] = [(>= 2), (< 1)] => true
      string(<= 1 + 1) => "(..2]"
      3 in [< 1, > 2] => true
      (function(range) 5 in range)(> 4) => true
      {low: < 3, is: 2 in low}.is => true
      [1, 5][item in > 4] => [5]
      (> 2).start => 2
      > 2 = (> 2) => true
      (> 2) != > 2 => false
      3 in (> 5, = 3) => true
      (if true then > 2 else < 2) = (> 2) => true
      (> 2) = > 2 and true => true
      """#))
  func `a comparison without a left side is a range`(_ test: FeelCase) throws { try test.check() }

  @Test(arguments: ["1 => 2", "1 =< 2", "1 <> 2", "1 >> 2", "1 == 2", "[= 1]", "1 + != 2", "1 <", "1 = > "])
  func `an operator of another language is refused`(text: String) {
    #expect(throws: DMNProblem.self) { try FeelText.evaluate(text) }
  }

  @Test(arguments: [
    (#"if 7 > 3 and < 5 then "y" else "n""#, "<", 14), ("count([1, 2, 3][item > 1 and < 3])", "<", 30),
    ("5 > > 3", ">", 5), ("5 < > 3", ">", 5), ("> 3 and true", ">", 1), ("true or <= 3", "<=", 9),
    (">= 3 or true", ">=", 1), ("1 + > 3", ">", 5), ("-> 3", ">", 2), ("- < 3", "<", 3),
    ("2 * >= 3", ">=", 5), ("2 ** < 3", "<", 6), ("> 3 < 5", ">", 1), ("> > 3", ">", 3),
    ("(> < 3)", "<", 4), ("[1..< 5]", "<", 5), ("[> 1..5]", ">", 2), ("5 between > 1 and 9", ">", 11),
    ("5 between 1 and < 9", "<", 17), ("> 5 between 1 and 9", ">", 1), ("5 in > > 3", ">", 8),
    ("5 in (1, > > 3)", ">", 12), ("[> 3 + 1 and true]", ">", 2), ("5 > /* 3 */ < 3", "<", 13),
    (#"if < 5 then "y" else "n""#, "<", 4), ("[1, 2, 3][> 1]", ">", 11),
    ("some x in [1, 2] satisfies > 5", ">", 28),
  ])
  func `an operand that lacks its left side is refused`(text: String, sign: String, column: Int) throws {
    let problem = try #require(throws: DMNProblem.self) { try FeelText.evaluate(text) }
    #expect(problem.message.hasPrefix("`\(sign)` has nothing on its left; write as in "), "\(problem)")
    #expect(problem.column == column)
  }

  @Test(arguments: [
    ("? > 2 and < 5", "<", 11), ("1 or > 3", ">", 6), ("> > 3", ">", 3), ("< > 3", ">", 3),
    ("- > 3", ">", 3), ("1, - > 3", ">", 6), ("not(> > 3)", ">", 7), ("[> 3..5]", ">", 2),
    ("<= >= 3", ">=", 4),
  ])
  func `a test with an operand that lacks its left side is refused`(
    text: String, sign: String, column: Int
  ) throws {
    let problem = try #require(throws: DMNProblem.self) { try FeelText.test(text, of: .null) }
    #expect(problem.message.hasPrefix("`\(sign)` has nothing on its left; write as in "), "\(problem)")
    #expect(problem.column == column)
  }

  @Test(
    arguments: FeelCase.cases(
      #"""
      if 1 < 2 then "yes" else "no" => "yes"
      if null then 1 else 2 => 2
      for x in [1, 2, 3] return x * 2 => [2, 4, 6]
      for x in 1..3 return x => [1, 2, 3]
      for x in 3..1 return x => [3, 2, 1]
      for x in [1..3) return x => [1, 2]
      for x in [1, 2], y in [10, 20] return x + y => [11, 21, 12, 22]
      for x in [[1, 2], [3]], y in x return y => [1, 2, 3]
      for i in 0..4 return if i = 0 then 1 else i * partial[-1] => [1, 1, 2, 6, 24]
      some x in [1, 2, 3] satisfies x > 2 => true
      every x in [1, 2, 3] satisfies x > 2 => false
      every x in [] satisfies x > 2 => true
      some x in [1, 2], y in [3, 4] satisfies x + y = 6 => true
      [1, 2, 3][item > 1] => [2, 3]
      [1, 2, 3][1] => 1
      [1, 2, 3][-1] => 3
      [1, 2, 3][4] => null
      [1, 2, 3][0] => null
      [][1] => null
      5[1] => 5
      null[1] => null
      [{a: 1, b: 2}, {a: 3, b: 4}][a > 2].b => [4]
      [{x y: 1}, {x y: 2}][x y = 2] => [{"x y": 2}]
      [{a: 1}, {a: 2}].a => [1, 2]
      {a: 1, b: a + 1}.b => 2
      {"a b": 1}.a b => 1
      {first name: "Ann", greeting: "Hi " + first name}.greeting => "Hi Ann"
      {a: {b: {c: 3}}}.a.b.c => 3
      {a: 1}.b => null
      (function(x, y) x * y)(3, 4) => 12
      (function(x: number) x + 1)("a") => null
      (function(x: number, y) [x, y])("a", 1) => [null, 1]
      (function(x: number, y) [x, y])(y: 1, x: "a") => [null, 1]
      (function(x: list<number>) x)(1) => [1]
      {f: function(n) if n < 2 then 1 else n * f(n - 1), r: f(5)}.r => 120
      {f: function(a, b) a - b, r: f(b: 1, a: 5)}.r => 4
      for i in 1..3, j in 1..i return i * j => [1, 2, 4, 3, 6, 9]
      {PMT: function(p, r, n) (p * r / 12) / (1 - (1 + r / 12) ** -n), m: decimal(PMT(600000, 0.0375, 360), 2)}.m => 2778.69
      [{item: 1}, {item: 2}][item >= 2] => [{"item": 2}]
      [{x: 1}, {x: 2}][item.x = 2].x => [2]
      [1, 2] in [[1, 2], [3]] => true
      every x in [1, 2] satisfies x > 0 and x < 3 => true
      null instance of Null => true
      {date: 1, d: date("2020-01-01").year + date}.d => 2021
      range("[1..5)").end included => false
      sublist(length: 1, list: [1, 2], start position: 2) => [2]
      abs(n: -1) => 1
      number(from: "1,5", grouping separator: null, decimal separator: ",") => 1.5
      1 instance of number => true
      "a" instance of number => false
      null instance of number => false
      [1, 2] instance of list<number> => true
      [1, "a"] instance of list<number> => false
      {a: 1} instance of context<a: number> => true
      @"2020-01-01" instance of date => true
      @"P1D" instance of days and time duration => true
      @"2020-01-01T00:00:00" instance of date and time => true
      [1..2] instance of range<number> => true
      @"foo" => null
      @"foo" = null => true
      @"2024-02-30" instance of date => false
      [@"24:61:00", @"P1D"][2] => "P1D"
      unknown => null
      unknown(1) => null
      1 /* one */ + 2 // two => 3
      """#))
  func `forms bind, loop and filter`(_ test: FeelCase) throws { try test.check() }

  @Test(arguments: [
    ("?", #""foo""#, "true"), ("?", "true", "true"), ("?", "false", "false"), ("?", "null", "null"),
    ("? + 1", "2", "false"), ("not(? + 1)", "2", "true"), ("[1, ?]", "2", "true"), ("abs(?)", "2", "true"),
    ("abs(?)", "-2", "false"), ("? > 1", "2", "true"), ("? > 1", "null", "null"),
    ("not(? > 1)", "null", "null"), (#"contains(?, "a")"#, "null", "null"),
    (#""bar", string length(?) = 3"#, #""foo""#, "true"),
  ])
  func `a test with the tested value is a condition, or what it is compared with`(
    test: String, value: String, expected: String
  ) throws {
    #expect(try FeelJSON.write(FeelText.test(test, of: FeelJSON.read(value)).value) == expected)
  }

  @Test(
    arguments: FeelCase.cases(
      #"""
      Credit Limit + 1 => 1001
      Applicant.Age Of Person => 33
      Applicant. Age Of Person + 1 => 34
      a-b => 7
      a - b => 7
      Credit Limit>500 => true
      in stock => true
      date of birth => "x"
      Rate + Rate 2 => 30
      """#))
  func `the longest known name wins`(_ test: FeelCase) throws {
    try test.check(
      in: """
        {"Credit Limit": 1000, "Applicant": {"Age Of Person": 33}, "Age Of Person": 1, "a-b": 7, "a": 1,
        "in stock": true, "date of birth": "x", "Rate": 10, "Rate 2": 20}
        """)
  }
}
