import HTTP2
import Tables
import Wire

/// A loop's time: what the clock said last, and who may still be answered by it.
extension LoopService {
  /// LIMIT: requests answered before the clock is read, where none of them reads it: refusals take some
  /// microseconds each.
  private static var uncountedMax: Int { 64 }

  /// Whether the connection at hand has had its part of the loop's turn.
  @inline(__always)
  mutating func turnIsOver(at uncounted: inout Int) -> Bool {
    uncounted += 1
    if uncounted == Self.uncountedMax {
      uncounted = 0
      clock = monotonicNanoseconds()
    }
    return clock &- turnStart > turnNanoseconds
  }

  /// Whether the loop is so busy that requests may have to be refused.
  @inline(__always)
  var isPressed: Bool { clock &- queuedSince > admission.easyNanoseconds }

  /// Refuses a message by a throw, where it cannot be answered in time. For a loop that is pressed. Its
  /// `decisions`, or those of them that are left, lie from `offset` on.
  mutating func admit(
    _ bytes: Span<UInt8>, from offset: Int = MessageHeader.byteCount, decisions: Int,
    _ tables: borrowing PublishedTables
  ) throws(WireError) {
    let now = clock
    let refusal = admission.refusal(decisions: decisions, waited: now &- queuedSince) { shares in
      shares.count(decisions, in: bytes, at: offset, now: now) { tenant, trigger in
        tables.place(tenant: tenant, trigger: trigger, in: bytes) != nil
      }
    }
    guard let refusal else { return }
    metrics.overload.add(
      1, at: (refusal == .tenant ? OverloadEvent.shedTenant : .shedLatency).rawValue)
    throw WireError(.overloaded, at: 0)
  }

  /// Refuses a request whose connection, or whose loop, holds more than its memory already.
  mutating func refuseForMemory(_ stream: HTTP2Stream, _ session: ServerSession, asText: Bool) {
    metrics.overload.add(1, at: OverloadEvent.shedMemory.rawValue)
    refuse(stream, session, WireError(.overloaded, at: 0), asText: asText)
  }

  /// Takes in how long `decisions` took, where there were any, and what the time is.
  @inline(__always)
  mutating func measure(decisions: Int, endingAt end: UInt64) {
    if decisions > 0, end > clock { admission.measure(end &- clock, decisions: decisions) }
    clock = end
  }
}
