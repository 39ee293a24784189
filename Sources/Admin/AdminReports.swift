/// What the operating half of the admin port answers, as JSON. `postern admin` reads the same types.
public enum AdminReport {
  /// LIMIT: chains in one answer; name a tenant or a trigger to see the rest.
  public static let chainCountMax = 1000
  /// LIMIT: rules listed of one table; of a larger one only those with hits are.
  public static let ruleCountMax = 1000

  public struct Table: Codable, Sendable {
    public var name: String
    /// Digest of its source, 16 hexadecimal digits.
    public var version: String
    /// `enforce`, `canary`, `advisory` or `audit`, or `shadow` for a candidate.
    public var mode: String
    /// Of a canary: the share that it is enforced for; the rest is audited.
    public var canaryPercent: Double?
    public var rules: Int
  }

  public struct Version: Codable, Sendable {
    public var serial: UInt64
    /// Seconds since 1970.
    public var time: Int64
    public var tables: [Table]
  }

  /// One (tenant, trigger).
  public struct Chain: Codable, Sendable {
    public var tenant: String
    public var trigger: String
    public var killed: Bool
    public var killedTables: [String]
    public var pinned: Bool
    /// `true` where a version was pinned before the start that this server could not read: the newest is
    /// served until somebody rolls back or resumes.
    public var pinLost: Bool?
    /// Of the newest publication; not the one served where that is pinned.
    public var newestSerial: UInt64
    /// `nil` where no tables are published any more.
    public var served: Version?
  }

  public struct Status: Codable, Sendable {
    public var chains: [Chain]
    /// Chains beyond `chainCountMax`.
    public var omitted: Int
    /// Whether kills and pins as they are now are kept for a restart: the server was started with a state
    /// directory, and could write them down.
    public var survivesRestart: Bool
    /// Why it could not.
    public var notKept: String?
  }

  public struct Versions: Codable, Sendable {
    public var chain: Chain
    /// The newest first.
    public var versions: [Version]
  }

  public struct RuleStatistics: Codable, Sendable {
    public var number: Int
    public var name: String
    public var verdict: String
    public var enforced: UInt64
    public var wouldBe: UInt64
  }

  /// What a candidate said beside what is live, as often as both said so.
  public struct ShadowOutcome: Codable, Sendable {
    /// A verdict, or `none` where no rule matched.
    public var live: String
    public var shadow: String
    public var count: UInt64
  }

  public struct Shadow: Codable, Sendable {
    /// The live table that it is compared with; `nil` for the whole chain.
    public var of: String?
    /// Those that have happened.
    public var outcomes: [ShadowOutcome]
  }

  public struct TableStatistics: Codable, Sendable {
    public var name: String
    public var version: String
    public var mode: String
    /// As in `Table`.
    public var canaryPercent: Double?
    /// Decisions whose verdict it gave.
    public var decided: UInt64
    public var enforced: UInt64
    public var wouldBe: UInt64
    public var rules: [RuleStatistics]
    /// Of a candidate.
    public var shadow: Shadow?
    /// Rules without hits that are not listed.
    public var omitted: Int
  }

  public struct ChainStatistics: Codable, Sendable {
    public var tenant: String
    public var trigger: String
    /// Of the publication that the counts are of.
    public var serial: UInt64
    public var decisions: UInt64
    public var tables: [TableStatistics]
  }

  public struct Statistics: Codable, Sendable {
    public var chains: [ChainStatistics]
    public var omitted: Int
  }

  /// What an operation has done.
  public struct Done: Codable, Sendable {
    public var done: String
    public var chain: Chain
  }

  /// Why it was not done.
  public struct Refusal: Codable, Sendable {
    public struct Problem: Codable, Sendable {
      public var code: String
      public var message: String
    }

    public var error: Problem
  }
}
