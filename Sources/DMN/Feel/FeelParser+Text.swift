/// String literals and type names.
extension FeelParser {
  mutating func string() throws(FeelSyntaxError) -> String {
    let start = offset
    offset += 1
    var units: [UInt16] = []
    while let scalar = current {
      offset += 1
      switch scalar {
      case "\"": return String(decoding: units, as: UTF16.self)
      case "\\": try escape(into: &units)
      default: units.append(contentsOf: String(scalar).utf16)
      }
    }
    throw FeelSyntaxError(offset: start, message: "a string that does not end; write `\"` after it")
  }

  /// What follows a backslash. A backslash before any other sign stands for itself.
  private mutating func escape(into units: inout [UInt16]) throws(FeelSyntaxError) {
    guard let scalar = current else { return }
    offset += 1
    switch scalar {
    case "n": units.append(10)
    case "r": units.append(13)
    case "t": units.append(9)
    case "\"", "\\", "'": units.append(UInt16(scalar.value))
    case "u", "U":
      let count = scalar == "u" ? 4 : 6
      let end = offset + count
      guard end <= scalars.count,
        let code = UInt32(String(String.UnicodeScalarView(scalars[offset..<end])), radix: 16)
      else { throw unexpected("\(count) hexadecimal digits") }
      offset = end
      if code <= 0xFFFF {
        units.append(UInt16(code))
      } else if let wide = Unicode.Scalar(code) {
        units.append(contentsOf: String(wide).utf16)
      } else {
        throw unexpected("a code point")
      }
    default:
      units.append(92)
      units.append(contentsOf: String(scalar).utf16)
    }
  }

  private static let typeNames = KnownNames([
    "date and time", "days and time duration", "years and months duration",
  ])

  mutating func type() throws(FeelSyntaxError) -> FeelType {
    try nested { parser throws(FeelSyntaxError) in try parser.typeAtDepth() }
  }

  private mutating func typeAtDepth() throws(FeelSyntaxError) -> FeelType {
    if let name = knownName(in: [Self.typeNames, names]) { return FeelType(name: name) }
    guard var name = word() else { throw unexpected("a type") }
    switch name {
    case "list" where peek("<"): return .list(try typeArgument())
    case "range" where peek("<"): return .range(try typeArgument())
    case "context" where take("<"):
      var members: [String: FeelType] = [:]
      repeat {
        guard let key = declaredName(before: [":"]), take(":") else { throw unexpected("`name:`") }
        members[key] = try type()
      } while take(",")
      guard take(">") else { throw unexpected("`,` or `>`") }
      return .context(members)
    case "function" where take("<"):
      var parameters: [FeelType] = []
      while !take(">") {
        if !parameters.isEmpty, !take(",") { throw unexpected("`,` or `>`") }
        parameters.append(try type())
      }
      guard take("->") else { return .function(parameters, .any) }
      return .function(parameters, try type())
    default:
      while current == ".", scalar(after: 1).map(isNameStart) ?? false {
        offset += 1
        name += "." + (word() ?? "")
      }
      return FeelType(name: name)
    }
  }

  private mutating func typeArgument() throws(FeelSyntaxError) -> FeelType {
    _ = take("<")
    let element = try type()
    guard take(">") else { throw unexpected("`>`") }
    return element
  }

  /// A type as it is written, for a parameter.
  mutating func typeText() throws(FeelSyntaxError) -> String {
    skipBlanks()
    let start = offset
    _ = try type()
    return String(String.UnicodeScalarView(scalars[start..<offset]))
      .trimmingSuffix { $0.isWhitespace }
  }
}

extension String {
  fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> String {
    var copy = self
    while let last = copy.last, predicate(last) { copy.removeLast() }
    return copy
  }
}

extension FeelValue {
  /// The date, time, date and time or duration that the text is.
  package init?(temporal text: String) {
    if let date = FeelDate(text) {
      self = .date(date)
    } else if let time = FeelTime(text) {
      self = .time(time)
    } else if let moment = FeelDateTime(text) {
      self = .dateTime(moment)
    } else {
      var scanner = TemporalScanner(text)
      guard let duration = scanner.duration(), scanner.isAtEnd else { return nil }
      self = duration
    }
  }
}
