import HTTP2
import Wire

extension FuzzTarget {
  /// Bytes of a server, cut anywhere, to a client session that has asked three things. Each request
  /// ends once at most.
  static let clientFrames = FuzzTarget("client-frames", upTo: 4096) { input throws(Finding) in
    var cursor = InputCursor(input)
    let cuts = cursor.number()
    let bytes = cursor.rest()
    var settings = ClientSettings()
    settings.bodyByteCount = 2048
    settings.headerByteCount = 2048
    var ended: Set<UInt64> = []
    do {
      let session = try ClientSession(settings)
      for tag in UInt64(1)...3 {
        _ = session.submit(head, body: [UInt8](repeating: 7, count: Int(tag) * 40), tag: tag)
      }
      while session.takeOutput(upTo: 4096, to: { _ in }) {}
      for part in split(bytes, by: cuts) {
        try session.receive(part.span)
        while let event = session.takeEvent() {
          let isNew = ended.insert(event.tag).inserted
          if !isNew { throw Twice(tag: event.tag) }
        }
        while session.takeOutput(upTo: 4096, to: { _ in }) {}
        if session.isFinished { break }
      }
    } catch let twice as Twice {
      throw Finding("request \(twice.tag) ends twice")
    } catch {
      // A server that breaks the protocol.
    }
  }

  private struct Twice: Error { var tag: UInt64 }

  private static let head = ClientRequestHead(
    method: "POST", path: "/v1/decide", authority: "postern.example")
}
