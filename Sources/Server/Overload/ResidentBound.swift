/// Whether requests are refused because the whole process has too much memory, by what is resident.
///
/// What connections hold has bounds of its own, which look at requests one by one. This one sees the rest
/// too: many connections that hold little each, tables, whatever is kept for later. Beyond the memory that
/// its machine or container lets it have a process is killed, with all that it was answering.
///
/// - What counts is memory in use. An allocator keeps what it is given back, and what is resident would
///   stay where it was at its highest: so that is returned to the system before anyone is refused, at most
///   every ten seconds, and with each look while requests are refused.
/// - It does not flap: what began above the bound ends a sixteenth of the bound below it.
/// - It locks nobody out for ever. Requests that are under way end in some seconds: what is resident after
///   that is not theirs (tables, connections at rest, fragments), and to refuse others frees none of it.
///   A server that is killed is back in a second; one that refuses everybody is not. So requests are served
///   again then, and refused only once a sixteenth of the bound has come on top. A peer who fills memory
///   with connections that rest gains ten seconds of refusals for each such step, of which the limit of
///   connections leaves it few.
struct ResidentBound {
  /// What a look has changed.
  enum Change: Equatable {
    case refuses, recovers
    /// Requests are served though no less is resident: refusing them has not helped.
    case givesUp
  }

  /// LIMIT: how long requests are refused where that does not help: as long as the slowest body may take.
  static let patienceNanoseconds: UInt64 = 10_000_000_000
  /// LIMIT: the allocator's locks are held while it looks for pages, milliseconds for a large heap.
  static let trimIntervalNanoseconds: UInt64 = 10_000_000_000

  /// 0 for no bound.
  private let byteCountMax: Int
  /// What must be resident for requests to be refused: more than `byteCountMax` where that was in vain.
  private var threshold: Int
  private var refusingSince: UInt64?
  private var trimmedAt: UInt64?

  init(byteCountMax: Int) {
    self.byteCountMax = byteCountMax
    threshold = byteCountMax
  }

  var isRefusing: Bool { refusingSince != nil }

  /// Takes in how many bytes are resident at `now`, in nanoseconds. `trim` returns to the system what the
  /// allocator keeps, and says how many are resident then.
  mutating func look(_ resident: Int, at now: UInt64, trim: () -> Int) -> Change? {
    guard byteCountMax > 0 else { return nil }
    let step = byteCountMax / 16
    let low = byteCountMax - step
    if let refusingSince {
      let left = resident > low ? trim() : resident
      if left <= low {
        threshold = byteCountMax
        self.refusingSince = nil
        return .recovers
      }
      guard now &- refusingSince >= Self.patienceNanoseconds else { return nil }
      threshold = max(byteCountMax, left + step)
      self.refusingSince = nil
      trimmedAt = now
      return .givesUp
    }
    if resident <= low { threshold = byteCountMax }
    guard resident > threshold else { return nil }
    if now &- (trimmedAt ?? 0) >= Self.trimIntervalNanoseconds || trimmedAt == nil {
      trimmedAt = now
      guard trim() > threshold else { return nil }
    }
    refusingSince = now
    return .refuses
  }
}
