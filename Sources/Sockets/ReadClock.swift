import NIOCore

/// Notes when a socket is asked for bytes, while somebody wants to know.
public final class ReadClock {
  private var isOn = false
  private var lastAsked: UInt64?

  public init() {}

  /// Notes it from now on, or no more.
  public func turn(on isOn: Bool) {
    self.isOn = isOn
    lastAsked = nil
  }

  /// When a socket was asked last, in nanoseconds; `nil` where none was since that is noted.
  public var askedAt: UInt64? { lastAsked }

  /// A socket is asked next.
  func note() { if isOn { lastAsked = NIODeadline.now().uptimeNanoseconds } }
}
