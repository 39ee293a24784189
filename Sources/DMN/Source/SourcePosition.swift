/// A place in a file: line and column, both counted from 1.
///
/// All positions are equal, so that two models are equal when they say the same, wherever in their
/// files they say it. Compare `line` and `column` to compare places.
public struct SourcePosition: Sendable, Equatable {
  public var line: Int
  public var column: Int

  public init(line: Int = 1, column: Int = 1) {
    self.line = line
    self.column = column
  }

  public static func == (_: SourcePosition, _: SourcePosition) -> Bool { true }

  /// The place after `text`, when the text starts here.
  func advanced(over text: some Sequence<Character>) -> SourcePosition {
    var place = self
    for character in text {
      if character.isNewline {
        place.line += 1
        place.column = 1
      } else {
        place.column += 1
      }
    }
    return place
  }
}

/// Text of the file that means something: an expression or a unary test, with its place.
public struct SourceText: Sendable, Equatable {
  /// Without white space at the ends.
  public var text: String
  /// Where the first character stands. Exact unless character references stand before it.
  public var position: SourcePosition

  public init(_ text: String, at position: SourcePosition = SourcePosition()) {
    self.text = text
    self.position = position
  }
}
