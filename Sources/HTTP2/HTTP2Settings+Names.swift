/// The settings that a configuration may name, with what each may be.
extension HTTP2Settings {
  public struct Named: Sendable {
    public let name: String
    public let range: ClosedRange<Int>
    public let path: any WritableKeyPath<HTTP2Settings, Int> & Sendable
  }

  /// LIMIT: no count needs to be larger, and sums of them cannot overflow.
  private static let most = Int(Int32.max)

  /// By topic, as they are documented. Seconds may be 0: for ever.
  public static let named: [Named] = [
    Named(name: "headerAbuseFactor", range: 1...1_000, path: \.headerAbuseFactor),
    Named(name: "rapidResetStreamCount", range: 1...most, path: \.rapidResetStreamCount),
    Named(
      name: "sustainedResetStreamCount", range: 1...most, path: \.sustainedResetStreamCount),
    Named(name: "rapidResetPercent", range: 1...100, path: \.rapidResetPercent),
    Named(name: "faultCount", range: 1...most, path: \.faultCount),
    Named(name: "earlyRefusalCount", range: 0...most, path: \.earlyRefusalCount),
    Named(name: "controlFrameCount", range: 1...most, path: \.controlFrameCount),
    Named(name: "glitchCount", range: 1...most, path: \.glitchCount),
    Named(name: "faultWindowSeconds", range: 1...86_400, path: \.faultWindowSeconds),
    Named(name: "continuationCount", range: 0...most, path: \.continuationCount),
    Named(name: "emptyDataCount", range: 0...most, path: \.emptyDataCount),
    Named(name: "lastStream", range: 1...most, path: \.lastStream),
    Named(name: "queuedByteCount", range: 1...most, path: \.queuedByteCount),
    Named(name: "waitingHeaderByteCount", range: 1...most, path: \.waitingHeaderByteCount),
    Named(name: "prefaceSeconds", range: 0...86_400, path: \.prefaceSeconds),
    Named(name: "headerSeconds", range: 0...86_400, path: \.headerSeconds),
    Named(name: "bodySeconds", range: 0...86_400, path: \.bodySeconds),
    Named(name: "stallSeconds", range: 0...86_400, path: \.stallSeconds),
    Named(name: "stallByteCount", range: 1...most, path: \.stallByteCount),
  ]
}
