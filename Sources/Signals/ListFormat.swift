import Wire

/// How the members of a list signal lie in its bytes.
public enum ListFormat: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  /// `a, b,c`: members between commas, spaces around them dropped.
  case commas = 1
  /// `code:value|code:value`: the members are the codes.
  case items = 2
  /// Two-byte little-endian lengths, each followed by its text.
  case lengths = 3
}
