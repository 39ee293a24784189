import Wire

/// One item of `general`, `risk` or `trust`: `code:value` with an optional `/L`, `/M` or `/H`.
public struct UserRiskItem: BitwiseCopyable, Equatable, Sendable {
  public enum Level: UInt8, BitwiseCopyable, CaseIterable, Comparable, Sendable {
    case low, medium, high

    public var name: String {
      switch self {
      case .low: "L"
      case .medium: "M"
      case .high: "H"
      }
    }

    public static func < (a: Level, b: Level) -> Bool { a.rawValue < b.rawValue }
  }

  /// What a table can read of an item.
  public enum Part: UInt8, BitwiseCopyable, CaseIterable, Sendable {
    /// Value and level together, as Auth0 shows them.
    case text
    /// Without the level.
    case value
    /// The level alone; absent when the item has none.
    case level
    /// The value as a number; invalid when it is not one.
    case number

    /// Its last word in a signal's name; `text` has none.
    var name: String {
      switch self {
      case .text: ""
      case .value: "value"
      case .level: "level"
      case .number: "number"
      }
    }

    var type: SignalType {
      switch self {
      case .text, .value: .string
      case .level: .enumeration
      case .number: .number
      }
    }
  }

  public var code: ByteRange
  /// Without the level.
  public var value: ByteRange
  /// With the level.
  public var text: ByteRange
  public var level: Level?

  public init(code: ByteRange, value: ByteRange, text: ByteRange, level: Level?) {
    self.code = code
    self.value = value
    self.text = text
    self.level = level
  }

  /// Whether a name is spelled like a code: `ALPHA *( ALPHA / DIGIT / "_" )`.
  static func isCode(_ name: String) -> Bool {
    guard let first = name.utf8.first, isLetter(first) else { return false }
    return name.utf8.allSatisfy(isCodeByte)
  }
}

@inlinable
func isLetter(_ byte: UInt8) -> Bool {
  let small = byte | 0x20
  return small >= UInt8(ascii: "a") && small <= UInt8(ascii: "z")
}

@inlinable
func isDigit(_ byte: UInt8) -> Bool {
  byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
}

/// Whether a byte may stand in an item's code.
@inlinable
func isCodeByte(_ byte: UInt8) -> Bool {
  isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: "_")
}

/// Whether a byte may stand in a token: a user-risk key, a bot's score segment.
@inlinable
func isTokenByte(_ byte: UInt8) -> Bool {
  isCodeByte(byte) || byte == UInt8(ascii: "-")
}
