import Wire

/// What the server would refuse, found before anything is sent.
///
/// Everything here is the calling program's own doing. What a stranger can put into a login (the
/// headers, a user agent, an address) passes, whatever it is.
extension LoginRequest {
  func check() throws(PosternFailure) {
    try checkName(trigger, "trigger", mayBeEmpty: false)
    try checkName(tenant, "tenant", mayBeEmpty: true)
    guard signals.count <= DecisionRequest.customCountMax else {
      throw .invalidRequest("it has more than \(DecisionRequest.customCountMax) own signals")
    }
    for (field, value) in context.values { try check(value, of: field.name) }
    for (name, value) in signals {
      try checkName(name, "signal", mayBeEmpty: false)
      try check(value, of: name)
    }
  }

  private func checkName(
    _ name: String, _ what: String, mayBeEmpty: Bool
  ) throws(PosternFailure) {
    guard mayBeEmpty || !name.isEmpty, name.utf8.count <= Limits.nameByteCount,
      name.utf8.allSatisfy(isNameByte)
    else {
      throw .invalidRequest(
        "the \(what) name `\(name)` is not 1 to \(Limits.nameByteCount) of A-Z a-z 0-9 . _ -")
    }
  }

  private func check(_ value: CustomValue, of name: String) throws(PosternFailure) {
    switch value {
    case .string(let text), .address(let text):
      guard text.utf8.count < Limits.messageByteCount else {
        throw .invalidRequest("`\(name)` is longer than a message may be")
      }
    case .number(let number):
      guard number.isFinite else { throw .invalidRequest("`\(name)` is not a finite number") }
    case .list(let items):
      guard items.allSatisfy({ $0.utf8.count <= Int(UInt16.max) }) else {
        throw .invalidRequest("an item of `\(name)` is longer than 65,535 bytes")
      }
    case .boolean: break
    }
  }
}
