import EdgeProof
import EdgeProofFiles
import Logging
import Server

/// Reads the settings of edge proof and their secrets again when one of their files changes, and gives
/// them to the server. While one is wrong, the last right ones hold.
actor EdgeProofWatch {
  private var file: EdgeProofFile
  private var used: EdgeProofSettings
  private let server: PosternServer
  private let logger: Logger
  /// How often it looks; 0 is never.
  private let seconds: Int

  /// `file` has been read, and `used` is what was in it.
  init(
    _ file: EdgeProofFile, using used: EdgeProofSettings, _ server: PosternServer, _ logger: Logger,
    seconds: Int
  ) {
    self.file = file
    self.used = used
    self.server = server
    self.logger = logger
    self.seconds = seconds
  }

  /// Looks now and then until the task is cancelled.
  func run() async {
    guard seconds > 0 else { return }
    while (try? await Task.sleep(for: .seconds(seconds))) != nil { await look(force: false) }
  }

  /// Looks once; with `force` it reads whatever is there.
  func look(force: Bool) async {
    guard force || file.hasSettledChange() else { return }
    do {
      let settings = try file.read()
      guard settings != used else { return }
      try await server.use(settings)
      used = settings
      logger.info("edge proof changed", metadata: settings.summary)
      for warning in settings.warnings { logger.warning("\(warning)") }
    } catch {
      server.countRefusedEdgeProof()
      for problem in (error as? EdgeProofFileError)?.problems ?? [] { logger.error("\(problem)") }
      logger.error("edge proof refused; the last right settings and secrets hold")
    }
  }
}

extension EdgeProofSettings {
  /// What a log may say of them: never a secret.
  var summary: Logger.Metadata {
    [
      "mode": "\(mode.rawValue)", "keys": "\((g2o?.keys ?? []).map(\.id).joined(separator: " "))",
      "sharedSecrets": "\(secrets.count)",
      "tenants": "\(tenants.map { "\($0.key):\($0.value.rawValue)" }.sorted().joined(separator: " "))",
    ]
  }
}
