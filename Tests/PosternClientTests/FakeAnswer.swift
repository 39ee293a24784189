import PosternClient
import Wire

/// What a fake server does with one request.
enum FakeAnswer: Sendable {
  /// A status and a body.
  case response(Int, [UInt8])
  /// The same, after a while.
  case late(Duration, Int, [UInt8])
  /// A whole GOAWAY before the response.
  case goAwayThen(Int, [UInt8])
  case nothing
  /// The socket closes.
  case hangUp
  /// Bytes that are no HTTP/2.
  case garbage

  /// A reply that decides everything as `verdict`.
  static func decided(_ message: [UInt8], _ verdict: Verdict = .mfa) -> FakeAnswer {
    .response(200, FakeAnswer.reply(to: message, verdict))
  }

  /// A reply message that repeats each decision's trigger as its reason, and its header and IP
  /// address as claims.
  static func reply(to message: [UInt8], _ verdict: Verdict) -> [UInt8] {
    var decisions: [DecisionReply] = []
    do {
      var plain = ByteWriter()
      if try MessageHeader(reading: message.span, expecting: .request).flags == .compressed {
        try plain.decompress(message.span, .request)
      } else {
        plain.append(message.span)
      }
      let bytes = plain.span
      var reader = try RequestReader(bytes)
      var request = DecisionRequest()
      while try reader.next(into: &request) {
        var outputs: [DecisionReply.Output] = [
          .init(kind: .reason, value: String(repairing: bytes.extracting(request.trigger)))
        ]
        for (field, name) in [(Field.akamaiUserRisk, "risk"), (.requestIP, "ip")] {
          guard let range = request.value(of: field) else { continue }
          let value = String(repairing: bytes.extracting(range))
          outputs.append(.init(kind: .claim, name: name, value: value))
        }
        decisions.append(
          DecisionReply(
            correlationID: request.correlationID, verdict: verdict, rule: 2, tableVersion: 7,
            outputs: outputs))
      }
    } catch {
      return refusal(.truncated, at: 0)
    }
    var writer = ByteWriter()
    writer.append(Reply(serverNanoseconds: 1_000, decisions: decisions))
    return [UInt8](copying: writer.span)
  }

  static func refusal(_ code: ErrorCode, at offset: Int) -> [UInt8] {
    var writer = ByteWriter()
    writer.append(ErrorMessage(WireError(code, at: offset)))
    return [UInt8](copying: writer.span)
  }
}

extension FakeAnswer {
  /// A request message of somebody else's.
  static var other: [UInt8] {
    (try? PosternMessage.encode([LoginRequest(trigger: "x", correlationID: 4711)])) ?? []
  }
}
