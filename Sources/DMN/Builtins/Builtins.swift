import Foundation

/// The functions that the standard defines, by canonical name.
enum Builtins {
  static let functions: [String: FeelFunction] =
    [conversions, texts, patterns, numbers, lists, statistics, contexts, temporals, intervals]
    .reduce(into: [:]) { all, group in all.merge(group) { first, _ in first } }

  /// Those whose names hold more than one word.
  static let names = KnownNames(functions.keys)

  typealias Body = @Sendable ([FeelValue], Interpreter) -> FeelValue

  /// A function with the parameters of each signature, written with commas between them.
  static func function(_ signatures: String..., body: @escaping Body) -> FeelFunction {
    FeelFunction(signatures: signatures.map(parameters), call: body)
  }

  /// A function whose last parameter takes any number of arguments.
  static func variadic(_ signature: String, body: @escaping Body) -> FeelFunction {
    FeelFunction(signatures: [parameters(signature)], isVariadic: true, call: body)
  }

  /// `name, name: type`: a type where signatures of as many parameters differ by it.
  private static func parameters(_ signature: String) -> [Parameter] {
    signature.split(separator: ",").map { parameter in
      let parts = parameter.split(separator: ":").map { $0.trimmingCharacters(in: .whitespaces) }
      return Parameter(name: parts[0], typeRef: parts.count > 1 ? parts[1] : nil)
    }
  }
}

extension FeelValue {
  /// The element of a list of one, or the value itself: what a parameter that takes no list is given.
  var single: FeelValue {
    if case .list(let elements) = self, elements.count == 1 { return elements[0] }
    return self
  }

  var singleString: String? { single.string }
  var singleNumber: FeelNumber? { single.number }
  var singleInt: Int? { single.number?.int }
}
