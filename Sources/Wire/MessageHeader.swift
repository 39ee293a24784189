/// What a message is (proto-spec 3.1).
public enum MessageKind: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  case request = 1
  case reply = 2
  case error = 3
}

/// Message flags (proto-spec 3.1).
public struct MessageFlags: OptionSet, BitwiseCopyable, Sendable {
  public let rawValue: UInt16
  @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// The body is one LZ4 block of `uncompressedByteCount` bytes.
  public static let compressed = MessageFlags(rawValue: 1 << 0)

  /// The flags that version 1 defines for a kind of message.
  static func known(in kind: MessageKind) -> MessageFlags { kind == .error ? [] : .compressed }
}

/// The first 24 bytes of every message (proto-spec 3.1).
public struct MessageHeader: BitwiseCopyable, Equatable, Sendable {
  public static let version: UInt8 = 1
  public static let byteCount = 24

  public var kind: MessageKind
  public var flags: MessageFlags
  /// Bytes behind the header, as sent.
  public var bodyByteCount: Int
  /// Bytes of the body once decompressed; `bodyByteCount` where it is not compressed.
  public var uncompressedByteCount: Int
  public var decisionCount: Int
  /// In a reply: from the arrival of the request's last byte to the last verdict. Zero elsewhere.
  public var serverNanoseconds: UInt64

  public init(
    kind: MessageKind, flags: MessageFlags = [], bodyByteCount: Int, uncompressedByteCount: Int,
    decisionCount: Int, serverNanoseconds: UInt64 = 0
  ) {
    self.kind = kind
    self.flags = flags
    self.bodyByteCount = bodyByteCount
    self.uncompressedByteCount = uncompressedByteCount
    self.decisionCount = decisionCount
    self.serverNanoseconds = serverNanoseconds
  }

  /// Reads and checks the header of a whole message: every length is compared with its limit and
  /// with the bytes that are there.
  public init(reading message: Span<UInt8>, expecting expected: MessageKind) throws(WireError) {
    try self.init(readingStartOf: message, expecting: expected)
    let present = message.count - Self.byteCount
    guard present >= bodyByteCount else { throw WireError(.truncated, at: message.count) }
    guard present == bodyByteCount else {
      throw WireError(.trailingBytes, at: Self.byteCount + bodyByteCount)
    }
    guard flags.contains(.compressed) || uncompressedByteCount == bodyByteCount else {
      throw WireError(.wrongLength, at: 8)
    }
    if kind == .error {
      guard decisionCount == 0 else { throw WireError(.reservedNotZero, at: 12) }
    } else {
      guard decisionCount > 0 else { throw WireError(.noDecisions, at: 12) }
      guard decisionCount <= Limits.decisionCount else { throw WireError(.tooManyDecisions, at: 12) }
    }
  }

  /// Reads the header alone, as far as it can be checked before the body has come: every length is
  /// compared with its limit. What the bytes behind it tell is left to `init(reading:expecting:)`.
  @inline(__always)
  public init(
    readingStartOf message: Span<UInt8>, expecting expected: MessageKind
  ) throws(WireError) {
    guard message.count >= Self.byteCount else { throw WireError(.truncated, at: message.count) }
    guard message[0] == Self.version else { throw WireError(.unknownVersion, at: 0) }
    guard let kind = MessageKind(rawValue: message[1]), kind == expected else {
      throw WireError(.unknownKind, at: 1)
    }
    let flags = MessageFlags(rawValue: message.load(UInt16.self, at: 2))
    guard flags.isSubset(of: .known(in: kind)) else { throw WireError(.unknownFlag, at: 2) }
    let bodyByteCount = Int(message.load(UInt32.self, at: 4))
    let uncompressedByteCount = Int(message.load(UInt32.self, at: 8))
    let decisionCount = Int(message.load(UInt16.self, at: 12))
    guard message.load(UInt16.self, at: 14) == 0 else { throw WireError(.reservedNotZero, at: 14) }
    let serverNanoseconds = message.load(UInt64.self, at: 16)
    guard kind == .reply || serverNanoseconds == 0 else { throw WireError(.reservedNotZero, at: 16) }

    let bodyLimit = Limits.messageByteCount - Self.byteCount
    guard bodyByteCount <= bodyLimit else { throw WireError(.messageTooLarge, at: 4) }
    guard uncompressedByteCount <= bodyLimit else { throw WireError(.messageTooLarge, at: 8) }
    self.init(
      kind: kind, flags: flags, bodyByteCount: bodyByteCount,
      uncompressedByteCount: uncompressedByteCount, decisionCount: decisionCount,
      serverNanoseconds: serverNanoseconds)
  }
}

extension ByteWriter {
  /// Appends a message header. What is not known yet can be stored later with `finishMessage`.
  public mutating func append(_ header: MessageHeader) {
    append(MessageHeader.version)
    append(header.kind.rawValue)
    append(header.flags.rawValue)
    append(UInt32(header.bodyByteCount))
    append(UInt32(header.uncompressedByteCount))
    append(UInt16(header.decisionCount))
    append(UInt16(0))
    append(header.serverNanoseconds)
  }

  /// Appends the header of a message that `finishMessage` will complete.
  @inlinable
  public mutating func beginMessage(_ kind: MessageKind) {
    append(UInt64(MessageHeader.version) | UInt64(kind.rawValue) << 8)
    append(UInt64(0))
    append(UInt64(0))
  }

  /// Stores what only the end of an uncompressed message that starts at `start` tells.
  @inlinable
  public mutating func finishMessage(
    startingAt start: Int = 0, decisionCount: Int, serverNanoseconds: UInt64 = 0
  ) {
    let bodyByteCount = UInt32(count - start - MessageHeader.byteCount)
    store(bodyByteCount, at: start + 4)
    store(bodyByteCount, at: start + 8)
    store(UInt16(decisionCount), at: start + 12)
    store(serverNanoseconds, at: start + 16)
  }
}
