/// What a running server can be told anew: the rest of its configuration takes a restart.
public struct RunningSettings: Sendable, Equatable {
  /// A connection on which nothing has moved for so long is closed; 0 for never. In seconds.
  public var idleSeconds = 600
  /// How long a stopping server waits for answers that are still being sent, and how long one idle
  /// connection may take to end. In seconds. LIMIT: with the two seconds that a peer may take to hear
  /// of the end and to close, the process is gone ten seconds after SIGTERM.
  public var drainSeconds = 8
  /// LIMIT: connections open at once, on all loops. Beyond it new ones are closed at once.
  public var connectionCountMax = 20_000
  /// LIMIT: a request that would be answered later than this after its bytes came is refused with 503
  /// instead, going by what decisions were measured to take; 0 for never. In milliseconds: nobody
  /// waits for a later answer, since clients give up after a hundred (`PosternClient`'s deadline).
  public var latencyBoundMilliseconds = 100
  /// LIMIT: how long connections that have many requests are answered before others are: all together, but
  /// each half a millisecond of it at least; 0 for all that each has. In microseconds: some hundred requests.
  public var turnMicroseconds = 1000
  /// LIMIT: memory of the whole process, as the system counts it (resident); 0 for no bound, `nil` for three
  /// quarters of what its container (control group) has, its program and other files aside. Beyond it, what
  /// the allocator keeps is given back to the system; where that is not enough all requests are refused with
  /// 503, until a sixteenth less than this is resident, or refusing has not helped for ten seconds. With it a
  /// quarter of it is what `heldByteCountMax` may be, and there are as many connections as have 32 KiB of it
  /// each.
  public var residentByteCountMax: Int?

  public init() {}

  /// What `turnMicroseconds` says; the largest number where it bounds nothing.
  var turnNanoseconds: UInt64 { turnMicroseconds > 0 ? UInt64(turnMicroseconds) * 1000 : .max }
}

extension ServerConfiguration {
  public var idleSeconds: Int {
    get { running.idleSeconds }
    set { running.idleSeconds = newValue }
  }

  public var drainSeconds: Int {
    get { running.drainSeconds }
    set { running.drainSeconds = newValue }
  }

  public var connectionCountMax: Int {
    get { running.connectionCountMax }
    set { running.connectionCountMax = newValue }
  }
}
