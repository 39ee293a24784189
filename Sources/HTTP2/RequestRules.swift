import CByteMask
import CNghttp2
import Wire

/// What RFC 9113 8.1 to 8.3 asks of a request: which fields, how often and in which order, of which bytes,
/// and a body as long as it says.
///
/// libnghttp2 can see to it, and looks at each byte of each field by itself, a nanosecond a byte: for logins
/// with long headers that is as much as all else it does. What is right and wrong is the same here, and held
/// to the library's own judgement by `RequestRulesTests`.
///
/// SAFETY, for all of it: the library's checks read the bytes of the span that `ask` lends, and keep nothing.
struct RequestRules: BitwiseCopyable {
  private struct Facts: OptionSet {
    let rawValue: UInt16

    static let method = Facts(rawValue: 1 << 0)
    static let scheme = Facts(rawValue: 1 << 1)
    static let path = Facts(rawValue: 1 << 2)
    static let authority = Facts(rawValue: 1 << 3)
    static let host = Facts(rawValue: 1 << 4)
    /// A field that is no pseudo-header has come: no pseudo-header may follow.
    static let field = Facts(rawValue: 1 << 5)
    static let connects = Facts(rawValue: 1 << 6)
    static let asksForOptions = Facts(rawValue: 1 << 7)
    static let schemeIsHTTP = Facts(rawValue: 1 << 8)
    static let pathIsAbsolute = Facts(rawValue: 1 << 9)
    static let pathIsAsterisk = Facts(rawValue: 1 << 10)
    // Not literals where they are used: without optimization an array's literal allocates.
    static let required = Facts(rawValue: method.rawValue | scheme.rawValue | path.rawValue)
    static let schemeOrPath = Facts(rawValue: scheme.rawValue | path.rawValue)
    static let authorityOrHost = Facts(rawValue: authority.rawValue | host.rawValue)
    static let optionsOfAll = Facts(rawValue: asksForOptions.rawValue | pathIsAsterisk.rawValue)
  }

  private var facts = Facts()
  /// Nothing of the request is looked at any more: it has been reset.
  private(set) var isMalformed = false
  /// What the request says of its body's bytes, `nil` where nothing.
  private var contentLength: Int64?
  private var bodyByteCount: Int64 = 0

  // MARK: Fields

  /// Which field this is; `nil` where it may not be the next.
  @inline(__always)
  mutating func take(_ name: Span<UInt8>, _ value: Span<UInt8>, isTrailer: Bool) -> RequestField? {
    let field = RequestField(name)
    switch field {
    case .method: isMalformed = !mayBePseudo(isTrailer) || !allowsMethod(value)
    case .scheme: isMalformed = !mayBePseudo(isTrailer) || !allowsScheme(value)
    case .path: isMalformed = !mayBePseudo(isTrailer) || !allowsPath(value)
    case .authority:
      isMalformed = !mayBePseudo(isTrailer) || !Self.isAuthority(value) || !isFirst(.authority, value)
    case .contentType:
      facts.insert(.field)
      isMalformed = !Self.isValue(value)
    case .other:
      facts.insert(.field)
      isMalformed = !allowsField(name, value)
    }
    return isMalformed ? nil : field
  }

  private func mayBePseudo(_ isTrailer: Bool) -> Bool { !isTrailer && !facts.contains(.field) }

  /// Of its kind, and not empty.
  private mutating func isFirst(_ fact: Facts, _ value: Span<UInt8>) -> Bool {
    value.count > 0 && facts.insert(fact).inserted
  }

  private mutating func allowsPath(_ value: Span<UInt8>) -> Bool {
    let hasOther = value.contains {
      postern_controls($0) | postern_matches($0, UInt8(ascii: " ")) | postern_matches($0, UInt8(ascii: "\t"))
    }
    if hasOther || !isFirst(.path, value) { return false }
    if value[0] == UInt8(ascii: "/") {
      facts.insert(.pathIsAbsolute)
    } else if value.isText("*") {
      facts.insert(.pathIsAsterisk)
    }
    return true
  }

  private mutating func allowsMethod(_ value: Span<UInt8>) -> Bool {
    guard isFirst(.method, value) else { return false }
    if value.isText("POST") || value.isText("GET") { return true }
    if value.isText("CONNECT") { facts.insert(.connects) }
    if value.isText("OPTIONS") { facts.insert(.asksForOptions) }
    return unsafe Self.ask(value, nghttp2_check_method)
  }

  private mutating func allowsScheme(_ value: Span<UInt8>) -> Bool {
    guard isFirst(.scheme, value) else { return false }
    guard Self.isLowered(value, "http") || Self.isLowered(value, "https") else { return Self.isScheme(value) }
    facts.insert(.schemeIsHTTP)
    return true
  }

