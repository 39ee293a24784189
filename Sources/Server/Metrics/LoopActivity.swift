/// What one loop has moved: a counter each in `LoopMetrics.activity`.
public enum LoopActivity: Int, CaseIterable, Sendable {
  /// Reads of its sockets: the batches that requests come in.
  case reads
  case readBytes
  case writtenBytes
  /// Requests answered and not refused, messages of streams among them.
  case requests
  /// Read batches that were timed stage by stage, and the requests in them.
  case timedReads
  case timedRequests

  public var name: String {
    switch self {
    case .reads: "reads"
    case .readBytes: "read_bytes"
    case .writtenBytes: "written_bytes"
    case .requests: "requests"
    case .timedReads: "timed_reads"
    case .timedRequests: "timed_requests"
    }
  }
}
