import Wire

/// Inputs given as text, as command lines and configuration files have them.
extension LoginRequest {
  /// Appends a risk header written `Name: value`; `x-forwarded-uri` and `x-forwarded-proto` are the
  /// target and the scheme that the edge signed.
  public mutating func addHeader(_ text: String) throws(InputTextError) {
    guard let colon = text.firstIndex(of: ":") else { throw InputTextError(text, .noColon) }
    let name = text[..<colon].trimmed.lowercased()
    let value = String(text[text.index(after: colon)...].trimmed)
    switch name {
    case Field.forwardedTarget.name: context.target = value
    case Field.forwardedScheme.name: context.scheme = value
    default:
      guard let header = RiskHeader(name: name) else { throw InputTextError(text, .unknownHeader) }
      headers.append(header, value)
    }
  }

  /// Sets a signal written `name=value`, or `name:type=value` for one of the deployment's own.
  ///
  /// A registered name (`user.id`, `stats.loginsCount`) has its registered type. Another is a
  /// string unless `:type` says `string`, `number`, `boolean`, `list` or `address`. Booleans are
  /// `true` and `false`; list items are separated by commas.
  public mutating func setSignal(_ text: String) throws(InputTextError) {
    guard let equals = text.firstIndex(of: "=") else { throw InputTextError(text, .noEquals) }
    let value = String(text[text.index(after: equals)...])
    let parts = text[..<equals].split(
      separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    guard !name.isEmpty, name.utf8.count <= Limits.nameByteCount, name.utf8.allSatisfy(isNameByte)
    else { throw InputTextError(text, .badName) }
    let field = Field.allCases.first { $0.name == name && $0 != .custom && $0.type != .header }
    var type = field?.type ?? .string
    if parts.count == 2 {
      guard let stated = FieldType(name: parts[1]) else { throw InputTextError(text, .unknownType) }
      guard field == nil || stated == type else { throw InputTextError(text, .otherType(type)) }
      type = stated
    }
    guard let typed = CustomValue(text: value, type: type) else {
      throw InputTextError(text, .badValue(type))
    }
    if let field { context.values[field] = typed } else { signals[name] = typed }
  }
}

extension FieldType {
  private static let names: [(FieldType, String)] = [
    (.string, "string"), (.number, "number"), (.boolean, "boolean"), (.list, "list"),
    (.address, "address"),
  ]

  fileprivate init?(name: Substring) {
    guard let entry = Self.names.first(where: { $0.1 == name }) else { return nil }
    self = entry.0
  }

  fileprivate var name: String { Self.names.first { $0.0 == self }?.1 ?? "header" }
}

extension CustomValue {
  fileprivate init?(text: String, type: FieldType) {
    switch type {
    case .header: return nil
    case .string: self = .string(text)
    case .address: self = .address(text)
    case .list:
      let items = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      self = .list(text.isEmpty ? [] : items)
    case .number:
      guard let number = Double(text), number.isFinite else { return nil }
      self = .number(number)
    case .boolean:
      guard let boolean = Bool(text) else { return nil }
      self = .boolean(boolean)
    }
  }
}

extension Substring {
  fileprivate var trimmed: Substring {
    let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    var rest = drop(while: isBlank)
    while let last = rest.last, isBlank(last) { rest.removeLast() }
    return rest
  }
}

/// An input text that cannot be used.
public struct InputTextError: Error, Equatable, Sendable {
  public enum Problem: Equatable, Sendable {
    case noColon, unknownHeader, noEquals, badName, unknownType
    case otherType(FieldType)
    case badValue(FieldType)
  }

  public var text: String
  public var problem: Problem

  init(_ text: String, _ problem: Problem) {
    self.text = text
    self.problem = problem
  }
}

extension InputTextError: CustomStringConvertible {
  public var description: String {
    switch problem {
    case .noColon: "`\(text)` is no header; write 'Name: value'"
    case .unknownHeader:
      "`\(text)` is no risk header; known are "
        + (RiskHeader.allCases.map(\.field) + [.forwardedTarget, .forwardedScheme])
        .map(\.name).joined(separator: ", ")
    case .noEquals: "`\(text)` is no signal; write name=value"
    case .badName: "`\(text)` has a bad name; use 1 to 64 of A-Z a-z 0-9 . _ -"
    case .unknownType:
      "`\(text)` has an unknown type; use string, number, boolean, list or address"
    case .otherType(let type): "`\(text)` has another type than the registry's \(type.name)"
    case .badValue(let type): "`\(text)` has a value that is no \(type.name)"
    }
  }
}
