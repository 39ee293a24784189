import HTTP2
import Wire

/// Which header of a refused check is to blame, in words for the person who sent it.
///
/// Headers are looked at anew: a check that is not refused pays nothing for this.
func complaint(about stream: HTTP2Stream) -> String? {
  for index in 0..<stream.keptHeaderCount {
    let name = stream.headerName(at: index)
    let value = stream.headerValue(at: index)
    if let remedy = remedy(for: value, named: name) {
      return "header `\(String(repairing: name))`: \(remedy)"
    }
  }
  return nil
}

private func remedy(for value: Span<UInt8>, named name: Span<UInt8>) -> String? {
  if let source = ContextHeaders.source(of: name) { return remedy(for: value, as: source.field.type) }
  if name.isText("postern-explain") { return remedy(for: value, as: .boolean) }
  if name.isText("postern-correlation-id") {
    return UInt64(String(repairing: value)) == nil ? "write a whole number below 2^64" : nil
  }
  if name.isText("postern-budget-us") {
    return UInt32(String(repairing: value)) == nil ? "write microseconds, a whole number below 2^32" : nil
  }
  if name.isText("postern-tenant") {
    let isName = value.count <= Limits.nameByteCount && value.indices.allSatisfy { isNameByte(value[$0]) }
    return isName ? nil : "write at most \(Limits.nameByteCount) of A-Z a-z 0-9 . _ -"
  }
  return nil
}

private func remedy(for value: Span<UInt8>, as type: FieldType?) -> String? {
  switch type {
  case .boolean:
    let isBoolean = ["true", "1", "false", "0"].contains { value.isText($0) }
    return isBoolean ? nil : "write `true` or `false`"
  case .number:
    let number = Double(String(repairing: value))
    return number?.isFinite == true ? nil : "write a number, such as `12` or `0.5`"
  case .string, .address, .list:
    do {
      _ = try UTF8Span(validating: value)
      return nil
    } catch {
      return "write UTF-8; byte \(error.byteOffsets.lowerBound) of the value is none"
    }
  case .header, nil: return nil
  }
}
