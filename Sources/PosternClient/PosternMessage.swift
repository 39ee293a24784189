import Wire

/// Messages to and from bytes (proto-spec 3 and 5), for whoever brings their own transport.
public enum PosternMessage {
  public static let contentType = "application/vnd.postern.v1"

  /// One request message of 1 to 1,024 decisions. A missing correlation id is drawn. With `compressed`
  /// it is, where it has at least `byteCountMin` bytes and LZ4 makes it smaller.
  public static func encode(
    _ requests: [LoginRequest], compressed: Bool = false, from byteCountMin: Int = 0
  ) throws(PosternFailure) -> [UInt8] {
    guard (1...Limits.decisionCount).contains(requests.count) else {
      throw .invalidRequest("it has \(requests.count) decisions; send 1 to \(Limits.decisionCount)")
    }
    var writer = RequestWriter()
    for request in requests {
      try request.check()
      writer.append(request.numbered())
      guard writer.bytes.count <= Limits.messageByteCount else {
        throw .invalidRequest("it is larger than \(Limits.messageByteCount) bytes; split it")
      }
    }
    writer.finish()
    guard compressed, writer.bytes.count >= byteCountMin else { return [UInt8](copying: writer.bytes.span) }
    var smaller = ByteWriter()
    do {
      try smaller.compress(writer.bytes.span, .request)
    } catch {
      throw .invalidRequest(error.code.explanation)
    }
    return [UInt8](copying: smaller.span)
  }

  /// Reads a reply message, compressed or not. An error message is thrown as `refused`.
  public static func decode(_ bytes: [UInt8]) throws(PosternFailure) -> Reply {
    if let error = try? ErrorMessage(reading: bytes.span) {
      throw .refused(error.code, offset: error.offset, text: error.text)
    }
    do {
      let header = try MessageHeader(reading: bytes.span, expecting: .reply)
      guard header.flags.contains(.compressed) else { return try Reply(reading: bytes.span) }
      var plain = ByteWriter()
      try plain.decompress(bytes.span, .reply)
      return try Reply(reading: plain.span)
    } catch {
      throw .invalidReply("\(error.code) at byte \(error.offset) of \(bytes.count)")
    }
  }
}

extension LoginRequest {
  fileprivate var flags: RequestFlags {
    var flags: RequestFlags = []
    if explains { flags.insert(.explain) }
    if listsParts { flags.insert(.parts) }
    return flags
  }
}

extension RequestWriter {
  fileprivate mutating func append(_ request: LoginRequest) {
    beginDecision(
      tenant: Array(request.tenant.utf8).span, trigger: Array(request.trigger.utf8).span,
      correlationID: request.correlationID ?? 0, budgetMicroseconds: request.budgetMicroseconds,
      flags: request.flags)
    for value in request.headers.values { append(value.header.field, bytes: value.bytes.span) }
    // In the registry's order, so that equal questions are equal bytes.
    for field in Field.allCases {
      switch request.context.values[field] {
      case .string(let text)?, .address(let text)?: append(field, bytes: Array(text.utf8).span)
      case .number(let number)?: append(field, number: number)
      case .boolean(let boolean)?: append(field, boolean: boolean)
      case .list(let texts)?: append(field, list: texts)
      case nil: break
      }
    }
    for (name, value) in request.signals.sorted(by: { $0.key < $1.key }) {
      append(custom: name, value)
    }
    endDecision()
  }
}
