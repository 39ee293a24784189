import HTTP2
import Wire

/// Which header of a refused check is to blame, in words for the person who sent it.
///
/// Headers are looked at anew: a check that is not refused pays nothing for this.
func complaint(about stream: HTTP2Stream, _ code: ErrorCode) -> String? {
  for index in 0..<stream.keptHeaderCount {
    let name = stream.headerName(at: index)
    let found =
      switch code {
      case .unknownField: remedy(forName: name)
      case .duplicateField: remedy(forRepeated: name, at: index, of: stream)
      default: remedy(for: stream.headerValue(at: index), named: name)
      }
    if let found { return "header `\(cut(name))`: \(found)" }
  }
  return nil
}

/// A name as text, of which no more comes back than the longest known one has.
private func cut(_ name: Span<UInt8>) -> String {
  let limit = Limits.nameByteCount
  return name.count <= limit ? String(repairing: name) : String(repairing: name.extracting(0..<limit)) + "..."
}

private func remedy(forName name: Span<UInt8>) -> String? {
  guard CheckControl.isOurs(name), CheckControl(named: name) == nil, ContextHeaders.source(of: name) == nil
  else { return nil }
  if isOfAnswers(String(repairing: name)) {
    return "only answers carry it, so it was forged or echoed; let the proxy in front remove it"
  }
  return "no such header; the known ones are \(knownNames)"
}

/// Names of answers' headers, without those that requests have as well.
private let answerNames = [
  "verdict", "would-be", "mode", "provenance", "flags", "table", "table-version", "rule", "reason", "code",
  "message", "obligation", "part", "claim", "metadata", "error", "error-offset",
]

private func isOfAnswers(_ name: String) -> Bool {
  let rest = name.dropFirst("postern-".count)
  return answerNames.contains(String(rest)) || rest.hasPrefix("claim-") || rest.hasPrefix("metadata-")
}

private let knownNames: String = {
  let context = ContextHeaders.sources.map { String(repairing: $0.name.span) }.filter {
    CheckControl.isOurs(Array($0.utf8).span)
  }
  return (CheckControl.allCases.map(\.headerName.description) + context).map { "`\($0)`" }
    .joined(separator: ", ")
}()

private func remedy(
  forRepeated name: Span<UInt8>, at index: Int, of stream: HTTP2Stream
) -> String? {
  let source = ContextHeaders.source(of: name)
  // Risk headers may come twice: their signals are `invalid` then.
  guard source.map({ $0.field.type != .header }) ?? (CheckControl(named: name) != nil) else { return nil }
  for other in (index + 1)..<stream.keptHeaderCount where stream.headerName(at: other).elementsEqual(name) {
    return "it came twice; send it once"
  }
  return nil
}

private func remedy(for value: Span<UInt8>, named name: Span<UInt8>) -> String? {
  if let source = ContextHeaders.source(of: name) { return remedy(for: value, as: source.field.type) }
  switch CheckControl(named: name) {
  case .explain, .parts: return remedy(for: value, as: .boolean)
  case .correlationID:
    return (try? value.decimal(max: .max)) == nil ? "write a whole number below 2^64" : nil
  case .budgetMicroseconds:
    let isNumber = (try? value.decimal(max: UInt64(UInt32.max))) != nil
    return isNumber ? nil : "write microseconds, a whole number below 2^32"
  case .tenant:
    let isName = value.count <= Limits.nameByteCount && value.indices.allSatisfy { isNameByte(value[$0]) }
    return isName ? nil : "write at most \(Limits.nameByteCount) of A-Z a-z 0-9 . _ -"
  case nil: return nil
  }
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
