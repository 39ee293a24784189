/// Bounds on what a file may ask for. Each is compared before anything is reserved.
public enum DMNLimits {
  /// LIMIT: 64 MiB is a table of 100,000 rules with ten columns.
  public static let fileByteCountMax = 64 << 20
  /// LIMIT: real models nest boxed expressions ten deep; the reader and writer recurse this far.
  public static let elementDepthMax = 64
  /// LIMIT: what a file of `fileByteCountMax` needs when it is not made of empty elements.
  public static let elementCountMax = 2_000_000
  /// LIMIT: a cell is read by people; one of 10,000 is a mistake or an attack, as is a longer name.
  public static let textCharacterCountMax = 9_999
  /// LIMIT: problems past this many are not listed; one more says so.
  public static let problemCountMax = 200
  /// LIMIT: expressions inside one another, over all calls; it keeps the stack within 8 MiB.
  public static let evaluationDepthMax = 1_000
  /// LIMIT: expressions evaluated for one decision, which bounds the time; a table of 100,000 rules and
  /// 20 columns needs a quarter of it.
  public static let stepCountMax = 20_000_000
  /// LIMIT: elements that a loop may make or run over.
  public static let listElementCountMax = 1_000_000
  /// LIMIT: values inside one value, counted as often as they stand in it.
  public static let valueNodeCountMax = 2_000_000
  /// LIMIT: values inside one another; comparing and writing recurse this far.
  public static let valueDepthMax = 200
  /// LIMIT: bytes of a string that an expression makes.
  public static let stringByteCountMax = 16 << 20
  /// LIMIT: bytes of JSON input.
  public static let inputByteCountMax = 16 << 20
}
