import HTTP2
import Tables
import Wire

/// `POST /v1/stream`: messages one behind the other, each answered by a message as soon as it is whole.
///
/// While replies wait for a slow reader the stream is held: nothing more of it is read, and its window
/// shrinks. A message that is refused is the stream's last; a stopping server ends it behind the
/// message that has begun.
extension LoopService {
  /// Called when the stream is new, when more of it has come, and when it was held and may go on.
  mutating func stream(
    _ stream: HTTP2Stream, _ session: ServerSession, _ tables: borrowing PublishedTables,
    arrival: UInt64
  ) {
    if !stream.isAnswering {
      guard stream.method.isText("POST") else {
        return refuse(
          stream, session, WireError(.methodNotAllowed, at: 0), asText: false, allow: "POST")
      }
      if let fault = stream.wireError { return refuse(stream, session, fault, asText: false) }
      guard stream.contentType.isMediaType else {
        return refuse(stream, session, WireError(.unsupportedMediaType, at: 0), asText: false)
      }
      session.begin(stream, Heads.decided)
    }
    if stream.isFinished { return }
    stream.noteArrival(arrival)
    do throws(WireError) {
      if session.isOverMemory, session.hasBody(stream) {
        metrics.overload.add(1, at: OverloadEvent.shedMemory.rawValue)
        throw WireError(.overloaded, at: 0)
      }
      try answerMessages(of: stream, session, tables, arrival: arrival)
    } catch {
      metrics.countRefusal(error.code)
      stream.response.append(ErrorMessage(error))
      session.finish(stream)
    }
  }

  /// What comes of a stream's messages.
  private enum Outcome {
    case goesOn
    /// No room for replies.
    case held
    /// The connection has had its part of the loop's turn.
    case turnIsOver
    case ended
    case failed(WireError)
  }

  /// Answers what is whole, as far as there is room for replies.
  private mutating func answerMessages(
    of stream: HTTP2Stream, _ session: ServerSession, _ tables: borrowing PublishedTables,
    arrival: UInt64
  ) throws(WireError) {
    var outcome = Outcome.goesOn
    var isFirst = true
    session.readBody(of: stream) { bytes in
      answerMessages(in: bytes, of: stream, session, tables, arrival: arrival, &isFirst, &outcome)
    }
    switch outcome {
    case .goesOn:
      stream.forgetArrivals()
      try endOrWait(stream, session)
    case .held:
      stream.noteArrival(arrival)
      session.hold(stream)
      session.send(stream)
    case .turnIsOver:
      stream.noteArrival(arrival)
      session.putBack(stream)
      session.send(stream)
    case .ended: session.finish(stream)
    case .failed(let error): throw error
    }
  }

  /// As above, of those whose bytes are here. The first in a part of a turn is answered in any case.
  private mutating func answerMessages(
    in bytes: Span<UInt8>, of stream: HTTP2Stream, _ session: ServerSession,
    _ tables: borrowing PublishedTables, arrival: UInt64, _ isFirst: inout Bool, _ outcome: inout Outcome
  ) -> BodyStep {
    var start = 0
    while case .goesOn = outcome {
      let rest = bytes.extracting(start...)
      do throws(WireError) {
        let count = try MessageHeader.firstByteCount(in: rest, expecting: .request)
        guard let count, count <= rest.count else {
          return BodyStep(read: start, needed: count ?? MessageHeader.byteCount)
        }
        guard isFirst || clock &- turnStart <= turnNanoseconds else {
          outcome = .turnIsOver
          break
        }
        guard session.hasRoom(stream) else {
          outcome = .held
          break
        }
        isFirst = false
        start += count
        let arrival = stream.arrival(ofByteBefore: start, or: arrival)
        try answer(rest.extracting(0..<count), of: stream, tables, arrival: arrival)
        if stream.endsAfterMessage { outcome = .ended }
      } catch {
        outcome = .failed(error)
      }
    }
    switch outcome {
    case .goesOn, .held, .turnIsOver: return BodyStep(read: start, needed: 0)
    // Nothing more is read.
    case .ended, .failed: return BodyStep(read: bytes.count, needed: 0)
    }
  }

  /// All that was whole is answered. Ends the stream where nothing more will be.
  private func endOrWait(_ stream: HTTP2Stream, _ session: ServerSession) throws(WireError) {
    let partByteCount = stream.bodyBytes.count
    if stream.isEnded {
      guard partByteCount == 0 else { throw WireError(.truncated, at: partByteCount) }
      return session.finish(stream)
    }
    if session.isDraining {
      guard partByteCount > 0 else { return session.finish(stream) }
      stream.endsAfterMessage = true
    }
    session.release(stream)
    session.send(stream)
  }

  /// Appends the reply to one message, or nothing and says why.
  private mutating func answer(
    _ message: Span<UInt8>, of stream: HTTP2Stream, _ tables: borrowing PublishedTables,
    arrival: UInt64
  ) throws(WireError) {
    let start = stream.response.count
    do throws(WireError) {
      let elapsed = try reply(to: message, tables, arrival: arrival, into: &stream.response)
      measure(decisions: message.decisionCount, endingAt: arrival &+ elapsed)
      countRequest(.stream, arrival: arrival)
    } catch {
      stream.response.truncate(to: start)
      throw error
    }
  }
}
