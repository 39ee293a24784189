import ArgumentParser
import Foundation
import LoadGenerator
import PosternClient

/// One run of the command: a server, a scenario, one measurement after the other.
struct Session {
  private let command: Loadgen

  init(_ command: Loadgen) { self.command = command }

  func run() throws {
    let outputs = try OutputFiles(command.output)
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

    let plan = try plan(endpoint(server?.url ?? command.url ?? ""))
    let pool = try MessagePool(
      scenario, batch: command.pace.batch ?? scenario.batch, seed: command.pace.seed)
    let actions = ActionClock(scenario.actions, tables: tables, pid: pid)
    // A server of ours has a copy of the tables, which goes with it.
    if server == nil { actions.undoAtEnd() }
    defer { if server == nil { StopOnUnixSignal.undo() } }
    var measurements = Measurements(plan, scenario, pool: pool, server: pid, actions: actions)
    do {
      try measurements.measure(command.pace.rates, command.pace.arrivals)
    } catch let failure as LoadFailure {
      if !measurements.results.isEmpty {
        let report = report(scenario, plan.endpoint, measurements.results, endedBy: failure)
        do { try outputs.write(report) } catch { complain("loadgen: \(error)") }
      }
      throw failure
    }
    try outputs.write(report(scenario, plan.endpoint, measurements.results))
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
    plan.compresses = command.server.compress
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
    _ scenario: Scenario, _ endpoint: Endpoint, _ measurements: [LoadResult],
    endedBy failure: LoadFailure? = nil
  ) -> RunReport {
    let words = CommandLine.arguments.map { $0.contains(" ") ? "'\($0)'" : $0 }
    let server = command.server.serve.map { "\($0), --loops \(command.server.serverLoops)" }
    return RunReport(
      scenario: scenario, command: words.joined(separator: " "),
      server: server ?? "\(endpoint)", measurements: measurements,
      failure: failure?.summary)
  }
}
