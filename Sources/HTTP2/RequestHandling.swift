/// What becomes of a request while it comes in, by its path.
public struct RequestHandling: BitwiseCopyable, Sendable {
  enum Form: BitwiseCopyable {
    case whole, wholeWithHeaders, streamed
  }

  let form: Form
  /// The caller's own number of the path, so that nobody has to tell it twice; 0 without one.
  let route: UInt8

  /// Handed out when it is complete; of its headers only the content type is kept.
  public static let whole = whole(route: 0)
  /// As `whole`, with all of its headers.
  public static let wholeWithHeaders = wholeWithHeaders(route: 0)
  /// Handed out when its headers are there, and again whenever more of its body has come; the
  /// response grows meanwhile. See `ServerSession+Streamed`.
  public static let streamed = streamed(route: 0)

  public static func whole(route: UInt8) -> Self { Self(form: .whole, route: route) }
  public static func wholeWithHeaders(route: UInt8) -> Self { Self(form: .wholeWithHeaders, route: route) }
  public static func streamed(route: UInt8) -> Self { Self(form: .streamed, route: route) }
}
