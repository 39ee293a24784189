import DMN
import Foundation
import Testing

/// Powers, roots, logarithms and remainders against another implementation of decimals, whose results
/// `Fixtures/arithmetic.py` has written down: the nearest of 34 digits, half to even.
@Suite struct ArithmeticTests {
  static let vectors: [(expression: String, result: String)] = {
    let file = Fixture.folder.appendingPathComponent("arithmetic.vectors")
    let lines = (try? String(contentsOf: file, encoding: .utf8))?.split(separator: "\n") ?? []
    return lines.compactMap { line in
      let parts = line.split(separator: " => ")
      return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
    }
  }()

  /// nil where it is no number.
  private static func evaluate(_ expression: String) throws -> FeelNumber? {
    guard case .number(let number) = try FeelText.evaluate(expression).value else { return nil }
    return number
  }

  @Test func `every result is the nearest number of 34 digits`() throws {
    try #require(Self.vectors.count > 1400)
    for kind in ["sqrt(", "exp(", "log(", "modulo(", " ** "] {
      #expect(Self.vectors.count { $0.expression.contains(kind) } >= 70, "\(kind)")
    }
    for (expression, result) in Self.vectors {
      let wanted = try #require(FeelNumber(result))
      #expect(try Self.evaluate(expression) == wanted, "\(expression) => \(result)")
    }
  }

  @Test(arguments: [
    ("10 ** 6000 * 10 ** 100", "1E+6100"), ("10 ** 7000", "null"), ("10 ** -7000", "0"),
    ("2 ** 1000000000000000000", "null"), ("0.5 ** 1000000000000000000", "0"),
    ("(-1) ** 1000000000000000001", "-1"), ("(-1) ** 1e30", "1"), ("(-0.5) ** 1e30", "0"),
    ("1 ** 1e30", "1"), ("0 ** 0", "1"), ("0 ** -1", "null"), ("0 ** 0.5", "0"), ("(-8) ** 0.5", "null"),
    ("exp(15000)", "null"), ("exp(-15000)", "0"), ("exp(1e40)", "null"), ("exp(-1e40)", "0"),
    ("exp(1e-40)", "1"), ("exp(0)", "1"), ("log(1)", "0"), ("log(0)", "null"), ("log(-1)", "null"),
    ("sqrt(0)", "0"), ("sqrt(1e6000)", "1E+3000"), ("sqrt(1e-6000)", "1E-3000"),
    ("log(exp(1e-33))", "9.999999999999999999999999999999995E-34"), ("modulo(1, 0)", "null"), ("modulo(1e6000, 7)", "1"),
    ("modulo(7, 1e6000)", "7"), ("modulo(-1, 3)", "2"), ("modulo(1, -3)", "-2"),
  ])
  func `results at the ends of the range, and none`(expression: String, result: String) throws {
    #expect(try Self.evaluate(expression) == FeelNumber(result), "\(expression)")
  }

  @Test func `numbers end where those of decimal128 do`() throws {
    for text in ["1E6145", "10E6144", "0.1E6146", "1E99999999999", "1E99999999999999999999999"] {
      let problem = #expect(throws: DMNProblem.self) { _ = try FeelText.evaluate(text) }
      #expect(problem?.message.hasPrefix("`\(text)` is beyond the numbers of DMN") == true, "\(text)")
      #expect(throws: FeelJSON.Fault.self) { _ = try FeelJSON.read(text) }
    }
    for text in ["1E-6177", "0.01E-6175", "1E-99999999999", "1E-99999999999999999999999"] {
      let problem = #expect(throws: DMNProblem.self) { _ = try FeelText.evaluate(text) }
      #expect(problem?.message.hasPrefix("`\(text)` is too near to 0") == true, "\(text)")
      #expect(throws: FeelJSON.Fault.self) { _ = try FeelJSON.read(text) }
    }
    for text in ["9.99E6144", "1E6144", "1E-6176"] {
      #expect(FeelJSON.write(try FeelText.evaluate(text).value) == text)
    }
    #expect(FeelJSON.write(try FeelText.evaluate("0E9999999").value) == "0")
    #expect(FeelJSON.write(try FeelText.evaluate("1E6144 * 10").value) == "null")
  }

  @Test func `the logarithm of the least and the greatest number`() throws {
    for (expression, nearby) in [("log(1e-6176)", -14220.7656), ("log(9e6144)", 14149.2800)] {
      let number = try #require(try Self.evaluate(expression))
      #expect(abs(Double("\(number)")! - nearby) < 0.1)
    }
  }
}
