/// How far a message of decision requests has been read that comes in parts.
///
/// A long message is decided while it comes: what has been decided need not be kept until the rest is
/// there. What is wrong with it is told at its end all the same, as of a message that came whole.
public struct MessageProgress: BitwiseCopyable, Sendable {
  /// Bytes that have been read: where the next part starts in the message.
  public private(set) var byteCount = 0
  /// Decisions that the header has announced; 0 while it has not been read.
  public private(set) var decisionCount = 0
  /// Decisions that have not been read.
  public private(set) var remaining = 0
  /// Bytes of the whole message, by its header.
  private var announcedByteCount = 0
  /// Why the message will be refused, unless its length is wrong too.
  public var failure: WireError?

  public init() {}

  /// Decisions that have been read.
  public var readCount: Int { decisionCount - remaining }

  public var hasBegun: Bool { decisionCount > 0 }

  /// Reads the header where `bytes`, a message's first, have one whose decisions can be read in parts;
  /// `false` where it has not come whole, is wrong, or is that of a compressed message.
  public mutating func begin(_ bytes: Span<UInt8>) -> Bool {
    guard let header = try? MessageHeader(readingStartOf: bytes, expecting: .request),
      !header.flags.contains(.compressed), header.uncompressedByteCount == header.bodyByteCount,
      header.decisionCount > 0, header.decisionCount <= Limits.decisionCount
    else { return false }
    byteCount = MessageHeader.byteCount
    decisionCount = header.decisionCount
    remaining = header.decisionCount
    announcedByteCount = MessageHeader.byteCount + header.bodyByteCount
    return true
  }

  /// Notes that a part has been read, `byteCount` bytes of it, and how many decisions are left.
  public mutating func advance(by byteCount: Int, remaining: Int) {
    self.byteCount += byteCount
    self.remaining = remaining
  }

  /// How many bytes the next step takes, which `bytes` begin: a header, or a decision by its own byte
  /// count. 0 where no step is left, or the header was not one to go on from.
  public func neededByteCount(from bytes: Span<UInt8>) -> Int {
    if failure != nil { return 0 }
    if !hasBegun { return bytes.count < MessageHeader.byteCount ? MessageHeader.byteCount : 0 }
    return remaining == 0 ? 0 : DecisionRequest.leastByteCount(from: bytes)
  }

  /// Compares the length of the message, which has come whole, with what its header has announced.
  public func check(receivedByteCount: Int) throws(WireError) {
    guard receivedByteCount >= announcedByteCount else {
      throw WireError(.truncated, at: receivedByteCount)
    }
    guard receivedByteCount == announcedByteCount else {
      throw WireError(.trailingBytes, at: announcedByteCount)
    }
  }
}

extension DecisionRequest {
  /// Bytes of the decision that `bytes` begin, as far as they tell: at least those that tell it.
  @inlinable @inline(__always)
  static func leastByteCount(from bytes: Span<UInt8>) -> Int {
    bytes.count >= 4 ? max(fixedByteCount, Int(bytes.load(UInt32.self, at: 0))) : fixedByteCount
  }
}
