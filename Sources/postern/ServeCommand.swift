import Admin
import ArgumentParser
import Bundles
import EdgeProofFiles
import Foundation
import Lifecycle
import Logging
import Rules
import Server
import Settings
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
      the log says file, line and column. While one does not say its trigger, none is taken up, unless \
      it is a decision model, by which no login is decided: that is logged, and all others are taken up. \
      To have one beside the tables give it a name without `.table`. SIGTERM and SIGINT stop accepting, \
      finish what has begun, and exit 0.

        postern serve --tables ops/tables --listen 127.0.0.1:8080
        postern serve --config /etc/postern/postern.yaml
        postern serve --bundle tables.bundle --trust release.pub
        postern serve --config postern.yaml --bundle https://cdn.example/t.bundle

      With --bundle it serves compiled tables instead: of a file, of the newest good bundle of a \
      directory, or of an HTTP(S) address that is asked with its ETag. A bundle that is not signed by \
      a trusted key, is older than the one served, has expired or is for another environment is \
      refused, logged and counted, and what was served goes on. With --state the last good one is \
      kept and serves after a restart while its source is gone; without it a restart forgets the serial, \
      and an older bundle is taken again.

      Proof that the edge sent a request (`edgeProof` in the file, ops/edge-proof.md) is read again \
      with its secrets when they change, and on SIGHUP.

      --state also keeps the kills and rollbacks of `postern admin`, in switches.json: they hold through \
      restarts, with --tables as well. Where that file is damaged the server does not start, for nobody \
      would know what is killed: put it back, or remove it to start with nothing killed. The directory is \
      one server's at a time: another one ends with status 3, and a successor (--takeover) has it from \
      the server before.

      With --tls-certificate and --tls-key (`tls` in the file) every TCP address of --listen speaks TLS 1.3, \
      with --tls-client-ca it asks clients for a certificate. The files are read again when they change, \
      and on SIGHUP; while one is wrong the last good ones serve. ops/dev-certs makes some to try.

      With --admin 127.0.0.1:8081 or --admin unix:/run/postern-admin.sock `postern admin` sees what \
      is served, kills and rolls back. That port must not be reachable from outside; it operates for \
      processes of this machine only, wherever it listens.

      A restart that loses nothing: start the next server with the same --takeover PATH while this one \
      runs. It is given the listening sockets, and once it serves this one drains and exits. Sockets of \
      a systemd .socket unit are used in the same way (LISTEN_FDS). systemd is told when the server is \
      ready, reloads and stops (NOTIFY_SOCKET), and the watchdog hears from it while every event loop \
      moves.

      On SIGHUP the file's idleSeconds, drainSeconds and other keys that ops/postern.yaml marks with a \
      star are read again; others take a restart, and the log says which.

      --check reads the file, its secrets, keys and tables, or the bundle of a path, prints every mistake \
      with its place, warns of what is right and should not last, and does not serve. An address is not \
      asked for its bundle.

      Options stand above the file; that --tables stands above a bundle of it is logged, and takes \
      --insecure-unsigned-bundle where that must be signed. Exit status: 0 stopped, or nothing wrong; 1 \
      --check found mistakes; 2 usage; 3 cannot listen or load.
      """)

  @Option(help: "A YAML file of settings; ops/postern.yaml shows them all.")
  var config: String?

  @Option(help: "Directory of *.table.md, *.table.csv and *.table.dmn files.")
  var tables: String?

  @Option(help: "A bundle, a directory of *.bundle files, or an http(s) address, instead of tables.")
  var bundle: String?

  @Option(help: "A file of public keys whose bundles are served. May be repeated.")
  var trust: [String] = []

  @Option(help: "PEM file of the CAs that an https address's certificate is signed by; else the system's.")
  var bundleCA: String?

  @Option(help: "The environment that this server belongs to.")
  var environment: String?

  @Option(help: "Directory in which the last good bundle, kills and rollbacks are kept.")
  var state: String?

  @Option(help: "How often an address is asked for a new bundle, in seconds.")
  var poll: Int?

  @Flag(
    help: """
      Serve bundles that nobody signed, or --tables in place of the signed bundle of --config. Whoever can \
      write them then decides on logins.
      """)
  var insecureUnsignedBundle = false

  @Option(help: "127.0.0.1:8080, [::1]:8080 or unix:/run/postern.sock. May be repeated.")
  var listen: [String] = []

  @OptionGroup(title: "TLS") var tls: ServeTLSOptions

  @Option(
    help: """
      A proxy whose x-forwarded-* headers are believed, an address or a block, in place of those of the \
      settings, or of this host without them. May be repeated.
      """)
  var forwardedFrom: [String] = []

  @Option(help: "Address of /healthz, /readyz, /metrics and `postern admin`. None without it.")
  var admin: String?

  @Option(help: "A path at which the server before hands its sockets over, and this one to the next.")
  var takeover: String?

  @Flag(help: "Say all that is wrong with settings and tables, and do not serve.")
  var check = false

  @Option(help: "Event loops. One a core without it.")
  var loops: Int?

  @Option(help: "trace, debug, info, notice, warning, error or critical.")
  var logLevel = "info"

  @Flag(help: "Log one JSON object a line; with --check, print one object: ok, problems.")
  var json = false

  func run() async throws {
    let told = try readSettings()
    if check { return try report(on: told) }
    guard told.problems.isEmpty else {
      for problem in told.problems { printError(problem) }
      throw ExitStatus.unavailable.code
    }
    let logger = try makeLogger()
    PosternServer.raiseDescriptorLimit()
    do {
      try await serve(told, logger)
    } catch let error as ServerError {
      complain(error.description)
      throw ExitStatus.unavailable.code
    } catch let error as TakeoverError {
      complain(error.description)
      throw ExitStatus.unavailable.code
    }
  }

  private func serve(_ told: ServeSettings, _ logger: Logger) async throws {
    let settings = told.server
    try lookAtLibrary(logger)
    let manager = ServiceManager()
    let before = try settings.takeover.flatMap { path throws(TakeoverError) in
      try Takeover.begin(at: path)
    }
    let store = TableStore(
      loopCountMax: settings.loopCount, versionsKept: settings.versionsKept,
      now: { Int64(Date().timeIntervalSince1970) })
    let state = try takeState(told.bundles, isSuccessor: before != nil)
    let switches = state.map { SwitchFile(in: $0) }
    let keeper = switches.map { file in SwitchKeeper { try file.save(store) } }
    let kept = try restore(switches, store, logger)
    let feed = try makeFeed(settings, told.bundles, state, store, logger)
    guard await feed.start() else { throw ExitStatus.unavailable.code }
    // Before anybody can know that we serve: a signal that comes right after is not missed.
    let signals = await UnixSignalsSequence(trapping: .sighup, .sigterm, .sigint)
    let handed = handedSockets(before, logger)
    let server = try await PosternServer.start(
      settings, handed: handed, store: store, logger: logger)
    for address in server.addresses { logger.info("listening on \(address)") }
    for warning in told.warnings + settings.warnings { logger.warning("\(warning)") }
    let tlsWatch = TLSWatch(doors: server.tls, seconds: settings.reloadSeconds)
    let proof = told.edgeProof.map {
      EdgeProofWatch($0, using: settings.edgeProof, server, logger, seconds: settings.reloadSeconds)
    }
    let configuration = config.flatMap { path in
      told.file.map { ConfigurationWatch(path, using: $0, server, logger) }
    }
    let readiness = Readiness(feed)
    let succession = state.flatMap { state in
      keeper.map { StateSuccession(directory: state, switches: $0, feed: feed, logger: logger) }
    }
    if let before {
      do throws(TakeoverError) {
        try before.finish()
        server.removeFilesLeft()
        logger.info("took over from the server before")
      } catch {
        // We accept, and the server before may be gone: to end now would leave nobody.
        logger.error("serving on, on the sockets taken over: \(error)")
      }
      await succession?.begin()
      // Nothing is switched there any more: its admin port was gone before it answered.
      if let switches, let now = try? switches.load() {
        SwitchCatchUp(store: store, logger: logger).apply(now, after: kept)
      }
    }
    let admin = startAdmin(
      server, store, keeper, readiness, settings, logger, isSuccessor: before != nil)
    let point = try makePoint(settings, logger, isSuccessor: before != nil)
    let tasks: [Task<Void, Never>] = [
      Task { await feed.run() }, Task { await proof?.run() }, Task { await tlsWatch.run() },
      Task { await succession?.insist() },
      Task { if let manager { await Watchdog(manager: manager, server: server, logger: logger).run() } },
    ]
    manager?.notify(.ready, status: "serving")
    let events = ServeEvents(signals, point, of: server, logger)
    var isHandedOver = false
    var reload: Task<Void, Never>?
    for await event in events.stream {
      if event == .reload {
        // Beside this loop: a source that does not answer keeps nobody from stopping, nor the next reload.
        reload?.cancel()
        reload = Task { [before = reload] in
          await before?.value
          manager?.notify(.reloading)
          await configuration?.look()
          await proof?.look(force: true)
          tlsWatch.force()
          await feed.look(force: true)
          if !Task.isCancelled { manager?.notify(.ready) }
        }
        continue
      }
      isHandedOver = event == .handOver
      break
    }
    logger.info(
      isHandedOver ? "a successor serves; draining" : "stopping",
      metadata: ["drainSeconds": "\(server.drainSeconds)"])
    if !isHandedOver { manager?.notify(.stopping, status: "draining") }
    reload?.cancel()
    readiness.stop()
    if isHandedOver {
      // The successor waits for the admin port.
      admin?.cancel()
      await admin?.value
      // And for the state directory, in which we write nothing any more.
      state?.release()
      await server.stopAccepting(isHandedOver: true)
      point?.release()
    }
    point?.close()
    events.end()
    for task in tasks.dropLast() { task.cancel() }
    await server.stop()
    tasks.last?.cancel()
    admin?.cancel()
    logger.info("stopped")
  }

  private func makeFeed(
    _ settings: ServerConfiguration, _ bundles: BundleSettings, _ state: StateDirectory?,
    _ store: TableStore, _ logger: Logger
  ) throws -> any TableFeed {
    let triggers = TriggerRegistry(own: settings.triggers).names
    guard let source = bundles.source else {
      let models = TableDirectory.models(in: settings.tables)
      if !models.isEmpty {
        logger.info(
          "not served, as their names do not end in .table.dmn",
          metadata: ["files": "\(models.joined(separator: ", "))"])
      }
      return TableWatch(
        reloader: TableReloader(directory: settings.tables, triggers: triggers, store: store),
        logger: logger, seconds: settings.reloadSeconds)
    }
    if bundles.allowsUnsigned {
      logger.warning("bundles that nobody signed are served: --insecure-unsigned-bundle")
    }
    let reloader = BundleReloader(
      policy: try bundles.policy(triggers: triggers), store: store,
      lastGood: state.map { LastGoodStore(in: $0) })
    do throws(BundleError) {
      return try BundleWatch(bundles, source, reloader, logger, lookSeconds: settings.reloadSeconds)
    } catch {
      complain(error.message)
      throw ExitStatus.unavailable.code
    }
  }

  /// LIMIT: how long a successor waits for the admin port of the server before, which gives it up as
  /// soon as its successor serves.
  private static let adminPatience = Duration.seconds(30)

  private func startAdmin(
    _ server: PosternServer, _ store: TableStore, _ switches: SwitchKeeper?, _ readiness: Readiness,
    _ settings: ServerConfiguration, _ logger: Logger, isSuccessor: Bool
  ) -> Task<Void, Never>? {
    guard let address = settings.admin else { return nil }
    let patience = isSuccessor ? Self.adminPatience : .zero
    return Task {
      let lastAttempt = ContinuousClock.now + patience
      while true {
        do {
          return try await AdminServer.run(
            on: address, logger: logger, store: store, switches: switches,
            metricsRuleCountMax: settings.metricsRuleCountMax,
            hungLoops: { await server.hungLoops() }, metrics: { server.metrics() },
            status: { readiness.status() }, onListening: { logger.info("admin on \($0)") })
        } catch where ContinuousClock.now < lastAttempt && !Task.isCancelled {
          // The server before still has the port.
          try? await Task.sleep(for: .milliseconds(20))
        } catch {
          // Deciding goes on: probes will tell that the admin port is gone.
          return logger.error("the admin port cannot be served: \(error)")
        }
      }
    }
  }

  func makeLogger() throws -> Logger {
    guard let level = Logger.Level(rawValue: logLevel) else {
      throw ValidationError("`--log-level \(logLevel)` is none of trace ... critical")
    }
    var logger = Logger(label: "postern") { label -> any LogHandler in
      if json { JSONLogHandler() } else { StreamLogHandler.standardError(label: label) }
    }
    logger.logLevel = level
    return logger
  }
}
