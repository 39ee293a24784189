import Foundation
import Signals
import Wire

/// Reads the input of one decision from a command line: a JSON object of signals, and headers.
///
/// A member of the object is a signal by name, or an object that gives the names in parts:
/// `{"request.ip": "192.0.2.7"}` and `{"request": {"ip": "192.0.2.7"}}` are the same. `null` is
/// `absent`; `{"state": "invalid"}` gives a state.
public struct InputParser: Sendable {
  private let registry: SignalRegistry
  private let inputs: [Signal]

  /// `tables` declare the signals of a deployment's own.
  public init(_ tables: [Table]) {
    var registry = SignalRegistry()
    for signal in tables.flatMap(\.customInputs) {
      _ = registry.declare(signal.name, signal.type, signal.scale)
    }
    self.registry = registry
    inputs = tables.flatMap(\.inputs)
  }

  /// The input that `json` (empty for none) and `headers` (each `Name: value`) give. What is wrong
  /// with them is reported as diagnostics of `--input` and `--header`.
  public func parse(
    json: String, headers: [String]
  ) -> (input: DecisionInput?, diagnostics: [Diagnostic]) {
    var input = DecisionInput()
    var log = DiagnosticLog(file: "--input")
    var headerLog = DiagnosticLog(file: "--header")
    if !json.isEmpty {
      do {
        let value = try JSONDecoder().decode(JSONValue.self, from: Data(json.utf8))
        if case .object(let members) = value {
          // A decoded object has one member of each name, whichever of them that was.
          for path in Set(JSONMembers.repeated(in: json)).sorted() {
            log.error(at: start, Self.givenTwice(path))
          }
          var given: Set<String> = []
          add(members, prefix: "", to: &input, &given, log: &log)
        } else {
          log.error(at: start, "not a JSON object; write `{\"signal\": value}`")
        }
      } catch {
        log.error(at: start, "not JSON; write `{\"signal\": value}`")
      }
    }
    for header in headers { addHeader(header, to: &input, log: &headerLog) }
    let diagnostics = log.diagnostics + headerLog.diagnostics
    return (diagnostics.hasErrors ? nil : input, diagnostics)
  }

  private var start: SourceLocation { SourceLocation(line: 1, column: 1) }

  private func addHeader(
    _ header: String, to input: inout DecisionInput, log: inout DiagnosticLog
  ) {
    let parts = header.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else {
      return log.error(at: start, "`\(header)` is no header; write `Name: value`")
    }
    let fields = Field.signalHeaders
    let name = parts[0].trimmed.lowercased()
    guard let field = fields.first(where: { $0.name == name }) else {
      let known = fields.map { "`\($0.name)`" }.joined(separator: " and ")
      let otherwise = "; the headers that carry signals are \(known)"
      return log.error(
        at: start,
        "no signal is read from header `\(name)`"
          + hint(for: name, among: fields.map(\.name), otherwise: otherwise))
    }
    input.headers.append(.init(field: field, value: String(parts[1].trimmed)))
  }

  private func add(
    _ members: [String: JSONValue], prefix: String, to input: inout DecisionInput,
    _ given: inout Set<String>, log: inout DiagnosticLog
  ) {
    for (name, value) in members.sorted(by: { $0.key < $1.key }) {
      let name = prefix + name
      if case .object(let parts) = value, value.state == nil {
        if parts.count == 1, let state = parts["state"], registry[name] != nil,
          registry[name + ".state"] == nil
        {
          log.error(at: start, Self.noState(state, of: name))
        } else {
          add(parts, prefix: name + ".", to: &input, &given, log: &log)
        }
        continue
      }
      guard let signal = registry[name] else {
        log.error(at: start, unknownSignal(name, registry, orElse: inputs.map(\.name)))
        continue
      }
      guard let plain = value.signal(of: signal) else {
        log.error(
          at: start, "`\(name)` is of type \(signal.typeName); write \(signal.jsonExample)")
        continue
      }
      guard given.insert(name).inserted else {
        log.error(at: start, Self.givenTwice(name))
        continue
      }
      input.signals.append(.init(signal: signal, value: plain))
    }
  }

  private static func givenTwice(_ name: String) -> String { "`\(name)` is given twice; keep one" }

  private static func noState(_ value: JSONValue, of name: String) -> String {
    let states = SignalState.allCases.dropFirst().map(\.name)
    let list = states.map { "`\"\($0)\"`" }.joined(separator: ", ")
    guard case .text(let text) = value else { return "the state of `\(name)` is one of \(list)" }
    return "the state of `\(name)` is one of \(list); `\(text)` is not" + hint(for: text, among: states)
  }
}

/// Any JSON value.
private enum JSONValue: Decodable {
  case null
  case boolean(Bool)
  case number(Double)
  case text(String)
  case array([JSONValue])
  case object([String: JSONValue])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let boolean = try? container.decode(Bool.self) {
      self = .boolean(boolean)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else if let text = try? container.decode(String.self) {
      self = .text(text)
    } else if let array = try? container.decode([JSONValue].self) {
      self = .array(array)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  /// The state that `null` or `{"state": "invalid"}` gives.
  var state: PlainSignal? {
    if case .null = self { return .absent }
    guard case .object(let members) = self, members.count == 1,
      case .text(let name)? = members["state"],
      let state = SignalState.allCases.first(where: { $0.name == name })
    else { return nil }
    return PlainSignal(state)
  }

  /// As a signal's state or value; `nil` when it is not of its type.
  func signal(of signal: Signal) -> PlainSignal? {
    if let state { return state }
    switch (signal.type, self) {
    case (.boolean, .boolean(let boolean)): return .boolean(boolean)
    case (.string, .text(let text)): return .text(text)
    case (.number, .text(let text)): return signal.scale.point(text).map(PlainSignal.number)
    case (.number, .number(let number)) where signal.scale == .plain:
      guard let largest = signal.wholeMax else { return .number(number) }
      return (0...largest).contains { Double($0) == number } ? .number(number) : nil
    case (.enumeration, .text(let text)):
      return signal.index(ofCase: text).map(PlainSignal.enumeration)
    case (.address, .text(let text)): return address(from: text).map(PlainSignal.address)
    case (.list, .array(let values)):
      let texts = values.compactMap { value -> String? in
        if case .text(let text) = value { text } else { nil }
      }
      return texts.count == values.count ? .list(texts) : nil
    default: return nil
    }
  }
}

extension Signal {
  /// A value of its type in JSON.
  fileprivate var jsonExample: String {
    switch type {
    case .boolean: "`true` or `false`"
    case .number where scale != .plain: "a text like `\"\(scale.isoExample)\"`"
    case .number:
      wholeMax.map { "a whole number from 0 to \($0)" } ?? "a number"
    case .string: "a text in quotes"
    case .enumeration: "one of " + cases.map { "`\"\($0)\"`" }.joined(separator: ", ")
    case .address: "an address like `\"192.0.2.7\"`"
    case .list: "an array of texts"
    }
  }
}
