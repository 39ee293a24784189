import Wire

/// The fields of a request that a session itself reads, by their names.
enum RequestField {
  case method, scheme, path, authority, contentType
  /// All others, pseudo-headers that are not of a request among them.
  case other

  @inline(__always)
  init(_ name: Span<UInt8>) {
    switch name.count {
    case 5 where name.isText(":path"): self = .path
    case 7 where name.isText(":method"): self = .method
    case 7 where name.isText(":scheme"): self = .scheme
    case 10 where name.isText(":authority"): self = .authority
    case 12 where name.isText("content-type"): self = .contentType
    default: self = .other
    }
  }
}
