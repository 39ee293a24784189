import HTTP2
import TestSupport
import Wire

extension FuzzTarget {
  /// Bytes of a connection, cut anywhere, to a server session. Each request is answered with its own
  /// body, message by message where it is streamed. However they are cut, and whether their bytes are lent
  /// or copied, the same requests come out.
  static let serverFrames = FuzzTarget(
    "server-frames", upTo: 4096, from: ServerFrames.seeds
  ) { input throws(Finding) in
    var cursor = InputCursor(input)
    let cuts = cursor.number()
    let flags = cursor.byte()
    let bytes = (flags & 1 == 0 ? Frame.preface + Frame.settings().bytes : []) + cursor.rest()
    let parts = split(bytes, by: cuts)

    var answering = ServerFrames(streams: flags & 2 != 0, lends: flags & 4 != 0)
    answering.answersWithin = cuts
    try answering.serve(parts)
    var cut = ServerFrames(streams: flags & 2 != 0, lends: true)
    cut.looksAtEachPart = true
    try cut.serve(parts)
    var whole = ServerFrames(streams: flags & 2 != 0, lends: false)
    try whole.serve([bytes])
    guard !cut.hasFailed, !whole.hasFailed else { return }
    // What is reset behind its end is seen only by who looks at once.
    for (id, request) in whole.requests {
      try require(cut.requests[id] == request, "\(id): \(cut.requests[id] ?? []) and \(request)")
    }
  }
}

/// A server session that is fed a connection's bytes, and what it makes of them.
private struct ServerFrames {
  /// Every request is streamed, a byte of length before each of its messages.
  let streams: Bool
  let lends: Bool
  var looksAtEachPart = false
  /// Answers all that comes, at times that it says; without it nobody is answered, and no time passes.
  var answersWithin: UInt64?
  /// By stream: a request's bytes, or a streamed one's messages so far.
  private(set) var requests: [Int32: [UInt8]] = [:]
  private(set) var hasFailed = false

  private static let head = ResponseHead(status: 200)

  init(streams: Bool, lends: Bool) {
    self.streams = streams
    self.lends = lends
  }

  mutating func serve(_ parts: [[UInt8]]) throws(Finding) {
    var settings = HTTP2Settings()
    settings.bodyByteCount = 2048
    settings.headerByteCount = 2048
    settings.lentByteCountMin = 3
    // So little that streams are held.
    settings.streamQueuedByteCount = 64
    settings.connectionQueuedByteCount = 256
    let pool = SessionPool()
    do {
      let streams = streams
      let session = try ServerSession(settings, pool: pool) {
        streams ? .streamed : $0.count % 2 == 0 ? .headOnly : .whole
      }
      for part in parts where !session.isFinished { try receive(part, session) }
      if answersWithin == nil { look(at: session) }
      while session.takeOutput(upTo: 4096, to: { _ in }) {}
    } catch {
      hasFailed = true
    }
    try require(pool.streamsInUse == 0, "\(pool.streamsInUse) streams leak")
    try require(pool.heldByteCount == 0, "\(pool.heldByteCount) bytes are held by nobody")
  }

  private var now: UInt64 = 0

  private mutating func receive(_ part: [UInt8], _ session: ServerSession) throws(HTTP2Error) {
    guard lends else {
      try session.receive(part.span, at: now)
      return respond(session)
    }
    var this = self
    try session.lend(part.span) { bytes throws(HTTP2Error) in
      var count = 0
      // A frame or a few at a time, as a loop that has others to serve.
      while count < bytes.count {
        let frameCount = this.answersWithin.map { 1 + Int($0 >> 7 & 3) } ?? .max
        let taken = try session.receive(bytes.extracting(count...), at: this.now, upTo: frameCount)
        if taken == 0 { break }
        count += taken
        this.respond(session)
      }
    }
    self = this
  }

