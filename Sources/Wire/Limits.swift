/// The numbers of proto-spec 6. A message beyond any of them is refused whole.
public enum Limits {
  /// LIMIT: 1,024 decisions of 1 KiB each, twice what the largest captured headers need.
  public static let messageByteCount = 1 << 20
  /// LIMIT: the largest batch worth one reply; at 1 µs each it holds a loop for a millisecond.
  public static let decisionCount = 1024
  /// LIMIT: the registry has fewer than 32 fields; the rest is a deployment's own signals.
  public static let fieldCount = 64
  /// LIMIT: names go into reply headers and metrics labels.
  public static let nameByteCount = 64
  /// LIMIT: 477 bytes is the longest header captured, 8 KiB is what common servers accept for one.
  /// A longer raw header is not refused: its signals are `invalid`.
  public static let headerByteCount = 8192
  /// LIMIT: 29 is the most items seen in one header. More: its signals are `invalid`.
  public static let headerItemCount = 256
}
