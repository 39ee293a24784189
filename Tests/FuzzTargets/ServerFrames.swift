import HTTP2
import TestSupport
import Wire

extension FuzzTarget {
  /// Bytes of a connection, cut anywhere, to a server session. Each request is answered with its own
  /// body. However they are cut, the same requests come out.
  static let serverFrames = FuzzTarget("server-frames", upTo: 4096) { input throws(Finding) in
    var cursor = InputCursor(input)
    let cuts = cursor.number()
    let hasPreface = cursor.byte() & 1 == 0
    let bytes = (hasPreface ? Frame.preface + Frame.settings().bytes : []) + cursor.rest()

    _ = try serve(split(bytes, by: cuts), answering: true)
    let cut = try serve(split(bytes, by: cuts), answering: false)
    let whole = try serve([bytes], answering: false)
    if !cut.hasFailed, !whole.hasFailed {
      try require(cut.requests == whole.requests, "\(cut.requests) and \(whole.requests)")
    }
  }

  private struct Served {
    var requests: [[UInt8]] = []
    var hasFailed = false
  }

  private static let head = ResponseHead(status: 200)

  private static func serve(_ parts: [[UInt8]], answering: Bool) throws(Finding) -> Served {
    var settings = HTTP2Settings()
    settings.bodyByteCount = 2048
    settings.headerByteCount = 2048
    var served = Served()
    let pool = SessionPool()
    do {
      let session = try ServerSession(settings, pool: pool) {
        $0.count % 2 == 0 ? .wholeWithHeaders : .whole
      }
      for part in parts {
        try session.receive(part.span)
        if !answering { continue }
        take(from: session, &served)
        while session.takeOutput(upTo: 4096, to: { _ in }) {}
        if session.isFinished { break }
      }
      if !answering { take(from: session, &served) }
      while session.takeOutput(upTo: 4096, to: { _ in }) {}
    } catch {
      served.hasFailed = true
    }
    try require(pool.streamsInUse == 0, "\(pool.streamsInUse) streams leak")
    return served
  }

  private static func take(from session: ServerSession, _ served: inout Served) {
    while let stream = session.takeRequest() {
      // What is left of a request that is too large depends on where it was noticed.
      if stream.fault != .none {
        served.requests.append([stream.fault == .bodyTooLarge ? 1 : 2])
        session.respond(to: stream, head)
        continue
      }
      var text = [UInt8](copying: stream.method) + [UInt8](copying: stream.path)
      for index in 0..<stream.keptHeaderCount {
        text += [UInt8](copying: stream.headerName(at: index))
        text += [UInt8](copying: stream.headerValue(at: index))
      }
      text += [UInt8](copying: stream.contentType) + [UInt8](copying: stream.bodyBytes)
      served.requests.append(text)
      stream.response.append(stream.bodyBytes)
      session.respond(to: stream, head)
    }
  }
}
