/// What a loop does from when it asks a socket for bytes to when it has given it those that answer them.
///
/// Some read batches are timed stage by stage; every look at the clock costs what a small stage does,
/// so a time here is some 20 ns too long each time the stage is gone through.
public enum Stage: Int, CaseIterable, Sendable {
  /// The socket's bytes, out of the kernel; over TLS opened as well.
  case read
  /// HTTP/2 frames coming in, headers left out.
  case frames
  /// Header blocks: HPACK, and what is kept of them.
  case headers
  /// Signals out of the fields of decisions.
  case scan
  /// Tables, from signals to decisions.
  case evaluate
  /// Decisions to reply bytes.
  case reply
  /// Frames going out, the socket's write included.
  case write
  /// All of the batch, what has no stage of its own included.
  case batch

  /// LIMIT: one read batch of so many is timed. A timed batch of one request takes some ten looks at
  /// the clock, 250 ns: a quarter of a nanosecond for each batch. A prime, so that connections served
  /// in turn all get theirs.
  static let sampledBatchStride = 1021

  public var name: String {
    switch self {
    case .read: "read"
    case .frames: "frames"
    case .headers: "headers"
    case .scan: "scan"
    case .evaluate: "evaluate"
    case .reply: "reply"
    case .write: "write"
    case .batch: "batch"
    }
  }
}

/// What is timed stage by stage on one loop.
final class StageTimer {
  private let nanoseconds: Counters
  /// Whether the batch at hand is timed.
  var isOn = false

  init(_ metrics: LoopMetrics) { nanoseconds = metrics.stages }

  /// Now, where the batch is timed.
  @inline(__always)
  func start() -> UInt64 { isOn ? monotonicNanoseconds() : 0 }

  /// Adds the time since `start` to a stage, where the batch is timed. Returns the start of the next.
  @inline(__always)
  func lap(_ stage: Stage, since start: UInt64) -> UInt64 {
    guard isOn else { return 0 }
    let now = monotonicNanoseconds()
    add(now &- start, to: stage)
    return now
  }

  func add(_ time: UInt64, to stage: Stage) { nanoseconds.add(time, at: stage.rawValue) }
}
