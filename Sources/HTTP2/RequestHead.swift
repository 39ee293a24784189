import Wire

/// What a session keeps of the fields of a request's head. Ranges are of its stream's header bytes.
struct RequestHead: BitwiseCopyable {
  var method = ByteRange.empty
  var path = ByteRange.empty
  /// Empty without one, and where there were several.
  var contentType = ByteRange.empty
  var hasContentType = false
  /// What `RequestHandling` says of the path.
  var route: UInt8 = 0
  /// Fields that have come, trailers among them.
  var fieldCount = 0
  /// As SETTINGS_MAX_HEADER_LIST_SIZE counts them (RFC 9113 6.5.2).
  var fieldByteCount = 0
}
