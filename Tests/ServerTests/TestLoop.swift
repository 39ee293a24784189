import EdgeProof
import HTTP2
import Tables
import TestSupport
import Wire

@testable import Server

/// A loop's service and one connection of it, whose client has opened its windows, without a socket.
final class TestLoop {
  private var service: LoopService
  private let session: ServerSession
  private(set) var repliedByteCount = 0

  init(latencyBoundMilliseconds: Int = 0, edgeProof: EdgeProofSettings? = nil) throws {
    let store = TableStore()
    try TestTables.publish(TestTables.served, to: store)
    let settings = ServiceSettings(
      triggers: TriggerRegistry(), onMissing: .review, trustedProxies: 0,
      compressedReplyByteCountMin: 2048)
    session = try ServerSession(HTTP2Settings(), handling: { Door.handling(of: $0) })
    service = LoopService(settings, store)
    var running = RunningSettings()
    running.latencyBoundMilliseconds = latencyBoundMilliseconds
    // There is no other connection that a turn could end for.
    running.turnMicroseconds = 0
    service.use(running)
    if let edgeProof {
      try service.use(edgeProof, ReplayMemory(capacity: max(1, edgeProof.replayCapacity)))
    }
    let opening = [
      Frame.settings([(id: 4, value: 0x7FFF_FFFF)]), .windowUpdate(0, 0x7FFF_0000),
      Frame(.settings, flags: Frame.acknowledgement),
    ]
    try exchange(Frame.preface + opening.flatMap(\.bytes))
  }

  /// A read of the connection, answered so many nanoseconds after the loop first could have.
  func exchange(_ bytes: [UInt8], late nanoseconds: UInt64 = 0) throws {
    try session.lend(bytes.span) { lent throws(HTTP2Error) in
      let now = monotonicNanoseconds()
      session.arrival = now
      try session.receive(lent)
      let queuedSince = now - nanoseconds
      while service.answer(
        session, from: .unknown, queuedSince: queuedSince, turnStart: now, turnNanoseconds: .max, now: now)
      {}
    }
    var count = 0
    while session.takeOutput(upTo: 64 << 10, to: { count += $0.count }) {}
    repliedByteCount += count
  }

  var requestCount: UInt64 { service.metrics.activity.value(at: LoopActivity.requests.rawValue) }
  var decisionCount: UInt64 {
    MetricsSnapshot([service.metrics], triggers: service.settings.triggers.names)
      .decisions.reduce(0) { $0 + $1.count }
  }
  /// What became of proofs, and how often.
  var proofs: [String] {
    MetricsSnapshot([service.metrics], triggers: service.settings.triggers.names).edgeProofs
      .map { "\($0.outcome) \($0.count)" }
  }
  var shedCount: UInt64 { service.metrics.overload.value(at: OverloadEvent.shedLatency.rawValue) }
  /// What a decision takes, as the loop has measured it.
  var decisionNanoseconds: UInt64 { service.admission.decisionNanoseconds }
}
