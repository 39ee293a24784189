import Wire

extension Decoded {
  /// What the message says, line by line, as `proto-spec/README.md` defines it.
  var lines: [String] {
    switch self {
    case .request(let plain, let decisions):
      ["request decisions=\(decisions.count)"] + decisions.flatMap { $0.request.lines(of: plain) }
    case .reply(let reply):
      ["reply decisions=\(reply.decisions.count) nanoseconds=\(reply.serverNanoseconds)"]
        + reply.decisions.flatMap(\.lines)
    case .error(let error):
      ["error \(error.code) offset=\(error.offset) \(quoted(error.text.utf8))"]
    }
  }
}

extension DecisionRequest {
  fileprivate func lines(of message: [UInt8]) -> [String] {
    func text(_ range: ByteRange) -> String { quoted(message[range.start..<range.end]) }
    var lines = [
      "decision tenant=\(text(tenant)) trigger=\(text(trigger)) correlation=\(correlationID) "
        + "budget=\(budgetMicroseconds) flags=\(flags.shown)"
    ]
    for field in Field.allCases {
      guard let range = value(of: field), let type = field.type else { continue }
      let isRepeated = repeated & (1 << UInt32(field.rawValue)) != 0
      let shown =
        isRepeated
        ? "repeated"
        : CustomValue(reading: message.span.extracting(range), as: type)?.shown ?? text(range)
      lines.append("field \(field) \(type) \(shown)")
    }
    for index in 0..<customCount {
      let custom = custom(at: index)
      let value = CustomValue(reading: message.span.extracting(custom.value), as: custom.type)
      lines.append("custom \(text(custom.name)) \(custom.type) \(value!.shown)")
    }
    return lines
  }
}

extension RequestFlags {
  var shown: String {
    let names = RequestFlags.names.filter { contains($0.flag) }.map(\.name)
    return names.isEmpty ? "none" : names.joined(separator: ",")
  }
}

extension CustomValue {
  var shown: String {
    switch self {
    case .string(let text), .address(let text): quoted(text.utf8)
    case .number(let number): "\(number)"
    case .boolean(let boolean): "\(boolean)"
    case .list(let items): "[" + items.map { quoted($0.utf8) }.joined(separator: ",") + "]"
    }
  }
}

extension DecisionReply {
  fileprivate var lines: [String] {
    let version = String(tableVersion, radix: 16)
    let line =
      "decision correlation=\(correlationID) verdict=\(verdict.name) wouldBe=\(wouldBe.name) "
      + "mode=\(mode.name) flags=\(flagNames) rule=\(rule) version="
      + String(repeating: "0", count: 16 - version.count) + version
    return [line] + (provenance.map { ["provenance \($0)"] } ?? [])
      + outputs.map { output in
        let name = output.name.isEmpty ? "" : quoted(output.name.utf8) + "="
        return "output \(output.kind) \(name)\(quoted(output.value.utf8))"
      }
  }

  private var flagNames: String {
    let names = (0..<16).compactMap { bit -> String? in
      let flag = ReplyFlags(rawValue: 1 << bit)
      guard flags.contains(flag) else { return nil }
      return ReplyFlags.names.first { $0.flag == flag }?.name ?? "bit\(bit)"
    }
    return names.isEmpty ? "none" : names.joined(separator: ",")
  }
}

/// Text in double quotes; quotes, backslashes and bytes that are not printable ASCII as `\xHH`.
func quoted(_ bytes: some Sequence<UInt8>) -> String {
  let hex = Array("0123456789abcdef")
  var text = "\""
  for byte in bytes {
    if (0x20...0x7e).contains(byte), byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
      text.unicodeScalars.append(Unicode.Scalar(byte))
    } else {
      text += "\\x\(hex[Int(byte >> 4)])\(hex[Int(byte & 15)])"
    }
  }
  return text + "\""
}
