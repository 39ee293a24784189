import Admin
import ArgumentParser

/// `postern admin`: what a running server serves, and its switches.
struct AdminCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "admin",
    abstract: "See what a running server serves; kill, roll back and resume.",
    discussion: """
        postern serve --tables ops/tables --admin 127.0.0.1:8081 &
        postern admin status
        postern admin stats --trigger post-login
        postern admin kill --trigger post-login --table post-login-bots   one table, at once
        postern admin unkill --trigger post-login --table post-login-bots
        postern admin rollback --trigger post-login                       the version before
        postern admin resume --trigger post-login                         the newest again

      Kills and rollbacks act at once, without a restart, and hold through reloads; through restarts \
      too where the server was started with --state DIR. Without --tenant a command means the default \
      tenant; status and stats then mean every tenant. The server obeys processes of its own \
      machine only; each change is logged.

      Exit status: 0 done; 1 the server refused; 2 usage; 3 it cannot be reached.
      """,
    subcommands: [
      AdminStatusCommand.self, AdminVersionsCommand.self, AdminStatsCommand.self,
      AdminKillCommand.self, AdminUnkillCommand.self, AdminRollbackCommand.self,
      AdminResumeCommand.self,
    ])
}

/// Which chain a command means.
struct AdminChainOptions: ParsableArguments {
  @Option(help: "The trigger, such as post-login.")
  var trigger: String

  @Option(help: "The tenant; the default tenant without it.")
  var tenant: String?

  var parameters: [(String, String)] {
    [("trigger", trigger)] + (tenant.map { [("tenant", $0)] } ?? [])
  }
}

/// Which chain, or which table of it, a command means.
struct AdminTargetOptions: ParsableArguments {
  @OptionGroup var chain: AdminChainOptions

  @Option(help: "The table; the whole trigger without it.")
  var table: String?

  var parameters: [(String, String)] { chain.parameters + (table.map { [("table", $0)] } ?? []) }
}

/// Which chains a command shows.
struct AdminFilterOptions: ParsableArguments {
  @Option(help: "Only this trigger.")
  var trigger: String?

  @Option(help: "Only this tenant; '' is the default tenant.")
  var tenant: String?

  var parameters: [(String, String)] {
    [("trigger", trigger), ("tenant", tenant)].compactMap { name, value in
      value.map { (name, $0) }
    }
  }
}

struct AdminStatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "What is served: versions, tables, kills and pins.")

  @OptionGroup var filter: AdminFilterOptions
  @OptionGroup var options: AdminOptions

  func run() async throws {
    try await options.run(text: AdminText.status) { client in
      try await client.get("status", filter.parameters)
    }
  }
}

struct AdminVersionsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "versions", abstract: "The versions of a chain that can be gone back to.")

  @OptionGroup var chain: AdminChainOptions
  @OptionGroup var options: AdminOptions

  func run() async throws {
    try await options.run(text: AdminText.versions) { client in
      try await client.get("versions", chain.parameters)
    }
  }
}

struct AdminStatsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats", abstract: "Hits by rule since each chain was published.")

  @OptionGroup var filter: AdminFilterOptions
  @OptionGroup var options: AdminOptions

  func run() async throws {
    try await options.run(text: AdminText.statistics) { client in
      try await client.get("stats", filter.parameters)
    }
  }
}

struct AdminKillCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kill",
    abstract: "Switch a trigger, or one table of it, off at once.",
    discussion: """
      A killed trigger answers as one without tables: the verdict `onMissing`, flagged missing. A \
      killed table takes no part, as if its mode were off: where no other table is enforced, that \
      means allow.
      """)

  @OptionGroup var target: AdminTargetOptions
  @OptionGroup var options: AdminOptions

  func run() async throws {
    try await options.run(text: AdminText.done) { client in
      try await client.post("kill", target.parameters)
    }
  }
}

struct AdminUnkillCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unkill", abstract: "Switch on what was killed.")

  @OptionGroup var target: AdminTargetOptions
  @OptionGroup var options: AdminOptions

  func run() async throws {
    try await options.run(text: AdminText.done) { client in
      try await client.post("unkill", target.parameters)
    }
  }
}

struct AdminRollbackCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback",
    abstract: "Serve an older version of a chain at once, and hold it.",
    discussion: """
      Later versions are recorded and not served until `postern admin resume`. `postern admin \
      versions` shows the serials.
      """)

  @OptionGroup var chain: AdminChainOptions
  @Option(help: "The version's serial; the one before the one served without it.")
  var to: UInt64?
  @OptionGroup var options: AdminOptions

  func run() async throws {
    try await options.run(text: AdminText.done) { client in
      try await client.post("rollback", chain.parameters + (to.map { [("to", "\($0)")] } ?? []))
    }
  }
}

struct AdminResumeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Serve the newest version again, and those to come.")

  @OptionGroup var chain: AdminChainOptions
  @OptionGroup var options: AdminOptions

  func run() async throws {
    try await options.run(text: AdminText.done) { client in
      try await client.post("resume", chain.parameters)
    }
  }
}
