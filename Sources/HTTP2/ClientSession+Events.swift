import CNghttp2
import Wire

/// What the callbacks report, as a response grows.
extension ClientSession {
  func beginHeaders(of id: Int32) {
    // Trailers come behind a body or a final status, and say nothing that we read.
    guard let stream = stream(id), stream.status < 200 else { return }
    stream.beginHeaders()
  }

  /// A header of a response. Counted before it is kept: libnghttp2 bounds neither bytes nor fields.
  /// Returns what nghttp2 is to do.
  func header(of id: Int32, name: Span<UInt8>, value: Span<UInt8>) -> Int32 {
    guard let stream = stream(id) else { return 0 }
    stream.headerCount += 1
    // As SETTINGS_MAX_HEADER_LIST_SIZE counts (RFC 9113 6.5.2).
    stream.headerSize += name.count + value.count + 32
    guard stream.headerCount <= settings.headerCount,
      stream.headerSize <= settings.headerByteCount
    else {
      stream.fault = .tooLarge
      // nghttp2 resets the stream and goes on.
      return Int32(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
    }
    if name.isText(":status") {
      stream.status = Int(String(repairing: value)) ?? 0
    } else if name.isText("content-type") || name.isText("retry-after") || name.isPosternHeader {
      stream.headers.append(
        ClientResponse.Header(name: String(repairing: name), value: String(repairing: value)))
    }
    return 0
  }

  func data(of id: Int32, _ bytes: Span<UInt8>) {
    guard let stream = stream(id), stream.fault == nil else { return }
    if let request = stream.streamed { return streamedData(stream, request, bytes) }
    guard stream.body.count + bytes.count <= settings.bodyByteCount else {
      stream.fault = .tooLarge
      return reset(stream)
    }
    stream.body.append(bytes)
  }

  func frame(_ type: nghttp2_frame_type, of id: Int32, endsStream: Bool) {
    switch type {
    case NGHTTP2_SETTINGS: establish()
    case NGHTTP2_GOAWAY: drain()
    case NGHTTP2_HEADERS, NGHTTP2_DATA:
      guard let stream = stream(id) else { return }
      if endsStream {
        finish(stream)
      } else if let request = stream.streamed {
        begin(stream, request)
      }
    default: break
    }
  }

  private func finish(_ stream: ClientStream) {
    guard stream.fault == nil else { return }
    let response = ClientResponse(
      status: stream.status, headers: stream.headers, body: [UInt8](copying: stream.body.span))
    settle(stream, .response(tag: stream.tag, response))
    // They are the response's: who takes what an earlier event told of must not find them again.
    stream.body.removeAll()
    // A server may answer before it has read everything: the rest need not travel.
    let hasMore = stream.streamed.map { !$0.isFinished } ?? (stream.sentCount < stream.requestBody.count)
    if hasMore { reset(stream) }
  }

  func close(_ id: Int32, code: UInt32) {
    guard let stream = stream(id) else { return }
    forget(stream)
    let failure: ClientStreamFailure =
      if let fault = stream.fault {
        fault
      } else if code == NGHTTP2_REFUSED_STREAM.rawValue || stream.isUnsent {
        .notProcessed
      } else {
        .reset(code: code)
      }
    settle(stream, .failure(tag: stream.tag, failure))
  }
}

extension Span where Element == UInt8 {
  fileprivate var isPosternHeader: Bool {
    count > 8 && extracting(0..<8).isText("postern-")
  }
}
