import CWide
import Wire

/// What one `Akamai-Bot` value says, as offsets into the bytes it was scanned from.
///
///     type SP "(" botnet-id ")" ":" action ":" categories [ ":" score ":" segment ]
public struct BotHeader: BitwiseCopyable, Sendable {
  /// `value`, or `invalid` when the header as a whole cannot be read; the rest then means nothing.
  public internal(set) var state: SignalState = .invalid
  /// Where the header lies.
  var range = ByteRange.empty
  /// Where its fields end: what a table does not read is not worked out.
  var fields = postern_bot_fields()

  public init() {}

  public var type: ByteRange { self[from: 0, to: fields.type_end] }

  public var botnetID: ByteRange { self[from: fields.type_end &+ 2, to: fields.botnet_end] }

  public var action: ByteRange { self[from: fields.botnet_end &+ 2, to: fields.action_end] }

  /// Comma-separated.
  public var categories: ByteRange { self[from: fields.action_end &+ 1, to: fields.categories_end] }

  /// Where the segment is, if the header ends with a score and one.
  public var segment: ByteRange? {
    guard fields.has_score else { return nil }
    let byteCount = Int(fields.segment_byte_count)
    return ByteRange(offset: range.end &- byteCount, count: byteCount)
  }

  /// What the score and the segment are where neither is: invalid when they may have been there.
  @inline(__always)
  var valueWithoutScore: SignalValue { fields.has_lost_score ? .invalid : .absent }

  /// 0...100, high = bot; invalid when it is not one or two digits or "100".
  @inline(__always)
  public func score(in bytes: Span<UInt8>) -> SignalValue {
    guard fields.has_score else { return valueWithoutScore }
    let start = fields.categories_end &+ 1
    let end = UInt16(truncatingIfNeeded: range.count) &- fields.segment_byte_count &- 1
    guard let number = bytes.score(in: self[from: start, to: end]) else { return .invalid }
    return .number(Double(number))
  }

  @inline(__always)
  private subscript(from start: UInt16, to end: UInt16) -> ByteRange {
    ByteRange(offset: range.start &+ Int(start), count: Int(end &- start))
  }

  /// One of the texts that every readable header has, by raw value of its part.
  @inline(__always)
  func text(of part: UInt8) -> ByteRange {
    part == Part.type.rawValue ? type : part == Part.action.rawValue ? action : botnetID
  }

  /// The signals of the header.
  public enum Part: UInt8, BitwiseCopyable, CaseIterable, Sendable {
    /// The header as a whole: its text.
    case header
    case type
    case botnetID
    case action
    case categories
    case score
    case segment

    var signal: Signal {
      switch self {
      case .header: Signal("akamaiBot", .string, .bot(self), foldsCase: true)
      case .type: Signal("akamaiBot.type", .string, .bot(self), foldsCase: true)
      case .botnetID: Signal("akamaiBot.botnetId", .string, .bot(self), foldsCase: true)
      case .action: Signal("akamaiBot.action", .string, .bot(self), foldsCase: true)
      case .categories: Signal("akamaiBot.botCategory", .list, .bot(self), foldsCase: true)
      case .score: Signal("akamaiBot.botScore", .number, .bot(self), wholeMax: 100)
      case .segment:
        Signal("akamaiBot.botScoreResponseSegment", .string, .bot(self), foldsCase: true)
      }
    }
  }
}
