import HTTP2
import Wire

/// What a check's headers say of the request itself rather than of the login.
struct CheckControls {
  /// Index of `postern-tenant`.
  private var tenant: Int?
  /// Bits of the fields that came in headers of our own, by number.
  private var named: UInt64 = 0
  var correlationID: UInt64 = 0
  var budgetMicroseconds: UInt32 = 0
  var flags: RequestFlags = []

  init(_ stream: HTTP2Stream) throws(WireError) {
    var seen: UInt8 = 0
    for index in 0..<stream.keptHeaderCount {
      let name = stream.headerName(at: index)
      if let source = ContextHeaders.source(of: name) {
        if !source.isForwarded { named |= 1 << UInt64(source.field.rawValue) }
      } else if let control = CheckControl(named: name) {
        guard seen & 1 << control.rawValue == 0 else { throw WireError(.duplicateField, at: 0) }
        seen |= 1 << control.rawValue
        try read(control, of: stream, at: index)
      } else if CheckControl.isOurs(name) {
        throw WireError(.unknownField, at: 0)
      }
    }
  }

  private mutating func read(
    _ control: CheckControl, of stream: HTTP2Stream, at index: Int
  ) throws(WireError) {
    let value = stream.headerValue(at: index)
    switch control {
    case .tenant: tenant = index
    case .correlationID: correlationID = try value.decimal(max: .max)
    case .budgetMicroseconds: budgetMicroseconds = UInt32(try value.decimal(max: UInt64(UInt32.max)))
    case .explain: if try value.boolean() { flags.insert(.explain) }
    case .parts: if try value.boolean() { flags.insert(.parts) }
    }
  }

  /// Whether the field came in a header of our own, which goes before what proxies and clients
  /// send of themselves.
  func names(_ field: Field) -> Bool { named & 1 << UInt64(field.rawValue) != 0 }

  /// Where the address lies that is `distance` entries left of the last in `x-forwarded-for`, whose
  /// lines are one list (RFC 9110 5.3); the first entry when there are fewer.
  func forwardedAddress(
    of stream: HTTP2Stream, fromLast distance: Int
  ) -> (header: Int, address: ByteRange)? {
    var remaining = distance
    var found: (header: Int, address: ByteRange)?
    for index in (0..<stream.keptHeaderCount).reversed()
    where remaining >= 0 && stream.headerName(at: index).isText("x-forwarded-for") {
      let address = stream.headerValue(at: index).commaSeparated(fromLast: &remaining)
      found = (header: index, address: address)
    }
    return found
  }

  /// The tenant's name, empty for the default one.
  @_lifetime(borrow stream)
  func tenant(of stream: HTTP2Stream) -> Span<UInt8> {
    guard let tenant else { return Span() }
    return stream.headerValue(at: tenant)
  }
}

extension RequestWriter {
  /// Appends a field whose value is a header's text.
  mutating func append(_ field: Field, text: Span<UInt8>) throws(WireError) {
    switch field.type {
    case .boolean: append(field, boolean: try text.boolean())
    case .number:
      guard let number = Double(String(repairing: text)), number.isFinite else {
        throw WireError(.invalidNumber, at: 0)
      }
      append(field, number: number)
    case .list: try append(field, commaSeparated: text.validated())
    case .header, .string, .address, nil: append(field, bytes: text)
    }
  }
}

extension Span where Element == UInt8 {
  /// `true` or `1`, `false` or `0`.
  func boolean() throws(WireError) -> Bool {
    if isText("true") || isText("1") { return true }
    if isText("false") || isText("0") { return false }
    throw WireError(.invalidBoolean, at: 0)
  }

  /// A whole number in decimal digits.
  func decimal(max: UInt64) throws(WireError) -> UInt64 {
    var number: UInt64 = 0
    for index in indices {
      let (tens, overflows) = number.multipliedReportingOverflow(by: 10)
      let digit = self[index] &- UInt8(ascii: "0")
      let (sum, carries) = tens.addingReportingOverflow(UInt64(digit))
      guard digit < 10, !overflows, !carries, sum <= max else { throw WireError(.invalidNumber, at: 0) }
      number = sum
    }
    guard !isEmpty else { throw WireError(.invalidNumber, at: 0) }
    return number
  }

  /// Itself; what is not UTF-8 is refused.
  @_lifetime(copy self)
  fileprivate func validated() throws(WireError) -> Span<UInt8> {
    do {
      _ = try UTF8Span(validating: self)
    } catch {
      throw WireError(.invalidUTF8, at: 0)
    }
    return self
  }

  /// The bytes before the first question mark.
  var withoutQuery: Span<UInt8> {
    @_lifetime(copy self)
    get {
      var end = 0
      while end < count, self[end] != UInt8(ascii: "?") { end += 1 }
      return extracting(0..<end)
    }
  }

  /// Where the entry lies that is `remaining` entries left of the last, spaces trimmed; the first
  /// entry when there are fewer. Takes the entries looked at off `remaining`: below zero, it is
  /// the one asked for.
  func commaSeparated(fromLast remaining: inout Int) -> ByteRange {
    var end = count
    while true {
      var start = end
      while start > 0, self[start - 1] != UInt8(ascii: ",") { start -= 1 }
      remaining -= 1
      if remaining < 0 || start == 0 {
        let entry = extracting(start..<end).withoutSpaces
        return ByteRange(offset: start + entry.lowerBound, count: entry.count)
      }
      end = start - 1
    }
  }
}
