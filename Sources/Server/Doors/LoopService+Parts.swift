import HTTP2
import Tables
import Wire

/// Long messages of `POST /v1/decide`, decided while they come: where their bytes were received, which
/// are warm then, and need not be kept.
///
/// Only where the loop has time for them, and the peer takes its replies: a loop that is pressed lets them
/// wait, and admits or refuses what is left of a message when that is whole.
extension LoopService {
  /// Decides what is whole of the messages that a read has brought parts of.
  mutating func decideParts(
    _ session: ServerSession, _ tables: borrowing PublishedTables, arrival: UInt64
  ) {
    var place = 0
    var uncounted = 0
    while !isPressed, session.takesReplies, let stream = session.nextUnfinished(from: &place) {
      guard stream.progress.hasBegun || stream.asksForDecisions else { continue }
      let before = stream.progress.readCount
      decideParts(of: stream, session, tables, arrival: arrival)
      measure(decisions: stream.progress.readCount - before, endingAt: monotonicNanoseconds())
      if turnIsOver(at: &uncounted) { return }
    }
  }

  /// Decides what is left of a message that has come whole, and answers it.
  mutating func decideInParts(
    _ stream: HTTP2Stream, _ session: ServerSession, _ tables: borrowing PublishedTables,
    arrival: UInt64
  ) throws(WireError) {
    let before = stream.progress.readCount
    if !isPressed { decideParts(of: stream, session, tables, arrival: arrival) }
    session.gather(stream)
    let elapsed: UInt64
    let count: Int
    if stream.progress.hasBegun {
      count = stream.progress.decisionCount - before
      elapsed = try decideRest(of: stream, tables, arrival: arrival)
    } else {
      count = stream.bodyBytes.decisionCount
      elapsed = try reply(to: stream.bodyBytes, tables, arrival: arrival, into: &stream.response)
    }
    session.respond(to: stream, Heads.decided)
    measure(decisions: count, endingAt: arrival &+ elapsed)
    countRequest(.decide, arrival: arrival)
  }

  private mutating func decideRest(
    of stream: HTTP2Stream, _ tables: borrowing PublishedTables, arrival: UInt64
  ) throws(WireError) -> UInt64 {
    let progress = stream.progress
    if isPressed, progress.remaining > 0 {
      try admit(stream.bodyBytes, from: 0, decisions: progress.remaining, tables)
    }
    try progress.check(receivedByteCount: stream.receivedByteCount)
    if let failure = progress.failure { throw failure }
    return try decider.decideLastPart(
      stream.bodyBytes, of: progress, tables, arrival: arrival, into: &stream.response)
  }

  /// Decides what is whole of what has come of a message.
  private mutating func decideParts(
    of stream: HTTP2Stream, _ session: ServerSession, _ tables: borrowing PublishedTables,
    arrival: UInt64
  ) {
    session.readBody(of: stream) { bytes in
      let count = decide(bytes, of: stream, tables, arrival: arrival)
      return BodyStep(
        read: count, needed: stream.progress.neededByteCount(from: bytes.extracting(count...)))
    }
    session.holdResponse(of: stream)
  }

  /// Decides what is whole of the next bytes of a message. Returns how many have been read: all of them
  /// where the message is refused.
  private mutating func decide(
    _ bytes: Span<UInt8>, of stream: HTTP2Stream, _ tables: borrowing PublishedTables, arrival: UInt64
  ) -> Int {
    if stream.progress.failure != nil { return bytes.count }
    var start = 0
    if !stream.progress.hasBegun {
      guard stream.progress.begin(bytes) else { return 0 }
      start = stream.progress.byteCount
      stream.response.beginMessage(.reply)
    }
    do {
      let before = stream.progress
      stream.progress = try decider.decidePart(
        bytes.extracting(start...), of: before, tables, arrival: arrival, into: &stream.response)
      return start + stream.progress.byteCount - before.byteCount
    } catch {
      stream.progress.failure = error
      return bytes.count
    }
  }
}

extension HTTP2Stream {
  /// Whether its head is that of a message of decisions.
  fileprivate var asksForDecisions: Bool {
    Door(of: self) == .decide && method.isText("POST") && contentType.isMediaType
  }
}