  /// Answers, and lets time pass.
  private mutating func respond(_ session: ServerSession) {
    if answersWithin == nil {
      if looksAtEachPart { look(at: session) }
      return
    }
    look(at: session)
    while session.takeOutput(upTo: 4096, to: { _ in }) {}
    answersWithin = answersWithin! &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    switch answersWithin! >> 61 {
    case 0: now += 1_000_000_000
    case 1: now += answersWithin! >> 28
    case 2: session.rest()
    case 3: _ = session.endSlowBodies(at: now)
    case 4: _ = session.endStalledStreams(after: 2)
    case 5: if let offence = session.overdue(at: now) { session.end(offence) }
    default: break
    }
  }

  private mutating func look(at session: ServerSession) {
    while let stream = session.takeRequest() {
      // What is left of a request that is too large depends on where it was noticed.
      if stream.fault != .none {
        requests[stream.id] = [stream.fault == .bodyTooLarge ? 1 : 2]
        if answersWithin != nil { session.respond(to: stream, Self.head) }
      } else if stream.isStreamed {
        readMessages(of: stream, session)
      } else {
        requests[stream.id] = text(of: stream, session)
        if answersWithin == nil { continue }
        stream.response.append(stream.bodyBytes)
        session.respond(to: stream, Self.head)
      }
    }
  }

  private func text(of stream: HTTP2Stream, _ session: ServerSession) -> [UInt8] {
    var text = [UInt8](copying: stream.method) + [UInt8](copying: stream.path)
    for index in 0..<stream.keptHeaderCount {
      text += [UInt8](copying: stream.headerName(at: index))
      text += [UInt8](copying: stream.headerValue(at: index))
    }
    // Where paths are kept, bodies are not.
    if !stream.path.isEmpty { return text }
    session.gather(stream)
    return text + [UInt8](copying: stream.contentType) + [UInt8](copying: stream.bodyBytes)
  }

  private mutating func readMessages(of stream: HTTP2Stream, _ session: ServerSession) {
    let answers = answersWithin != nil
    if stream.isFinished { return }
    if answers, !stream.isAnswering { session.begin(stream, Self.head) }
    var messages = requests[stream.id] ?? []
    var isHeld = false
    session.readBody(of: stream) { bytes in
      var start = 0
      while start < bytes.count {
        let count = 1 + Int(bytes[start])
        guard count <= bytes.count - start else { return BodyStep(read: start, needed: count) }
        isHeld = answers && !session.hasRoom(stream)
        if isHeld { return BodyStep(read: start, needed: 0) }
        let message = bytes.extracting(start..<start + count)
        messages += [UInt8](copying: message)
        if answers { stream.response.append(message) }
        start += count
      }
      return BodyStep(read: start, needed: 1)
    }
    requests[stream.id] = messages
    guard answers else { return }
    if isHeld {
      session.hold(stream)
      session.send(stream)
    } else if stream.isEnded {
      session.finish(stream)
    } else {
      session.release(stream)
      session.send(stream)
    }
  }

  /// Two streams of messages that come in pieces, beside each other.
  static var seeds: [[UInt8]] {
    let request = RawRequest("POST", "/s")
    let messages = (1...20).flatMap { count in
      [UInt8(count)] + [UInt8](repeating: UInt8(count), count: count)
    }
    let frames = [UInt32(1), 3].flatMap { request.headerFrames(on: $0, endStream: false) }
      + messages.chunks(of: 23).flatMap { part in
        [UInt32(1), 3].map { Frame(.data, stream: $0, part) }
      }
      + [Frame.windowUpdate(0, 1000), Frame(.data, flags: Frame.endStream, stream: 1), .reset(3)]
    let bytes = frames.flatMap(\.bytes)
    return [0, 2, 4, 6].flatMap { (flags: UInt8) in
      [0, 0x5EED, .max].map { (cuts: UInt64) in
        (0..<8).map { UInt8(truncatingIfNeeded: cuts >> (56 - 8 * UInt64($0))) } + [flags] + bytes
      }
    }
  }
}
