/// A text that is equal only to the same bytes, as on the wire: `String` takes an accented letter
/// and a letter with an accent behind it for one.
public struct ExactText: Hashable, Sendable {
  public let string: String

  public init(_ string: String) { self.string = string }

  public static func == (a: ExactText, b: ExactText) -> Bool {
    a.string.utf8.elementsEqual(b.string.utf8)
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(sourceDigest(string.utf8))
  }
}
