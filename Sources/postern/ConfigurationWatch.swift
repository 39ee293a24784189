import Logging
import Server
import Settings

/// Reads the settings file again on SIGHUP, and gives a running server what can be changed.
///
/// A file with a mistake changes nothing. Of one without, what takes a restart is named in the log and
/// left as it is.
actor ConfigurationWatch {
  /// The keys that a running server can be told anew. `edgeProof` is read by a watch of its own.
  static let changeable: Set<String> = [
    "idleSeconds", "drainSeconds", "connectionCountMax", "latencyBoundMilliseconds",
    "turnMicroseconds", "residentByteCountMax",
  ]

  private let path: String
  /// As it was read last, or as it was when the server started.
  private var used: ConfigurationFile
  private let server: PosternServer
  private let logger: Logger

  init(_ path: String, using used: ConfigurationFile, _ server: PosternServer, _ logger: Logger) {
    self.path = path
    self.used = used
    self.server = server
    self.logger = logger
  }

  func look() {
    var problems: [ConfigurationFile.Problem] = []
    var settings = ServerConfiguration()
    let file: ConfigurationFile
    do {
      file = try ConfigurationFile(path: path, problems: &problems)
      file.apply(to: &settings, path: path, problems: &problems)
    } catch {
      problems = [error]
      return refuse(problems)
    }
    guard problems.isEmpty else { return refuse(problems) }
    let changed = file.keys(otherThanIn: used)
    let fixed = changed.subtracting(Self.changeable).sorted()
    if !fixed.isEmpty {
      logger.warning(
        "settings changed that take a restart; they are as they were",
        metadata: ["keys": "\(fixed.joined(separator: " "))"])
    }
    let applied = changed.intersection(Self.changeable).sorted()
    if !applied.isEmpty {
      server.use(settings.running)
      logger.info("settings changed", metadata: ["keys": "\(applied.joined(separator: " "))"])
    }
    used.take(Self.changeable, from: file)
  }

  private func refuse(_ problems: [ConfigurationFile.Problem]) {
    for problem in problems { logger.error("\(problem)") }
    logger.error("settings refused; the last right ones hold")
  }
}

extension ConfigurationFile {
  /// The keys that this file sets otherwise, or does not set any more.
  func keys(otherThanIn other: ConfigurationFile) -> Set<String> {
    Set(texts.keys).union(other.texts.keys).filter { texts[$0] != other.texts[$0] }
  }

  /// Takes over what another file says of some keys.
  mutating func take(_ keys: Set<String>, from other: ConfigurationFile) {
    for key in keys { texts[key] = other.texts[key] }
  }
}
