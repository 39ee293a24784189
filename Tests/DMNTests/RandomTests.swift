import DMN
import Foundation
import Testing

/// SplitMix64.
private struct Random: RandomNumberGenerator {
  var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

@Suite struct RandomTests {
  /// A decimal of up to 15 digits, as text.
  private func number(_ random: inout Random) -> String {
    let digits = String(
      Int.random(in: 0..<1_000_000_000_000_000, using: &random)
        >> Int.random(in: 0..<50, using: &random))
    let places = Int.random(in: 0...min(6, digits.count - 1), using: &random)
    let sign = Bool.random(using: &random) ? "-" : ""
    return places == 0
      ? sign + digits : "\(sign)\(digits.dropLast(places)).\(digits.suffix(places))"
  }

  private func evaluate(_ text: String) throws -> String {
    FeelJSON.write(try FeelText.evaluate(text).value)
  }

  @Test(arguments: UInt64(0)..<300)
  func `sums, differences and products are those of an exact decimal`(seed: UInt64) throws {
    var random = Random(seed: seed)
    let (left, right) = (number(&random), number(&random))
    let (first, second) = (Decimal(string: left)!, Decimal(string: right)!)
    #expect(try evaluate("\(left) + (\(right))") == (first + second).description, "seed \(seed)")
    #expect(try evaluate("\(left) - (\(right))") == (first - second).description, "seed \(seed)")
    #expect(try evaluate("\(left) * (\(right))") == (first * second).description, "seed \(seed)")
    #expect(try evaluate("\(left) < (\(right))") == "\(first < second)", "seed \(seed)")
    #expect(try evaluate("\(left) = (\(right))") == "\(first == second)", "seed \(seed)")
  }

  @Test(arguments: UInt64(0)..<200)
  func `a quotient times its divisor, and a root's square, are what was divided`(seed: UInt64)
    throws
  {
    var random = Random(seed: seed)
    let (left, right) = (number(&random), number(&random))
    if Decimal(string: right)! != 0 {
      let off = "abs((\(left)) / (\(right)) * (\(right)) - (\(left))) <= abs(\(left)) * 1e-33"
      #expect(try evaluate(off) == "true", "seed \(seed)")
    }
    let root = "abs(sqrt(abs(\(left))) ** 2 - abs(\(left))) <= abs(\(left)) * 1e-32"
    #expect(try evaluate(root) == "true", "seed \(seed)")
    let logarithm =
      "abs(exp(log(abs(\(left)) + 1)) - abs(\(left)) - 1) <= (abs(\(left)) + 1) * 1e-30"
    #expect(try evaluate(logarithm) == "true", "seed \(seed)")
  }

  @Test(arguments: UInt64(0)..<200)
  func `days are counted as the Gregorian calendar counts them`(seed: UInt64) throws {
    var random = Random(seed: seed)
    var calendar = Calendar(identifier: .iso8601)
    calendar.timeZone = TimeZone(identifier: "UTC")!
    let day = Int.random(in: -100_000..<200_000, using: &random)
    let moment = Date(timeIntervalSince1970: Double(day) * 86_400)
    let parts = calendar.dateComponents([.year, .month, .day, .weekday, .weekOfYear], from: moment)
    let text = "date(\(parts.year!), \(parts.month!), \(parts.day!))"
    #expect(try evaluate("(\(text) - @\"1970-01-01\") / @\"P1D\"") == "\(day)", "seed \(seed)")
    #expect(
      try evaluate("@\"1970-01-01\" + @\"P1D\" * (\(day)) = \(text)") == "true", "seed \(seed)")
    #expect(try evaluate("\(text).weekday") == "\((parts.weekday! + 5) % 7 + 1)", "seed \(seed)")
    #expect(try evaluate("week of year(\(text))") == "\(parts.weekOfYear!)", "seed \(seed)")
  }

  @Test(arguments: UInt64(0)..<300)
  func `a damaged model is read, or refused, without harm`(seed: UInt64) throws {
    var random = Random(seed: seed)
    let names = ["loan-desk.dmn", "policies.dmn", "functions.dmn", "dates.dmn"]
    let file = Fixture.folder.appendingPathComponent(names.randomElement(using: &random)!)
    var bytes = try Data(contentsOf: file)
    for _ in 0..<Int.random(in: 1...6, using: &random) {
      let index = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0..<3, using: &random) {
      case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
      case 1: bytes[index] = Array("<>()[]{}\"-+*/.,:?&;".utf8).randomElement(using: &random)!
      default: bytes.removeSubrange(index..<min(index + 20, bytes.count))
      }
    }
    let reading = ModelReader.read(bytes, file: "x.dmn")
    guard let evaluator = DecisionEvaluator(reading) else {
      #expect(reading.hasErrors, "seed \(seed)")
      return
    }
    for decision in evaluator.model.decisions {
      _ = try? evaluator.evaluate(decision, input: FeelContext())
    }
    let text = ModelWriter.write(evaluator.model)
    #expect(Fixture.read(xml: text).model != nil, "seed \(seed)")
  }
}
