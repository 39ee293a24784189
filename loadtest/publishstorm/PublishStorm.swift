import ArgumentParser
import Foundation
import Logging
import Server
import Tables
import UsageStatus

/// Publishes tables a thousand times a second under full load, and checks every reply.
@main
struct PublishStorm: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "publishstorm",
    abstract: "Decisions over real sockets while tables are published all the time.",
    discussion: """
        swift run -c release publishstorm
        swift run -c release publishstorm --seconds 3

      A server in this process is asked over TCP by as many calls at once as keep it busy: quietly \
      for a while, then while --rate chains a second are compiled and published under the keys that \
      are asked for, then quietly again. Every reply tells the version that it comes from; its \
      verdict, rule and reason must be those of that version, and versions must not go back.

      It prints the median and the 99th percentile of a call in both, their ratio (goal: 1.5), and \
      memory in use in the first and the last quarter of the storm.

      Exit status: 0 good; 1 a request failed, a reply was wrong, memory grew, the rate was not kept, \
      or with --check the ratio missed its goal; 2 usage.
      """)

  @Option(help: "How long the storm lasts; the quiet before and after it are a quarter each.")
  var seconds = 60.0

  @Option(help: "Publications a second.")
  var rate = 1000

  @Option(help: "Event loops of the server.")
  var loops = 1

  @Option(help: "Connections.")
  var connections = 4

  @Option(help: "Calls at once on each connection.")
  var calls = 4

  @Option(help: "Decisions in a call.")
  var batch = 16

  @Flag(help: "Fail where the 99th percentile of the storm is above 1.5 times the quiet one.")
  var check = false

  static let ratioMax = 1.5
  /// LIMIT: what allocators keep for themselves may come and go.
  static let memoryGrowthMax = 8 << 20

  func validate() throws {
    guard (0.4...3600).contains(seconds), (1...10_000).contains(rate), (1...64).contains(loops),
      (1...256).contains(connections), (1...256).contains(calls), (1...1024).contains(batch)
    else {
      throw ValidationError(
        "--seconds 0.4 to 3600, --rate 1 to 10,000, --loops 1 to 64, --connections and --calls 1 to"
          + " 256, --batch 1 to 1,024")
    }
  }

  static func main() async {
    do {
      var command = try parse()
      try await command.run()
    } catch {
      exit(after: error)
    }
  }

  func run() async throws {
    let store = TableStore(loopCountMax: loops, versionsKept: 8)
    var publisher = try Publisher(store)
    var configuration = ServerConfiguration()
    configuration.listen = [.tcp(host: "127.0.0.1", port: 0)]
    configuration.loops = loops
    let server = try await PosternServer.start(
      configuration, store: store, logger: Logger(label: "publishstorm") { _ in SwiftLogNoOpLogHandler() })
    let load = try Load(
      server.addresses[0], connections: connections, calls: calls, batch: batch)
    load.start()

    try await Task.sleep(for: .seconds(min(1, seconds / 4)))
    load.enter(.quiet)
    try await Task.sleep(for: .seconds(seconds / 4))
    load.enter(.storm)
    let storm = try await publisher.run(rate: rate, seconds: seconds)
    load.enter(.quiet)
    try await Task.sleep(for: .seconds(seconds / 4))
    let outcome = await load.stop()
    let waiting = store.reclaim()
    await server.stop()
    try report(outcome, storm, waiting: waiting)
  }

  private func report(_ outcome: Load.Outcome, _ storm: Publisher.Outcome, waiting: Int) throws {
    let (quiet, busy) = (outcome.latencies(.quiet), outcome.latencies(.storm))
    let ratio = Double(busy.percentile(99)) / Double(max(1, quiet.percentile(99)))
    let growth = storm.residentLast - storm.residentFirst
    let perSecond = Double(storm.publications) / storm.seconds
    print(
      """
      publications   \(storm.publications) in \(rounded(storm.seconds)) s, \(Int(perSecond)) a second
      decisions      \(outcome.decisions), \(outcome.failures) calls failed, \(outcome.wrong) wrong
      quiet          p50 \(quiet.percentile(50)) us, p99 \(quiet.percentile(99)) us, \(quiet.count) calls
      storm          p50 \(busy.percentile(50)) us, p99 \(busy.percentile(99)) us, \(busy.count) calls
      p99 ratio      \(rounded(ratio)) (goal \(Self.ratioMax))
      memory         \(storm.residentFirst >> 20) MiB, then \(storm.residentLast >> 20) MiB; \
      \(waiting) chains wait to be freed
      """)
    var complaints = outcome.complaints
    if outcome.failures > 0 { complaints.append("\(outcome.failures) calls failed") }
    if outcome.wrong > 0 { complaints.append("\(outcome.wrong) replies were wrong") }
    if outcome.versionsSeen < 2 { complaints.append("no publication was seen by a caller") }
    if growth > Self.memoryGrowthMax { complaints.append("memory grew by \(growth) bytes") }
    if perSecond < Double(rate) * 0.9 { complaints.append("the rate was not kept") }
    if waiting > 0 { complaints.append("\(waiting) replaced chains were not freed") }
    if check, ratio > Self.ratioMax { complaints.append("the p99 ratio is above \(Self.ratioMax)") }
    for complaint in complaints {
      FileHandle.standardError.write(Data("publishstorm: \(complaint)\n".utf8))
    }
    if !complaints.isEmpty { throw ExitCode(1) }
  }

  private func rounded(_ number: Double) -> String { "\((number * 100).rounded() / 100)" }
}