  /// Fields that belong to a connection are none of a request's.
  @inline(never)
  private mutating func allowsField(_ name: Span<UInt8>, _ value: Span<UInt8>) -> Bool {
    // No pseudo-header but the four is one of a request.
    guard name.count > 0, name[0] != UInt8(ascii: ":"), Self.isName(name) else { return false }
    return switch name.count {
    case 2 where name.isText("te"): Self.isLowered(value, "trailers")
    case 4 where name.isText("host"): Self.isAuthority(value) && isFirst(.host, value)
    case 7 where name.isText("upgrade"): false
    case 10 where name.isText("connection") || name.isText("keep-alive"): false
    case 14 where name.isText("content-length"): allowsLength(value)
    case 16 where name.isText("proxy-connection"): false
    case 17 where name.isText("transfer-encoding"): false
    default: Self.isValue(value)
    }
  }

  private mutating func allowsLength(_ value: Span<UInt8>) -> Bool {
    guard contentLength == nil, let number = Self.number(value) else { return false }
    contentLength = number
    return true
  }

  // MARK: Parts

  /// The request's headers have come to their end. Whether it may go on.
  mutating func headersEnded(endsRequest: Bool) -> Bool {
    if isMalformed { return false }
    if facts.contains(.connects) { contentLength = nil }
    isMalformed = !hasRequiredFields || endsRequest && !hasWholeBody
    return !isMalformed
  }

  private var hasRequiredFields: Bool {
    if facts.contains(.connects) {
      return facts.contains(.authority) && facts.isDisjoint(with: .schemeOrPath)
    }
    guard facts.isSuperset(of: .required), !facts.isDisjoint(with: .authorityOrHost) else { return false }
    return !facts.contains(.schemeIsHTTP) || facts.contains(.pathIsAbsolute)
      || facts.isSuperset(of: .optionsOfAll)
  }

  /// Its trailers have: a request ends with them.
  mutating func trailersEnded(endsRequest: Bool) -> Bool {
    if isMalformed { return false }
    isMalformed = !endsRequest || !hasWholeBody
    return !isMalformed
  }

  /// So many bytes more of the body came. Whether they may have.
  mutating func received(_ byteCount: Int) -> Bool {
    if isMalformed { return false }
    bodyByteCount += Int64(byteCount)
    isMalformed = bodyByteCount > contentLength ?? .max
    return !isMalformed
  }

  /// The body has come to its end. Whether it is as long as was said.
  mutating func bodyEnded() -> Bool {
    if isMalformed { return false }
    isMalformed = !hasWholeBody
    return !isMalformed
  }

  private var hasWholeBody: Bool { contentLength == nil || contentLength == bodyByteCount }

  // MARK: Bytes

  private static func isValue(_ value: Span<UInt8>) -> Bool {
    if value.count == 0 { return true }
    // RFC 9113 8.2.1.
    return !isBlank(value[0]) && !isBlank(value[value.count &- 1]) && !value.contains(postern_controls)
  }

  private static func isName(_ name: Span<UInt8>) -> Bool {
    let isPlain = !name.contains {
      postern_not_plain($0) | postern_matches($0, UInt8(ascii: "/")) | postern_matches($0, UInt8(ascii: ":"))
    }
    if isPlain, name.count > 0 { return true }
    return unsafe ask(name, nghttp2_check_header_name)
  }

  private static func isAuthority(_ value: Span<UInt8>) -> Bool {
    let isPlain = !value.contains { postern_not_plain($0) | postern_matches($0, UInt8(ascii: "/")) }
    if isPlain { return true }
    return unsafe ask(value, nghttp2_check_authority)
  }

  private static func isScheme(_ value: Span<UInt8>) -> Bool {
    guard value.count > 0, isLetter(value[0]) else { return false }
    for index in 1..<value.count {
      let byte = value[index]
      guard isLetter(byte) || byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
        || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
      else { return false }
    }
    return true
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
  }

  /// Whether these are the bytes of a small text, capitals among them or not.
  private static func isLowered(_ value: Span<UInt8>, _ text: StaticString) -> Bool {
    guard value.count == text.utf8CodeUnitCount else { return false }
    for index in value.indices {
      let byte = value[index]
      // SAFETY: within the text, which lives for ever.
      guard unsafe (isLetter(byte) ? byte | 0x20 : byte) == text.utf8Start[index] else { return false }
    }
    return true
  }

  private static func number(_ value: Span<UInt8>) -> Int64? {
    guard value.count > 0 else { return nil }
    var number: Int64 = 0
    for index in value.indices {
      let digit = Int64(value[index]) - Int64(UInt8(ascii: "0"))
      guard (0...9).contains(digit) else { return nil }
      let (tens, overflows) = number.multipliedReportingOverflow(by: 10)
      let (sum, overflowsToo) = tens.addingReportingOverflow(digit)
      if overflows || overflowsToo { return nil }
      number = sum
    }
    return number
  }

  /// The library's opinion of bytes, one by one.
  private static func ask(
    _ bytes: Span<UInt8>, _ check: (UnsafePointer<UInt8>?, Int) -> Int32
  ) -> Bool {
    unsafe bytes.withUnsafeBufferPointer { unsafe check($0.baseAddress, $0.count) != 0 }
  }
}
