/// What becomes of a request while it comes in, by its path.
public struct RequestHandling: BitwiseCopyable, Sendable {
  /// When a request is handed out to be answered.
  enum Form: BitwiseCopyable {
    /// When it is complete.
    case whole
    /// When its head is there. Its body is nobody's: what comes of it is dropped.
    case headOnly
    /// When its head is there, and again whenever more of its body has come.
    case streamed
  }

  let form: Form
  /// Whether path and headers are kept. LIMIT: of a request that is not handed out with its head nothing else
  /// bounds what they take for as long as its body may, so nobody but tests asks for both.
  let keepsHeaders: Bool
  /// The caller's own number of the path, so that nobody has to tell it twice; 0 without one.
  let route: UInt8

  /// Handed out when it is complete; of its head no more is kept than what kind of request it is.
  public static let whole = whole(route: 0)
  /// Handed out when its head is there, with path and headers. Its body is dropped.
  public static let headOnly = headOnly(route: 0)
  /// Handed out when its headers are there, and again whenever more of its body has come; the
  /// response grows meanwhile. See `ServerSession+Streamed`.
  public static let streamed = streamed(route: 0)

  public static func whole(route: UInt8) -> Self { Self(form: .whole, keepsHeaders: false, route: route) }
  public static func headOnly(route: UInt8) -> Self {
    Self(form: .headOnly, keepsHeaders: true, route: route)
  }
  public static func streamed(route: UInt8) -> Self {
    Self(form: .streamed, keepsHeaders: false, route: route)
  }
}
