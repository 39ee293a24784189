import Admin
import ArgumentParser
import Logging
import Rules
import Server
import Tables
import UnixSignals

/// `postern serve`: the service.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Run the service.",
    discussion: """
      Tables are read from a directory and read again when a file changes, and on SIGHUP; while one \
      is wrong, the last right ones serve and the log says file, line and column. SIGTERM and \
      SIGINT stop accepting, finish what has begun, and exit 0.

        postern serve --tables ops/tables --listen 127.0.0.1:8080
        postern serve --config /etc/postern/postern.yaml

      Options stand above the file. Exit status: 0 stopped; 2 usage; 3 cannot listen or load.
      """)

  @Option(help: "A YAML file of settings; ops/postern.yaml shows them all.")
  var config: String?

  @Option(help: "Directory of *.table.md and *.table.csv files.")
  var tables: String?

  @Option(help: "127.0.0.1:8080, [::1]:8080 or unix:/run/postern.sock. May be repeated.")
  var listen: [String] = []

  @Option(help: "Address of /healthz, /readyz and /metrics. None without it.")
  var admin: String?

  @Option(help: "Event loops. One a core without it.")
  var loops: Int?

  @Option(help: "trace, debug, info, notice, warning, error or critical.")
  var logLevel = "info"

  func run() async throws {
    let settings = try serverConfiguration()
    let logger = try makeLogger()
    let store = TableStore()
    let triggers = TriggerRegistry(own: settings.triggers).names
    let tables = TableWatch(
      reloader: TableReloader(directory: settings.tables, triggers: triggers, store: store),
      logger: logger)
    guard tables.look(force: true) else { throw ExitStatus.unavailable.code }
    do {
      let server = try await PosternServer.start(settings, store: store, logger: logger)
      for address in server.addresses { logger.info("listening on \(address)") }
      try await serve(server, tables, settings, logger)
    } catch let error as ServerError {
      complain(error.description)
      throw ExitStatus.unavailable.code
    }
  }

  /// Runs the server until a Unix signal ends it.
  private func serve(
    _ server: PosternServer, _ tables: TableWatch, _ settings: ServerConfiguration,
    _ logger: Logger
  ) async throws {
    let readiness = Readiness(tables.reloader)
    let admin = startAdmin(server, readiness, settings, logger)
    let watch = Task { await tables.run(everySeconds: settings.reloadSeconds) }
    for await signal in await UnixSignalsSequence(trapping: .sighup, .sigterm, .sigint) {
      if signal == .sighup {
        tables.look(force: true)
        continue
      }
      logger.info("stopping", metadata: ["drainSeconds": "\(settings.drainSeconds)"])
      break
    }
    readiness.stop()
    watch.cancel()
    await server.stop()
    admin?.cancel()
    logger.info("stopped")
  }

  private func startAdmin(
    _ server: PosternServer, _ readiness: Readiness, _ settings: ServerConfiguration,
    _ logger: Logger
  ) -> Task<Void, Never>? {
    guard let address = settings.admin else { return nil }
    return Task {
      do {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        try await AdminServer.run(
          on: address, logger: quiet, metrics: { server.metrics() },
          status: { readiness.status() }, onListening: { logger.info("admin on \($0)") })
      } catch {
        // Deciding goes on: probes will tell that the admin port is gone.
        logger.error("the admin port cannot be served: \(error)")
      }
    }
  }

  private func makeLogger() throws -> Logger {
    guard let level = Logger.Level(rawValue: logLevel) else {
      throw ValidationError("`--log-level \(logLevel)` is none of trace ... critical")
    }
    var logger = Logger(label: "postern") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = level
    return logger
  }

  private func serverConfiguration() throws -> ServerConfiguration {
    var settings = ServerConfiguration()
    if let config {
      do {
        try ConfigurationFile(path: config).apply(to: &settings, path: config)
      } catch let problem as ConfigurationFile.Problem {
        printError(problem.description)
        throw ExitStatus.unavailable.code
      }
    }
    if let tables { settings.tables = tables }
    if !listen.isEmpty { settings.listen = try listen.map(address) }
    if let admin { settings.admin = try address(admin) }
    if let loops {
      guard loops > 0 else { throw ValidationError("`--loops \(loops)` is less than 1") }
      settings.loops = loops
    }
    guard config != nil || tables != nil else {
      throw ValidationError("say where the tables are: --tables DIR or --config FILE")
    }
    return settings
  }

  private func address(_ text: String) throws -> ListenAddress {
    guard let address = ListenAddress(text) else {
      throw ValidationError("`\(text)` is no address; write 127.0.0.1:8080 or unix:/run/postern.sock")
    }
    return address
  }
}
