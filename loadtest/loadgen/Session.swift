import ArgumentParser
import Foundation
import LoadGenerator
import PosternClient

/// One run of the command: a server, a scenario, one measurement after the other.
struct Session {
  private let command: Loadgen
  private let progress = ProgressLine()

  init(_ command: Loadgen) { self.command = command }

  func run() throws {
    let scenario = try ScenarioReader.read(file: command.scenario)
    let options = command.server
    var server: ServerProcess?
    if let binary = options.serve {
      guard let tables = scenario.tables else {
        throw ValidationError("`\(command.scenario)` names no `tables`; add them, or start the server")
      }
      server = try ServerProcess(
        binary, tables: tables, cpu: options.serverCPU, loops: options.serverLoops,
        certificates: options.serverTLS)
    }
    defer { server?.stop() }
    let pid = server?.pid ?? options.serverPid
    let tables = server?.tables ?? options.tables
    try check(scenario.actions, pid: pid, tables: tables)
    if let pid, ServerUsage(of: pid) == nil {
      throw ValidationError("there is no process \(pid), or no /proc that tells of it")
    }

    var plan = try plan(endpoint(server?.url ?? command.url ?? ""))
    let pool = try MessagePool(
      scenario, batch: command.pace.batch ?? scenario.batch, seed: command.pace.seed)
    var measurements: [LoadResult] = []
    let actions = ActionClock(scenario.actions, tables: tables, pid: pid)
    func measure(_ pace: LoadPlan.Pace) throws {
      plan.pace = pace
      actions.restart()
      let found = try LoadRun(plan, scenario, pool: pool, server: pid).run(
        progress: { progress.show(pace, share: $0, replies: $1) }, tick: actions.tick)
      progress.clear()
      guard found.replies > 0 else {
        throw LoadFailure.broken("no reply came in the measured time: try a longer --duration")
      }
      // Who looks at nothing but the status sees no versions.
      if plan.check == .verdicts { try actions.check(found) }
      measurements.append(found)
    }
    let rates = command.pace.rates
    if rates.isEmpty || rates.contains(where: \.isShare) { try measure(.saturation) }
    let saturation = measurements.first?.repliesPerSecond ?? 0
    for rate in rates {
      let perSecond =
        switch rate {
        case .perSecond(let number): number
        case .share(let share): saturation * share
        }
      guard perSecond > 0 else { throw LoadFailure.broken("no reply came, so there is no share of it") }
      try measure(.rate(perSecond: perSecond, command.pace.arrivals))
    }
    try write(report(scenario, plan.endpoint, measurements))
  }

  private func check(_ actions: [TableAction], pid: Int32?, tables: String?) throws {
    if actions.contains(where: { $0.change != .none }), tables == nil {
      throw ValidationError("the scenario changes tables; name the served directory with --tables")
    }
    for file in actions.compactMap(\.file) {
      if let tables, !FileManager.default.fileExists(atPath: tables + "/" + file) {
        throw ValidationError("the scenario changes `\(file)`, and there is none in `\(tables)`")
      }
    }
    if actions.contains(where: \.reloads), pid == nil {
      throw ValidationError("the scenario reloads tables by SIGHUP; name the server with --server-pid")
    }
  }

  private func endpoint(_ text: String) throws -> Endpoint {
    do {
      return try Endpoint(text)
    } catch {
      throw ValidationError("\(error)")
    }
  }

  /// The files that were named, or those of our own server.
  private var tls: TLSFiles {
    let options = command.tls
    guard let directory = command.server.serverTLS else {
      return TLSFiles(ca: options.ca, certificate: options.certificate, key: options.key)
    }
    return TLSFiles(
      ca: options.ca ?? directory + "/ca.pem",
      certificate: options.certificate ?? directory + "/client.pem",
      key: options.key ?? directory + "/client.key")
  }

  private func plan(_ endpoint: Endpoint) -> LoadPlan {
    let pace = command.pace
    var plan = LoadPlan(endpoint: endpoint)
    plan.tls = tls
    plan.path = command.server.path
    plan.check = command.server.check == .verdicts ? .verdicts : .status
    plan.connections = pace.connections
    plan.idleConnections = pace.idle
    plan.streams = pace.streams
    plan.loops = pace.loops
    plan.serverLoops = command.server.serverLoops
    plan.warmUpSeconds = pace.warmUp.value
    plan.seconds = pace.duration.value
    plan.drainSeconds = pace.drain.value
    plan.seed = pace.seed
    return plan
  }

  private func report(
    _ scenario: Scenario, _ endpoint: Endpoint, _ measurements: [LoadResult]
  ) -> RunReport {
    let words = CommandLine.arguments.map { $0.contains(" ") ? "'\($0)'" : $0 }
    let server = command.server.serve.map { "\($0), --loops \(command.server.serverLoops)" }
    return RunReport(
      scenario: scenario, command: words.joined(separator: " "),
      server: server ?? "\(endpoint)", measurements: measurements)
  }

  private func write(_ report: RunReport) throws {
    if let file = command.output.html { try write(HTMLReport(report).html(), to: file) }
    if let file = command.output.json, file != "-" { try write(report.json() + "\n", to: file) }
    print(command.output.json == "-" ? try report.json() : TextReport(report).text())
  }

  private func write(_ text: String, to file: String) throws {
    do {
      try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    } catch {
      throw ValidationError("cannot write `\(file)`: \(error.localizedDescription)")
    }
  }
}
