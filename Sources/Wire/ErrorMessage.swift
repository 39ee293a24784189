/// The body of every refusal (proto-spec 7.1): a code, an offset, and a sentence for a person.
public struct ErrorMessage: Equatable, Sendable {
  /// The fixed part behind the message header, in bytes.
  static let fixedByteCount = 8

  public var code: ErrorCode
  /// The first bad byte of the request message; 0 where no byte is to blame.
  public var offset: Int
  public var text: String

  public init(_ error: WireError) {
    code = error.code
    offset = error.offset
    text = error.code.explanation
  }

  /// Reads a whole error message.
  public init(reading message: Span<UInt8>) throws(WireError) {
    _ = try MessageHeader(reading: message, expecting: .error)
    let start = MessageHeader.byteCount
    guard message.count >= start + Self.fixedByteCount else {
      throw WireError(.truncated, at: message.count)
    }
    guard let code = ErrorCode(rawValue: message.load(UInt16.self, at: start)) else {
      throw WireError(.unknownKind, at: start)
    }
    guard message.load(UInt16.self, at: start + 2) == 0 else {
      throw WireError(.reservedNotZero, at: start + 2)
    }
    self.code = code
    offset = Int(message.load(UInt32.self, at: start + 4))
    text = String(repairing: message.extracting((start + Self.fixedByteCount)...))
  }
}

extension ByteWriter {
  /// Appends a whole error message.
  public mutating func append(_ error: ErrorMessage) {
    let start = count
    beginMessage(.error)
    append(error.code.rawValue)
    append(UInt16(0))
    append(UInt32(error.offset))
    append(error.text)
    finishMessage(startingAt: start, decisionCount: 0)
  }
}

extension ErrorCode {
  /// What was wrong and what to do, lower-case, without a final stop.
  public var explanation: String {
    switch self {
    case .truncated: "the message ends before the bytes it announces; send all of it"
    case .trailingBytes: "bytes follow the end of the message; send one message per request"
    case .unknownVersion: "this server speaks version 1 of the protocol"
    case .unknownKind: "the message kind is not the one expected here"
    case .unknownFlag: "a flag is set that version 1 does not define; clear it"
    case .reservedNotZero: "a reserved byte is not zero; write zero"
    case .wrongLength: "a length does not agree with the bytes it counts"
    case .noDecisions: "the message asks for no decision; send at least one"
    case .tooManyDecisions: "the message asks for more than 1,024 decisions; split it"
    case .messageTooLarge: "the message is larger than 1,048,576 bytes; split it"
    case .badCompression: "the LZ4 block does not decompress to the announced length"
    case .tooManyFields: "a decision has more than 64 fields, or 32 of its own; leave some out"
    case .unknownField: "the field is not in this server's registry; update the server first"
    case .wrongFieldType: "the field's type is not the registry's"
    case .duplicateField: "the field came twice in one decision; send it once"
    case .invalidUTF8: "the text is not UTF-8; send raw bytes only in header fields"
    case .invalidNumber: "the number is not a finite binary64 or not one of the named values"
    case .invalidBoolean: "a boolean is one byte, 0 or 1"
    case .invalidList: "a list item does not fit its field"
    case .invalidName: "a name is 1 to 64 of A-Z a-z 0-9 . _ -"
    case .unknownTrigger: "the trigger is not in this server's registry; declare it or check its spelling"
    case .unknownPath: "no such path; see proto-spec 2 for the doors"
    case .methodNotAllowed: "this path does not answer this method; see the allow header"
    case .unsupportedMediaType: "send application/vnd.postern.v1"
    case .headersTooLarge: "the request's headers are over the limit; send fewer or shorter ones"
    case .overloaded: "the server has no room for this request now; retry after the given time"
    }
  }
}
