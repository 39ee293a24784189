import Foundation
import Rules
import Wire

/// One hit of a table whose hits are a list, as `postern eval` prints it.
struct HitJSON: Encodable {
  var table: String
  /// Counted from 1 in the table; 0 for its default rule.
  var rule: Int
  var ruleName: String?
  var verdict: String
  /// By column; null for an empty cell.
  var outputs: [String: Value?]

  enum Value: Encodable {
    case text(String)
    case number(Decimal)
    case boolean(Bool)

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .text(let text): try container.encode(text)
      case .number(let number): try container.encode(number)
      case .boolean(let boolean): try container.encode(boolean)
      }
    }
  }

  init(_ hit: HitOutputs) {
    table = hit.table
    rule = hit.rule
    ruleName = hit.ruleName.isEmpty ? nil : hit.ruleName
    verdict = hit.verdict.name
    outputs = Dictionary(
      uniqueKeysWithValues: hit.components.map { ($0.column, Self.value($0)) })
  }

  private static func value(_ component: HitOutputs.Component) -> Value? {
    component.value.map { text in
      switch component.type {
      case .string: .text(text)
      case .number: Decimal(string: text).map(Value.number) ?? .text(text)
      case .boolean: .boolean(text == "true")
      }
    }
  }
}
