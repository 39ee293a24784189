import Wire

/// A header of a user whose risk is high.
let risk = "status=0;score=92"

/// The message that asks for so many decisions on a login.
func decisions(_ count: Int, userRisk: String? = nil) -> [UInt8] {
  var writer = RequestWriter()
  let trigger = Array("post-login".utf8)
  for index in 0..<count {
    writer.beginDecision(tenant: [UInt8]().span, trigger: trigger.span, correlationID: UInt64(index))
    if let userRisk { writer.append(.akamaiUserRisk, bytes: Array(userRisk.utf8).span) }
    writer.endDecision()
  }
  writer.finish()
  return bytes(of: writer.bytes.span)
}

/// The compressed form of a message.
func compressed(_ message: [UInt8]) -> [UInt8] {
  var packed = ByteWriter()
  do {
    try packed.compress(message.span, .request)
  } catch {
    preconditionFailure("no message: \(error)")
  }
  return bytes(of: packed.span)
}

private func bytes(of span: Span<UInt8>) -> [UInt8] { span.indices.map { span[$0] } }
