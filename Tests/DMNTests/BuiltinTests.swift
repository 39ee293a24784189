import DMN
import Foundation
import Testing

@Suite struct BuiltinTests {
  @Test(
    arguments: FeelCase.cases(
      #"""
      number("1,000.5", ",", ".") => 1000.5
      number("1 000,5", " ", ",") => 1000.5
      number("12") => 12
      number("x") => null
      number("1.000", ".", ".") => null
      string(1.10) => "1.1"
      string(null) => null
      string(date("2020-01-02")) => "2020-01-02"
      string([1, "a"]) => "[1, \"a\"]"
      not(false) => true
      is(1, 1.0) => true
      is("a", 1) => false
      is(@"10:00:00", @"10:00:00Z") => false
      substring("foobar", 3) => "obar"
      substring("foobar", 3, 3) => "oba"
      substring("foobar", -2, 1) => "a"
      substring("foobar", 0) => null
      substring("\U01F40Eab", 2) => "ab"
      substring(string: "foobar", start position: 3) => "obar"
      string length("a\u00e9b") => 3
      string length(null) => null
      upper case("aBc4") => "ABC4"
      lower case("aBc4") => "abc4"
      substring before("foobar", "bar") => "foo"
      substring before("foobar", "xyz") => ""
      substring after("foobar", "ob") => "ar"
      substring after("foobar", "") => "foobar"
      contains("foobar", "oba") => true
      contains("foobar", null) => null
      starts with("foobar", "fo") => true
      ends with("foobar", "r") => true
      matches("foobar", "^fo*b") => true
      matches("FOOBAR", "fo*b", "i") => true
      matches("a", "[") => null
      matches("ab c", " a\tb [ ] c ", "x") => true
      matches("a b", "a\\ s b", "x") => true
      matches("a#b", "a # b", "x") => true
      matches("a b", "a b", "x") => false
      matches("[b", "\\ [ b", "x") => true
      matches("a b", "[^\\]x ]b", "x") => false
      matches("é", "^\\p{IsLatin-1Supplement}$") => true
      matches("é", "^\\p{IsBasicLatin}$") => false
      matches("é", "^[\\P{IsBasicLatin}a]$") => true
      matches("π", "^\\p{IsGreek}\\p{L}?$") => true
      matches("a", "\\p{IsNothing}") => null
      matches("a", "\\p{ IsBasicLatin}") => null
      matches("a", "\\p{ Is Basic Latin}", "x") => true
      matches("k", "^[a-z-[aeiou]]$") => true
      matches("e", "^[a-z-[aeiou]]$") => false
      matches("E", "^[a-z-[aeiou]]$", "i") => false
      matches("K", "^[a-z-[aeiou]]$", "i") => true
      matches("e", "^[a-z-[a-z-[e]]]$") => true
      matches("-", "^[a-]$") => true
      matches("&", "^[a&&b]$") => true
      matches("b", "^[a-c&&x-z]$") => true
      matches("aa", "^(a)\\1$") => true
      matches("aa", "(a)[\\1]") => null
      matches("aa", "(a)[x\\0]") => null
      matches("a\\", "a\\") => null
      matches("a b", "a b", "qx") => true
      replace("a1b22", "[a-z-[b]] (\\d)", "<$1>", "x") => "<1>b22"
      replace("abcd", "(ab)|(a)", "[1=$1][2=$2]") => "[1=ab][2=]cd"
      replace("a.b.c", ".", "-", "q") => "a-b-c"
      split("John Doe", "\\s") => ["John", "Doe"]
      split("a;b;c;;", ";") => ["a", "b", "c", "", ""]
      string join(["a", "b", "c"], "_and_") => "a_and_b_and_c"
      string join(["a", null, "c"]) => "ac"
      string join(["a", 1]) => null
      """#))
  func `conversions and strings`(_ test: FeelCase) throws { try test.check() }

  /// What ICU would read otherwise.
  @Test(
    arguments: FeelCase.cases(
      #"""
      matches("b", "^[^a-[b]]$") => false
      matches("c", "^[^a-[b]]$") => true
      matches("a", "^[^a-[b]]$") => false
      matches("b", "^[^a-z-[b]]$") => false
      matches("0", "^[^a-z-[b]]$") => true
      matches("B", "^[^a-[b]]$", "i") => false
      matches("c", "^[^a-[^c]]$") => true
      matches("b", "^[^a-[^c]]$") => false
      matches("e", "^[^x-[a-z-[e]]]$") => true
      matches("d", "^[^x-[a-z-[e]]]$") => false
      matches("abc\n", "abc$") => false
      matches("abc", "abc$") => true
      matches("abc\n", "abc$", "m") => true
      matches("abc\r", "abc$", "m") => false
      matches("a\nb", "^b") => false
      matches("a\nb", "^b", "m") => true
      matches("a\rb", "^b", "m") => false
      matches("a\n", "^$", "m") => false
      matches("a\n\nb", "^$", "m") => true
      matches("\r", "^.$") => false
      matches("\n", "^.$") => false
      matches("\u2028", "^.$") => true
      matches("\n", "^.$", "s") => true
      matches("\r\n", "^.$", "s") => false
      matches("\r\n", "^..$", "s") => true
      matches(".", "^[.]$") => true
      matches("a", "^[.]$") => false
      matches("_", "^\\w$") => false
      matches("+", "^\\w$") => true
      matches("é", "^\\w$") => true
      matches("_", "^\\W$") => true
      matches("_+", "^[\\W][\\w]$") => true
      matches("_", "^[^\\w]$") => true
      matches("+", "^[^\\w-]$") => false
      matches("-", "^[^\\w-]$") => false
      matches(":", "^\\i$") => true
      matches("1", "^\\i$") => false
      matches("1", "^\\I$") => true
      matches("a-1", "^\\i\\c*$") => true
      matches(" ", "^\\C$") => true
      matches("é.", "^[\\i][\\c]$") => true
      matches(" -", "^[^\\c][\\I]$") => true
      matches("A", "\\cA") => false
      matches("AA", "^\\cA$") => true
      matches(" \t", "^\\s[\\s]$") => true
      matches("\u00A0", "^\\s$") => false
      matches("\u00A0", "^\\S$") => true
      matches("\u00A0x", "^[\\Sy][^\\s]$") => true
      matches("-", "^[+--]$") => null
      matches("-", "^[+\\-]$") => true
      matches(".", "^[--a]$") => true
      matches("-1", "^[\\d-x]+$") => true
      matches("2", "^[1-3-5]$") => true
      matches("-", "^[1-3-5]$") => true
      matches("4", "^[1-3-5]$") => false
      matches("-", "^[--[a]]$") => true
      matches("^$", "^[a^$]+$") => true
      matches("{:~", "^[{:~]+$") => true
      matches("a$", "^a\\$$") => true
      matches("a-b", "^a\\-b$") => true
      matches("a b", "a\\ b", "x") => null
      matches("ab", "a(?=b)") => true
      matches("a", "^(?:a)$") => true
      """#))
  func `a pattern means what XPath says`(_ test: FeelCase) throws { try test.check() }

  /// Those of Java's, Perl's and ICU's.
  @Test(arguments: [
    #"a\b"#, #"\Ba?"#, #"\Ga"#, #"\Aa"#, #"a\Z"#, #"a\z"#, #"\x61"#, #"\u0061"#, #"\Qa\E"#,
    #"a\h?"#, #"a\R?"#, #"a\X?"#, #"a\e?"#, #"a\_?"#, #"a\0?"#, #"a\ ?"#, "(?i)a", "(?x: a )", "(?#c)a",
    "[]a]", "[]", "[^]", "[[a]]", "[a[b]]", #"[a-\d]"#, #"[\b]a?"#, #"[a\x61]"#, "[-[b]]a?", "[a-[b]c]",
    "[a-c-[b]", #"\pLa?"#, #"a\p{L"#,
  ])
  func `a pattern that XPath does not have is null`(pattern: String) throws {
    let text = pattern.replacing("\\", with: "\\\\")
    try FeelCase(expression: #"matches("a", "\#(text)")"#, expected: "null").check()
  }

  @Test(
    arguments: FeelCase.cases(
      #"""
      decimal(1/3, 2) => 0.33
      decimal(1.5, 0) => 2
      decimal(2.5, 0) => 2
      decimal(1234, -2) => 1200
      floor(1.5) => 1
      floor(-1.5) => -2
      floor(-1.56, 1) => -1.6
      ceiling(1.5) => 2
      ceiling(-1.5) => -1
      round up(5.5, 0) => 6
      round up(-5.5, 0) => -6
      round up(1.121, 2) => 1.13
      round down(5.5, 0) => 5
      round down(-1.126, 2) => -1.12
      round half up(5.5, 0) => 6
      round half up(-1.126, 2) => -1.13
      round half down(5.5, 0) => 5
      round half down(-2.5, 0) => -2
      round half up(1.5) => null
      abs(-10) => 10
      abs(@"-PT5H") => "PT5H"
      modulo(12, 5) => 2
      modulo(-12, 5) => 3
      modulo(12, -5) => -3
      modulo(10.1, 4.5) => 1.1
      modulo(-10.1, 4.5) => 3.4
      modulo(1, 0) => null
      sqrt(16) => 4
      sqrt(2) => 1.414213562373095048801688724209698
      sqrt(-1) => null
      decimal(log(10), 8) => 2.30258509
      decimal(exp(5), 8) => 148.4131591
      log(0) => null
      exp(0) => 1
      decimal(2 ** 0.5, 10) => 1.4142135624
      odd(5) => true
      even(2) => true
      even(100) => true
      odd(10) => false
      odd(1.5) => null
      """#))
  func `numbers`(_ test: FeelCase) throws { try test.check() }

  @Test(
    arguments: FeelCase.cases(
      #"""
      list contains([1, 2, null], null) => true
      count([1, 2, 3]) => 3
      count([]) => 0
      count(null) => null
      min([1, 2, 3]) => 1
      min(3, 1, 2) => 1
      min([]) => null
      max("a", "b") => "b"
      max([date("2020-01-01"), date("2021-01-01")]) => "2021-01-01"
      max([1, "a"]) => null
      sum([1, 2, 3]) => 6
      sum(1.1, 2.2) => 3.3
      sum([]) => null
      sum([1, null]) => null
      mean([1, 2, 3, 4]) => 2.5
      median(8, 2, 5, 3, 4) => 4
      median([6, 1, 2, 3]) => 2.5
      median([]) => null
      stddev(2, 4, 7, 5) => 2.081665999466132735282297706979931
      stddev([1]) => null
      mode(6, 3, 9, 6, 6) => [6]
      mode([6, 1, 9, 6, 1]) => [1, 6]
      mode([]) => []
      product(2, 3, 4) => 24
      all([true, null]) => null
      all(false, null, true) => false
      all([]) => true
      any([false, true]) => true
      any([]) => false
      any([false, null]) => null
      sublist([4, 5, 6], 2) => [5, 6]
      sublist([4, 5, 6], -2, 1) => [5]
      sublist([1], 2) => null
      append([1], 2, 3) => [1, 2, 3]
      append(1, 2) => [1, 2]
      concatenate([1, 2], [3]) => [1, 2, 3]
      insert before([1, 3], 1, 2) => [2, 1, 3]
      insert before([1, 3], -1, 2) => [1, 2, 3]
      remove([1, 2, 3], 2) => [1, 3]
      remove([1, 2, 3], 0) => null
      list replace([2, 4, 7, 8], 3, 6) => [2, 4, 6, 8]
      list replace([2, 4, 7, 8], function(item, newItem) item < newItem, 5) => [5, 5, 7, 8]
      reverse([1, 2, 3]) => [3, 2, 1]
      index of([1, 2, 3, 2], 2) => [2, 4]
      index of([1, null], null) => [2]
      union([1, 2], [2, 3]) => [1, 2, 3]
      distinct values([1, 2, 3, 2, 1]) => [1, 2, 3]
      flatten([[1, 2], [[3]], 4]) => [1, 2, 3, 4]
      sort([3, 1, 4, 5, 2], function(x, y) x < y) => [1, 2, 3, 4, 5]
      sort(list: [3, 1, 2], precedes: function(x, y) x > y) => [3, 2, 1]
      sort([2, 1]) => [1, 2]
      get value({key1: "value1"}, "key1") => "value1"
      get value({a: {b: 1}}, ["a", "b"]) => 1
      get entries({a: 1}) => [{"key": "a", "value": 1}]
      context([{key: "a", value: 1}]) => {"a": 1}
      context put({x: 1}, "y", 2) => {"x": 1, "y": 2}
      context put({x: {y: 0}}, ["x", "y"], 2) => {"x": {"y": 2}}
      context put(context: {}, key: "y", value: 2) => {"y": 2}
      context put(context: {}, key: ["y"], value: 2) => {"y": 2}
      context put(context: {y: {}}, key: ["y", "a"], value: 2) => null
      context put(context: {y: {}}, keys: ["y", "a"], value: 2) => {"y": {"a": 2}}
      context put({y: {}}, ["y", "a"], 2) => {"y": {"a": 2}}
      context put({}, 1, 2) => null
      get value(m: {a: {b: 1}}, key: ["a", "b"]) => null
      get value(m: {a: {b: 1}}, keys: ["a", "b"]) => 1
      context merge([{x: 1}, {x: 2, y: 3}]) => {"x": 2, "y": 3}
      """#))
  func `lists and contexts`(_ test: FeelCase) throws { try test.check() }

  @Test(
    arguments: FeelCase.cases(
      #"""
      date("2020-02-30") => null
      date("2020-02-29") => "2020-02-29"
      date("20-01-01") => null
      date(2020, 2, 29) => "2020-02-29"
      date(2021, 2, 29) => null
      date(date and time("2020-02-29T10:00:00")) => "2020-02-29"
      date("2020-01-01").year => 2020
      date("2024-07-17").weekday => 3
      time("10:11:12") => "10:11:12"
      time("10:11:12.5+02:00") => "10:11:12.5+02:00"
      time("24:00:00") => null
      time("10:11:12Z") => "10:11:12Z"
      time("10:11:12@Europe/Paris") => "10:11:12@Europe/Paris"
      @"2026-07-01T12:00:00@Europe/Paris" = @"2026-07-01T10:00:00Z" => true
      @"-PT1H" + @"PT1H" => "PT0S"
      date and time("2026-01-02T00:00:00") in range("[date and time(\"2026-01-01T00:00:00\")..@\"2026-01-03T00:00:00\"]") => true
      time("10:11:12@Nowhere/City") => null
      time(10, 11, 12.5) => "10:11:12.5"
      time(10, 11, 12, duration("PT1H")) => "10:11:12+01:00"
      time("10:00:00+01:00").time offset => "PT1H"
      date and time("2020-01-02T03:04:05") => "2020-01-02T03:04:05"
      date and time("2020-01-02") => "2020-01-02T00:00:00"
      date and time(date("2020-01-02"), time("03:04:05Z")) => "2020-01-02T03:04:05Z"
      date and time("2020-01-02T03:04:05").hour => 3
      duration("P1DT2H") => "P1DT2H"
      duration("PT26H") => "P1DT2H"
      duration("P14M") => "P1Y2M"
      duration("P1Y1D") => null
      duration("P") => null
      duration("-PT0.5S") => "-PT0.5S"
      duration("P2DT3H").hours => 3
      duration("P2Y3M").months => 3
      @"P1Y" + @"P2M" => "P1Y2M"
      date("2020-01-31") + duration("P1M") => "2020-02-29"
      date("2020-01-31") - duration("P1D") => "2020-01-30"
      date("2020-01-02") - date("2020-01-01") => "P1D"
      date and time("2020-01-01T00:00:00Z") - date and time("2020-01-01T01:00:00+01:00") => "PT0S"
      date and time("2020-01-01T00:00:00Z") = date and time("2020-01-01T01:00:00+01:00") => true
      time("10:00:00") + duration("PT15H") => "01:00:00"
      time("10:00:00") - time("09:00:00") => "PT1H"
      duration("PT1H") * 2.5 => "PT2H30M"
      duration("PT1H") / duration("PT30M") => 2
      duration("P1Y") / 2 => "P6M"
      -duration("P1D") => "-P1D"
      date("2020-01-01") < date("2020-01-02") => true
      years and months duration(date("2011-12-22"), date("2013-08-24")) => "P1Y8M"
      years and months duration(date("2013-08-24"), date("2011-12-22")) => "-P1Y8M"
      day of year(date("2019-09-17")) => 260
      day of week(date("2019-09-17")) => "Tuesday"
      month of year(date("2019-09-17")) => "September"
      week of year(date("2019-09-17")) => 38
      week of year(date("2005-01-01")) => 53
      for d in @"2020-02-28"..@"2020-03-01" return d.day => [28, 29, 1]
      """#))
  func `dates times and durations`(_ test: FeelCase) throws { try test.check() }

  @Test(
    arguments: FeelCase.cases(
      #"""
      before(1, 10) => true
      before([1..10), 10) => true
      before([1..10], 10) => false
      after([5..10], [1..5)) => true
      meets([1..5], [5..10]) => true
      meets([1..5), [5..10]) => false
      met by([5..10], [1..5]) => true
      overlaps([1..5], [3..8]) => true
      overlaps([1..5], (5..8]) => false
      overlaps before([1..5], [3..8]) => true
      overlaps before([1..5], [1..5]) => false
      overlaps after([3..8], [1..5]) => true
      finishes(10, [1..10]) => true
      finishes([5..10), [1..10]) => false
      finished by([1..10], 10) => true
      includes([1..10], 5) => true
      includes([1..10), 10) => false
      during(5, [1..10]) => true
      starts(1, [1..10]) => true
      started by([1..10], [1..5]) => true
      coincides([1..5], [1..5]) => true
      coincides(3, 4) => false
      [1..5].start included => true
      (1..5].start => 1
      range("[1..3]") = [1..3] => true
      range("[3..3]") = [3..3] => true
      range("[3..1]") => null
      range("(\"b\"..\"a\")") => null
      range("[@\"2024-02-01\"..@\"2024-01-01\"]") => null
      range("[duration(\"P2D\")..duration(\"P1D\")]") => null
      range("[null..null]") => null
      range("[1..null]") => null
      range("[true..false]") => null
      range("[1..\"a\"]") => null
      range("[1..)") = (>= 1) => true
      range(" ( 1 .. [ ") = (> 1) => true
      range("(..1]") = (<= 1) => true
      range("]..1)") = (< 1) => true
      range("[..1]") => null
      range("[1..]") => null
      range("(..)") => null
      range("[1..2] ]") => null
      range("1..2") => null
      """#))
  func `intervals`(_ test: FeelCase) throws { try test.check() }

  @Test(arguments: [
    (#"matches("a/b", "a\\/b")"#, "pattern"), (#"replace("a", "\\b", "x")"#, "pattern"),
    (#"split("a;b", "\\;")"#, "pattern"), (#"matches("a", "[")"#, "pattern"),
    (#"matches("a", "a", "y")"#, "flag"),
  ])
  func `a pattern that is none is null with a warning`(text: String, what: String) throws {
    let evaluation = try FeelText.evaluate(text)
    #expect(evaluation.value.isNull)
    #expect(evaluation.warnings.map(\.message).first?.contains("is no \(what) of ") == true, "\(evaluation)")
  }
}
