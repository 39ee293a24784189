import Wire

/// A header of a user whose risk is high.
public let risk = "status=0;score=92"

/// The message that asks for so many decisions on a login.
public func decisions(_ count: Int, userRisk: String? = nil, flags: RequestFlags = []) -> [UInt8] {
  var writer = RequestWriter()
  let trigger = Array("post-login".utf8)
  for index in 0..<count {
    writer.beginDecision(
      tenant: [UInt8]().span, trigger: trigger.span, correlationID: UInt64(index), flags: flags)
    if let userRisk { writer.append(.akamaiUserRisk, bytes: Array(userRisk.utf8).span) }
    writer.endDecision()
  }
  writer.finish()
  return [UInt8](copying: writer.bytes.span)
}

/// The compressed form of a message.
public func compressed(_ message: [UInt8]) -> [UInt8] {
  var packed = ByteWriter()
  do {
    try packed.compress(message.span, .request)
  } catch {
    preconditionFailure("no message: \(error)")
  }
  return [UInt8](copying: packed.span)
}
