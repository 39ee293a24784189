import CNghttp2

/// Decodes the header blocks of one connection, in the order in which they came (RFC 7541).
@safe
public final class HeaderDecoder {
  public struct Failure: Error { public var code: Int }

  private var inflater: OpaquePointer?

  public init() {
    // SAFETY: the inflater is ours until `deinit`.
    let status = unsafe nghttp2_hd_inflate_new(&inflater)
    precondition(status == 0)
  }

  deinit { unsafe nghttp2_hd_inflate_del(inflater) }

  /// The headers of one whole block.
  public func decode(_ block: [UInt8]) throws -> [HeaderField] {
    var headers: [HeaderField] = []
    try unsafe block.withUnsafeBufferPointer { block in
      var offset = 0
      while true {
        var header = unsafe nghttp2_nv()
        var flags: Int32 = 0
        // SAFETY: what is left of `block`; the header's bytes are copied before the next call.
        let taken = unsafe nghttp2_hd_inflate_hd2(
          inflater, &header, &flags, block.baseAddress.map { unsafe $0 + offset },
          block.count - offset, 1)
        guard taken >= 0 else { throw Failure(code: Int(taken)) }
        offset += Int(taken)
        if flags & Int32(NGHTTP2_HD_INFLATE_EMIT.rawValue) != 0 {
          unsafe headers.append(
            HeaderField(
              String(
                decoding: UnsafeBufferPointer(start: header.name, count: header.namelen),
                as: UTF8.self),
              Array(UnsafeBufferPointer(start: header.value, count: header.valuelen))))
        }
        if flags & Int32(NGHTTP2_HD_INFLATE_FINAL.rawValue) != 0 { break }
      }
      unsafe nghttp2_hd_inflate_end_headers(inflater)
    }
    return headers
  }
}
