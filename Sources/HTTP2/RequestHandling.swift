/// What becomes of a request while it comes in, by its path.
public enum RequestHandling: BitwiseCopyable, Sendable {
  /// Handed out when it is complete; of its headers only the content type is kept.
  case whole
  /// As `whole`, with all of its headers.
  case wholeWithHeaders
  /// Handed out when its headers are there, and again whenever more of its body has come; the
  /// response grows meanwhile. See `ServerSession+Streamed`.
  case streamed
}
