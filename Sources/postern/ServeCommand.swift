import Admin
import ArgumentParser
import Bundles
import EdgeProofFiles
import Foundation
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
      is wrong, the last right ones of its tenant and trigger serve, all others are taken up, and \
      the log says file, line and column. SIGTERM and \
      SIGINT stop accepting, finish what has begun, and exit 0.

        postern serve --tables ops/tables --listen 127.0.0.1:8080
        postern serve --config /etc/postern/postern.yaml
        postern serve --bundle tables.bundle --trust release.pub
        postern serve --config postern.yaml --bundle https://cdn.example/t.bundle

      With --bundle it serves compiled tables instead: of a file, of the newest good bundle of a \
      directory, or of an HTTP(S) address that is asked with its ETag. A bundle that is not signed by \
      a trusted key, is older than the one served, has expired or is for another environment is \
      refused, logged and counted, and what was served goes on. With --state the last good one is \
      kept and serves after a restart while its source is gone.

      Proof that the edge sent a request (`edgeProof` in the file, ops/edge-proof.md) is read again \
      with its secrets when they change, and on SIGHUP.

      --state also keeps the kills and rollbacks of `postern admin`, in switches.json: they hold through \
      restarts, with --tables as well. Where that file is damaged the server does not start, for nobody \
      would know what is killed: put it back, or remove it to start with nothing killed.

      With --admin 127.0.0.1:8081 or --admin unix:/run/postern-admin.sock `postern admin` sees what \
      is served, kills and rolls back. That port must not be reachable from outside; it operates for \
      processes of this machine only, wherever it listens.

      Options stand above the file. Exit status: 0 stopped; 2 usage; 3 cannot listen or load.
      """)

  @Option(help: "A YAML file of settings; ops/postern.yaml shows them all.")
  var config: String?

  @Option(help: "Directory of *.table.md, *.table.csv and *.table.dmn files.")
  var tables: String?

  @Option(help: "A bundle, a directory of *.bundle files, or an http(s) address, instead of tables.")
  var bundle: String?

  @Option(help: "A file of public keys whose bundles are served. May be repeated.")
  var trust: [String] = []

  @Option(help: "The environment that this server belongs to.")
  var environment: String?

  @Option(help: "Directory in which the last good bundle, kills and rollbacks are kept.")
  var state: String?

  @Option(help: "How often an address is asked for a new bundle, in seconds.")
  var poll: Int?

  @Flag(help: "Serve bundles that nobody signed. Whoever can write one then decides on logins.")
  var insecureUnsignedBundle = false

  @Option(help: "127.0.0.1:8080, [::1]:8080 or unix:/run/postern.sock. May be repeated.")
  var listen: [String] = []

  @Option(help: "Address of /healthz, /readyz, /metrics and `postern admin`. None without it.")
  var admin: String?

  @Option(help: "Event loops. One a core without it.")
  var loops: Int?

  @Option(help: "trace, debug, info, notice, warning, error or critical.")
  var logLevel = "info"

  func run() async throws {
    var (settings, bundles) = try serverConfiguration()
    let proofFile = try readEdgeProof(into: &settings)
    let logger = try makeLogger()
    let store = TableStore(
      loopCountMax: settings.loopCount, versionsKept: settings.versionsKept,
      now: { Int64(Date().timeIntervalSince1970) })
    let switches = bundles.state.map { SwitchFile(directory: $0) }
    try restore(switches, store, logger)
    let feed = try makeFeed(settings, bundles, store, logger)
    guard await feed.start() else { throw ExitStatus.unavailable.code }
    // Before anybody can know that we serve: a signal that comes right after is not missed.
    let signals = await UnixSignalsSequence(trapping: .sighup, .sigterm, .sigint)
    do {
      let server = try await PosternServer.start(settings, store: store, logger: logger)
      for address in server.addresses { logger.info("listening on \(address)") }
      let proof = proofFile.map {
        EdgeProofWatch(
          $0, using: settings.edgeProof, server, logger, seconds: settings.reloadSeconds)
      }
      try await serve(server, store, switches, feed, proof, settings, signals, logger)
    } catch let error as ServerError {
      complain(error.description)
      throw ExitStatus.unavailable.code
    }
  }

  /// Sets what was killed and pinned before anything is served.
  private func restore(_ switches: SwitchFile?, _ store: TableStore, _ logger: Logger) throws {
    guard let switches else { return }
    do {
      let kept = try switches.load()
      try store.restore(kept)
      for chain in kept {
        let tables = chain.killedTables.joined(separator: ", ")
        logger.notice(
          "kept from before the start",
          metadata: [
            "tenant": "\(chain.key.tenant)", "trigger": "\(chain.key.trigger)",
            "killed": "\(chain.isKilled)", "killedTables": "\(tables)",
            "pinned": "\(chain.pinned != nil)",
          ])
      }
    } catch {
      complain((error as? BundleError)?.message ?? "\(error)")
      throw ExitStatus.unavailable.code
    }
  }

  /// Runs the server until a Unix signal ends it.
  private func serve(
    _ server: PosternServer, _ store: TableStore, _ switches: SwitchFile?, _ feed: any TableFeed,
    _ proof: EdgeProofWatch?,
    _ settings: ServerConfiguration, _ signals: UnixSignalsSequence, _ logger: Logger
  ) async throws {
    let readiness = Readiness(feed)
    let admin = startAdmin(server, store, switches, readiness, settings, logger)
    let watch = Task { await feed.run() }
    let proofWatch = Task { await proof?.run() }
    for await signal in signals {
      if signal == .sighup {
        await feed.look(force: true)
        await proof?.look(force: true)
        continue
      }
      logger.info("stopping", metadata: ["drainSeconds": "\(settings.drainSeconds)"])
      break
    }
    readiness.stop()
    watch.cancel()
    proofWatch.cancel()
    await server.stop()
    admin?.cancel()
    logger.info("stopped")
  }

  /// Reads what proves that the edge sent a request; complains and exits where anything is wrong.
  private func readEdgeProof(into settings: inout ServerConfiguration) throws -> EdgeProofFile? {
    guard let config else { return nil }
    var file = EdgeProofFile(config)
    do throws(EdgeProofFileError) {
      settings.edgeProof = try file.read()
      return file
    } catch {
      for problem in error.problems { printError(problem.description) }
      throw ExitStatus.unavailable.code
    }
  }

  private func makeFeed(
    _ settings: ServerConfiguration, _ bundles: BundleSettings, _ store: TableStore,
    _ logger: Logger
  ) throws -> any TableFeed {
    let triggers = TriggerRegistry(own: settings.triggers).names
    guard let source = bundles.source else {
      return TableWatch(
        reloader: TableReloader(directory: settings.tables, triggers: triggers, store: store),
        logger: logger, seconds: settings.reloadSeconds)
    }
    if bundles.allowsUnsigned {
      logger.warning("bundles that nobody signed are served: --insecure-unsigned-bundle")
    }
    let reloader = BundleReloader(
      policy: try bundles.policy(triggers: triggers), store: store,
      lastGood: bundles.state.map { LastGoodStore(directory: $0) })
    return BundleWatch(
      source, reloader, logger, lookSeconds: settings.reloadSeconds,
      pollSeconds: bundles.pollSeconds)
  }

  private func startAdmin(
    _ server: PosternServer, _ store: TableStore, _ switches: SwitchFile?, _ readiness: Readiness,
    _ settings: ServerConfiguration, _ logger: Logger
  ) -> Task<Void, Never>? {
    guard let address = settings.admin else { return nil }
    var saveSwitches: (@Sendable () throws -> Void)?
    if let switches { saveSwitches = { try switches.save(store) } }
    return Task { [saveSwitches] in
      do {
        try await AdminServer.run(
          on: address, logger: logger, store: store, saveSwitches: saveSwitches,
          metricsRuleCountMax: settings.metricsRuleCountMax, metrics: { server.metrics() },
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

  private func serverConfiguration() throws -> (ServerConfiguration, BundleSettings) {
    var settings = ServerConfiguration()
    var bundles = BundleSettings()
    if let config {
      do {
        let file = try ConfigurationFile(path: config)
        try file.apply(to: &settings, path: config)
        try file.apply(to: &bundles, path: config)
      } catch let problem as ConfigurationFile.Problem {
        printError(problem.description)
        throw ExitStatus.unavailable.code
      }
    }
    if let tables {
      settings.tables = tables
      bundles.source = nil
    }
    try apply(to: &bundles)
    if !listen.isEmpty { settings.listen = try listen.map(address) }
    if let admin { settings.admin = try address(admin) }
    if let loops {
      guard (1...ServerConfiguration.loopCountMax).contains(loops) else {
        throw ValidationError("`--loops \(loops)` is not 1 to \(ServerConfiguration.loopCountMax)")
      }
      settings.loops = loops
    }
    guard config != nil || tables != nil || bundle != nil else {
      throw ValidationError(
        "say where the tables are: --tables DIR, --bundle SOURCE or --config FILE")
    }
    return (settings, bundles)
  }

  private func apply(to bundles: inout BundleSettings) throws {
    guard tables == nil || bundle == nil else {
      throw ValidationError("`--tables` and `--bundle` are both there; keep one")
    }
    if let bundle { bundles.source = bundle }
    if !trust.isEmpty { bundles.trust = trust }
    if let environment { bundles.environment = environment }
    if let state { bundles.state = state }
    if let poll {
      guard poll > 0 else { throw ValidationError("`--poll \(poll)` is less than 1") }
      bundles.pollSeconds = poll
    }
    if insecureUnsignedBundle { bundles.allowsUnsigned = true }
    guard bundles.source == nil || !bundles.trust.isEmpty || bundles.allowsUnsigned else {
      throw ValidationError(
        "no key is trusted: give --trust KEYFILE, or --insecure-unsigned-bundle to serve what"
          + " nobody signed")
    }
  }

  private func address(_ text: String) throws -> ListenAddress {
    guard let address = ListenAddress(text) else {
      throw ValidationError("`\(text)` is no address; write 127.0.0.1:8080 or unix:/run/postern.sock")
    }
    return address
  }
}
