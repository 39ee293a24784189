import PosternClient

/// A login whose texts may have places that differ from one to the next: `{hex:8}` for so many
/// hexadecimal digits, `{int:0..99}` for a number.
public struct RequestTemplate: Sendable {
  public var trigger: String
  public var tenant = ""
  public var explains = false
  /// As `Name: value`, in their order.
  public var headers: [String] = []
  /// As `name=value` or `name:type=value`.
  public var signals: [String] = []

  public init(trigger: String) { self.trigger = trigger }

  /// One login of this kind.
  public func make(using random: inout SplitMix64) throws -> LoginRequest {
    var request = LoginRequest(
      trigger: trigger, tenant: tenant, correlationID: 0, explains: explains)
    for header in headers { try request.addHeader(Placeholder.filled(header, using: &random)) }
    for signal in signals { try request.setSignal(Placeholder.filled(signal, using: &random)) }
    return request
  }
}

/// A place in a text that is filled anew for every login.
enum Placeholder {
  struct Problem: Error, CustomStringConvertible {
    var description: String
  }

  /// LIMIT: longer than any identifier in a captured header.
  static let digitCountMax = 64

  /// The text with all of its places filled.
  static func filled(_ text: String, using random: inout SplitMix64) throws(Problem) -> String {
    guard text.contains("{") else { return text }
    var filled = ""
    var rest = text[...]
    while let open = rest.firstIndex(of: "{") {
      filled += rest[..<open]
      guard let close = rest[open...].firstIndex(of: "}") else {
        throw Problem(description: "`{` has no `}`; write {hex:8} or {int:0..99}")
      }
      filled += try value(of: rest[rest.index(after: open)..<close], using: &random)
      rest = rest[rest.index(after: close)...]
    }
    return filled + rest
  }

  private static func value(
    of place: Substring, using random: inout SplitMix64
  ) throws(Problem) -> String {
    let parts = place.split(separator: ":", maxSplits: 1).map(String.init)
    if parts.count == 2, parts[0] == "hex", let count = Int(parts[1]),
      (1...digitCountMax).contains(count)
    {
      let digits = Array("0123456789abcdef")
      return String((0..<count).map { _ in digits[Int(random.next() & 15)] })
    }
    if parts.count == 2, parts[0] == "int" {
      let ends = parts[1].split(separator: ".", omittingEmptySubsequences: true).compactMap { Int($0) }
      if ends.count == 2, ends[0] <= ends[1], parts[1] == "\(ends[0])..\(ends[1])" {
        return String(Int.random(in: ends[0]...ends[1], using: &random))
      }
    }
    throw Problem(
      description: "`{\(place)}` is no placeholder; write {hex:8}, up to 64 digits, or {int:0..99}")
  }
}
