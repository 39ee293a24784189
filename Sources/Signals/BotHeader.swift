import Wire

/// What one `Akamai-Bot` value says, as offsets into the bytes it was scanned from.
///
///     type SP "(" botnet-id ")" ":" action ":" categories [ ":" score ":" segment ]
public struct BotHeader: BitwiseCopyable, Equatable, Sendable {
  /// `value`, or `invalid` when the header as a whole cannot be read.
  public var state: SignalState = .invalid
  public var type = ByteRange.empty
  public var botnetID = ByteRange.empty
  public var action = ByteRange.empty
  /// Comma-separated.
  public var categories = ByteRange.empty
  public var segment = ByteRange.empty
  public var segmentState: SignalState = .absent
  /// 0...100, high = bot.
  public var score: UInt8 = 0
  public var scoreState: SignalState = .absent

  public init() {}

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
