import Foundation

/// What one plan led to, as `--json` prints it.
public struct LoadResult: Codable, Sendable {
  public var pace: String
  /// `nil` in a closed loop.
  public var offeredPerSecond: Double?
  public var connections: Int
  public var idleConnections: Int
  /// Requests at once on a connection: as many as were wanted, or as the server allows.
  public var streams: Int
  /// They are messages at once on the connection's one stream.
  public var sharesStream: Bool
  public var batch: Int
  /// Messages were sent as LZ4 blocks.
  public var compresses: Bool
  /// Of a message and of a reply as they were sent, on average.
  public var requestByteCount: Double
  public var replyByteCount: Double
  public var seconds: Double
  /// Replies in the measured time.
  public var replies: Int
  public var repliesPerSecond: Double
  public var decisionsPerSecond: Double
  public var latency: Latency
  /// Requests of an open loop that could not be sent, and count with their age at the end.
  public var unsent: Int
  /// Versions of tables that gave a verdict.
  public var tableVersions: Int
  /// `nil` where the server's process is not known.
  public var server: Server?
  /// The generator's own threads, in cores: an open loop watches the clock and is always busy.
  public var generatorCores: Double
  /// What a reader must know before the numbers are believed, a sentence each.
  public var warnings: [String]

  public struct Server: Codable, Sendable {
    public var cpuNanosecondsPerRequest: Double
    public var cpuNanosecondsPerDecision: Double
    /// How many cores it kept busy.
    public var cores: Double
    public var residentByteCount: Int
    /// `nil` without idle connections.
    public var byteCountPerIdleConnection: Double?
  }

  /// Nanoseconds.
  public struct Latency: Codable, Sendable {
    public var count: UInt64
    public var mean: Double
    public var min: UInt64
    public var p50: UInt64
    public var p90: UInt64
    public var p99: UInt64
    public var p999: UInt64
    public var p9999: UInt64
    public var max: UInt64
    /// The whole distribution, five points to each halving of what is left.
    public var points: [Point]
  }

  public struct Point: Codable, Sendable {
    /// 0 to 100.
    public var percentile: Double
    public var nanoseconds: UInt64
  }
}

extension LoadResult {
  /// What the server and the generator had used at one moment.
  struct Instant {
    var uptime = DispatchTime.now().uptimeNanoseconds
    var server: ServerUsage?
    var generatorNanoseconds: UInt64

    init(_ pid: Int32?) {
      server = pid.flatMap { ServerUsage(of: $0) }
      generatorNanoseconds = ServerUsage.ownCPUNanoseconds()
    }
  }

  /// What was used between two moments, in cores.
  struct Usage {
    var serverCores: Double?
    var generatorCores: Double
    var residentByteCount: Int

    init(from start: Instant, to end: Instant) {
      let passed = Double(end.uptime - start.uptime)
      generatorCores = Double(end.generatorNanoseconds - start.generatorNanoseconds) / passed
      residentByteCount = end.server?.residentByteCount ?? 0
      if let after = end.server, let before = start.server {
        // A thread that has ended takes its time with it.
        let used = after.cpuNanoseconds - min(before.cpuNanoseconds, after.cpuNanoseconds)
        serverCores = Double(used) / passed
      }
    }
  }

  init(plan: LoadPlan, batch: Int, tally: Tally, usage: Usage?, idleByteCount: Int?) {
    switch plan.pace {
    case .saturation: pace = "saturation"
    case .rate(let perSecond, let kind):
      pace = kind.rawValue
      offeredPerSecond = perSecond
    }
    connections = plan.connections
    idleConnections = plan.idleConnections
    streams = tally.streams ?? plan.streams
    sharesStream = plan.sharesStream
    self.batch = batch
    compresses = plan.compresses
    requestByteCount = Double(tally.requestByteCount) / Double(max(1, tally.replies))
    replyByteCount = Double(tally.replyByteCount) / Double(max(1, tally.replies))
    seconds = plan.seconds
    replies = tally.replies
    repliesPerSecond = Double(tally.replies) / plan.seconds
    decisionsPerSecond = repliesPerSecond * Double(batch)
    latency = Latency(tally.latencies)
    unsent = tally.unsent
    tableVersions = tally.versions.count
    generatorCores = usage?.generatorCores ?? 0
    warnings = []
    if let usage, let cores = usage.serverCores, tally.replies > 0 {
      let perRequest = cores * plan.seconds * 1e9 / Double(tally.replies)
      server = Server(
        cpuNanosecondsPerRequest: perRequest, cpuNanosecondsPerDecision: perRequest / Double(batch),
        cores: cores, residentByteCount: usage.residentByteCount,
        byteCountPerIdleConnection: plan.idleConnections == 0
          ? nil : idleByteCount.map { Double($0) / Double(plan.idleConnections) })
    }
    warnings = Self.warnings(of: self, plan)
  }

  /// Whether as many requests were sent as were to be sent.
  public var keptUp: Bool { unsent == 0 }

  /// `8 connections x 8 streams`.
  var parallelText: String {
    "\(connections) connections x \(streams) "
      + (sharesStream ? "messages at once on one stream" : "streams")
  }

  /// `1,200 bytes a message, LZ4; 93 a reply`.
  var sizeText: String {
    "\(Numbers.count(requestByteCount)) bytes a message\(compresses ? ", LZ4" : "");"
      + " \(Numbers.count(replyByteCount)) a reply"
  }

  /// A server that rests longer than this was not what was measured.
  private static let busyShareMin = 0.9

  private static func warnings(of it: LoadResult, _ plan: LoadPlan) -> [String] {
    var warnings: [String] = []
    if it.streams < plan.streams {
      warnings.append(
        "the server allows \(it.streams) streams on a connection: \(it.streams) were used, not"
          + " \(plan.streams)")
    }
    if plan.pace == .saturation, let busy = it.server.map({ $0.cores / Double(plan.serverLoops) }),
      busy < busyShareMin
    {
      let loops = plan.serverLoops == 1 ? "its event loop" : "its \(plan.serverLoops) event loops"
      warnings.append(
        "the server was busy for \(Numbers.percent(busy)) of \(loops): the generator, the number of"
          + " streams or other work on its CPU was the limit, so this is less than it can do, and so are"
          + " rates in percent of this")
    }
    return warnings
  }
}
