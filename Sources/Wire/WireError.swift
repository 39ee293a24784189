/// Why a message was refused: what was wrong, and the offset of the first bad byte.
public struct WireError: Error, BitwiseCopyable, Equatable, Sendable {
  public let code: ErrorCode
  /// In bytes from the start of the message (after decompression, where it was compressed).
  public let offset: Int

  @inlinable
  public init(_ code: ErrorCode, at offset: Int) {
    self.code = code
    self.offset = offset
  }
}

/// Every way to be refused (proto-spec 7). The raw value travels in an error message; the HTTP
/// status is `status`.
public enum ErrorCode: UInt16, BitwiseCopyable, CaseIterable, Sendable {
  case truncated = 1
  case trailingBytes = 2
  case unknownVersion = 3
  case unknownKind = 4
  case unknownFlag = 5
  case reservedNotZero = 6
  case wrongLength = 7
  case noDecisions = 8
  case tooManyDecisions = 9
  case messageTooLarge = 10
  case badCompression = 11
  case tooManyFields = 12
  case unknownField = 13
  case wrongFieldType = 14
  case duplicateField = 15
  case invalidUTF8 = 16
  case invalidNumber = 17
  case invalidBoolean = 18
  case invalidList = 19
  case invalidName = 20

  case unknownTrigger = 32
  case unknownPath = 33
  case methodNotAllowed = 34
  case unsupportedMediaType = 35
  case headersTooLarge = 36
  case overloaded = 37

  /// The HTTP status that carries this error.
  public var status: Int {
    switch self {
    case .unknownTrigger, .unknownPath: 404
    case .methodNotAllowed: 405
    case .tooManyDecisions, .messageTooLarge, .tooManyFields: 413
    case .unsupportedMediaType: 415
    case .headersTooLarge: 431
    case .overloaded: 503
    default: 400
    }
  }
}
