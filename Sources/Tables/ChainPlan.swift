import Signals
import Wire

/// A trigger's tables, compiled but not laid out yet: what `Rules` makes and `ChainImage` takes.
public struct ChainPlan: Sendable {
  /// LIMIT: tables a chain may hold, shadows aside.
  public static let tableCountMax = 16
  /// LIMIT: candidate tables that run beside a chain.
  public static let shadowCountMax = 8

  /// The signals that the tables read, by slot. No two are the same.
  public var signals: [Signal]
  /// In the order in which they run; shadows behind the others.
  public var tables: [TablePlan]
  /// The verdict when a request's budget runs out before its turn: of the enforced tables the strictest,
  /// where none of them is killed or a canary.
  public var onLate: Verdict

  public init(signals: [Signal], tables: [TablePlan], onLate: Verdict) {
    self.signals = signals
    self.tables = tables
    self.onLate = onLate
  }
}

/// One table: rules as bits, columns as partitions whose classes each own a row of bits.
public struct TablePlan: Sendable {
  /// LIMIT: input columns a table may have.
  public static let columnCountMax = 64
  /// LIMIT: design section 5's largest tier.
  public static let ruleCountMax = 100_000

  public var name: String
  /// Digest of the source; never 0.
  public var version: UInt64
  public var mode: Mode
  public var columns: [ColumnPlan]
  /// In the order of their bits. Those whose bit is set in every column's row match.
  public var rules: [RulePlan]
  public var hits: HitMode
  /// What becomes of outputs where all rules that match are hits: those named here are aggregated,
  /// every other is the list of the hits' values, in the order of the bits.
  public var aggregations: [OutputAggregation]
  /// The outputs whose values are numbers or booleans of JSON: elements of a list as they stand. All
  /// others are strings there.
  public var plainOutputs: Set<OutputIdentity>
  /// Whether the last rule, which matches everything, is a hit only where no other is.
  public var hasDefault: Bool
  public var role: TableRole
  /// Whom the table is enforced for, where its mode is `enforce`; `nil` for everybody.
  public var canary: CanaryPlan?
  /// Its word on requests whose budget runs out before their turn.
  public var onLate: Verdict

  public init(
    name: String, version: UInt64, mode: Mode, columns: [ColumnPlan], rules: [RulePlan],
    hits: HitMode = .first, aggregations: [OutputAggregation] = [],
    plainOutputs: Set<OutputIdentity> = [], hasDefault: Bool = false,
    role: TableRole = .live, canary: CanaryPlan? = nil, onLate: Verdict = .allow
  ) {
    self.name = name
    self.version = version
    self.mode = mode
    self.columns = columns
    self.rules = rules
    self.hits = hits
    self.aggregations = aggregations
    self.plainOutputs = plainOutputs
    self.hasDefault = hasDefault
    self.role = role
    self.canary = canary
    self.onLate = onLate
  }
}

/// What part a table has in its chain.
public enum TableRole: Equatable, Sendable {
  /// It has a say in the verdict.
  case live
  /// A candidate, compared with the verdict of the whole chain.
  case shadowOfChain
  /// A candidate, compared with the verdict of one live table, by its index.
  case shadowOfTable(Int)
}

/// The share of users or sessions that a table or a rule is enforced for; for the rest it is
/// audited. Who is in it is a matter of a hash of the key and of the table's name.
public struct CanaryPlan: Equatable, Sendable {
  /// The slot of the key, a string.
  public var slot: Int
  /// Hundredths of a percent, 0 to 10,000.
  public var basisPoints: Int

  public init(slot: Int, basisPoints: Int) {
    self.slot = slot
    self.basisPoints = basisPoints
  }
}

/// Which of the rules that match are a table's hits.
public enum HitMode: Equatable, Sendable {
  /// The one with the lowest bit.
  case first
  /// All of them. The table's verdict is the strongest of theirs, and the first of the hits that
  /// has it is the rule that gave it.
  case all
}

/// How the values of an output, all of them decimal numbers, become one number.
public struct OutputAggregation: Equatable, Sendable {
  public enum Function: Equatable, Sendable {
    case sum
    case min
    case max
  }

  public var kind: OutputKind
  /// Of a claim or a metadata entry.
  public var name: String
  public var function: Function

  public init(kind: OutputKind, name: String, function: Function) {
    self.kind = kind
    self.name = name
    self.function = function
  }
}

/// One rule's answer.
public struct RulePlan: Sendable {
  /// Empty where the rule has none.
  public var name: String
  /// Counted from 1 in the table's source.
  public var number: Int
  public var verdict: Verdict
  /// Reason, code, message, obligation, claims, metadata.
  public var outputs: [DecisionReply.Output]
  /// It can weaken the table's mode, not strengthen it. Not `off`: such a rule is no part of a plan.
  public var mode: Mode
  /// Whom the rule is enforced for; `nil` for everybody.
  public var canary: CanaryPlan?

  public init(
    name: String, number: Int, verdict: Verdict, outputs: [DecisionReply.Output],
    mode: Mode = .enforce, canary: CanaryPlan? = nil
  ) {
    self.name = name
    self.number = number
    self.verdict = verdict
    self.outputs = outputs
    self.mode = mode
    self.canary = canary
  }
}

/// One input column: the classes of its signal's values, and which rules each class allows.
///
/// A row has one bit a rule: bit `r % 64` of word `r / 64`.
/// INVARIANT (tail-clear): bits past the last rule are zero in every row.
public struct ColumnPlan: Sendable {
  public typealias Row = [UInt64]

  /// The slot of its signal.
  public var slot: Int
  public var partition: Partition
  /// The rows of `absent`, `invalid` and `unverified`, in that order.
  public var stateRows: [Row]
  /// The rows of the partition's classes, in its order.
  public var classes: RowSequence

  public init(slot: Int, partition: Partition, stateRows: [Row], classes: RowSequence) {
    self.slot = slot
    self.partition = partition
    self.stateRows = stateRows
    self.classes = classes
  }

  /// With the rows of the classes in full, all of one length.
  public init(slot: Int, partition: Partition, stateRows: [Row], classRows: [Row]) {
    self.init(
      slot: slot, partition: partition, stateRows: stateRows, classes: RowSequence(classRows))
  }

  /// The rows of the classes in full. Reading and writing them is O(rows × words).
  public var classRows: [Row] {
    get { classes.rows }
    set { classes = RowSequence(newValue) }
  }
}

/// How a signal's values fall into classes.
public enum Partition: Equatable, Sendable {
  /// Whole numbers from 0 (a number signal with `wholeMax`), a boolean or an enumeration: value
  /// `v` is of class `classes[v]`. Class count: one more than the largest.
  case direct(classes: [Int])
  /// Ascending boundaries b0 < b1 < ...: classes are (-inf, b0), {b0}, (b0, b1), {b1}, ...,
  /// (b-last, +inf). 2n + 1 classes.
  case numbers(boundaries: [Double])
  /// Class 0 is every other text; `members[m]` (folded where the signal folds case) is of class
  /// `classes[m]`, which is 1 or more.
  case strings(members: [String], classes: [Int])
  /// Ascending starts s0 < s1 < ...: [0, s0) is of class `classes[0]`, [s0, s1) of `classes[1]`, ...,
  /// [s-last, max] of the last. Class count: one more than the largest.
  case addresses(starts: [UInt128], classes: [Int])
  /// A set of texts, `members[m]` of class `classes[m]`. Row 0: the rules that no member is needed
  /// for. Row 1 + 2c: the rules that a member of class c is enough for. Row 2 + 2c: the rules that it
  /// rules out.
  /// The column's row is (row 0 or any row 1 + 2c) and not any row 2 + 2c, over the members there.
  case list(members: [String], classes: [Int])

  /// How many class rows a column with this partition has.
  public var rowCount: Int {
    switch self {
    case .direct(let classes), .addresses(_, let classes): (classes.max() ?? -1) + 1
    case .numbers(let boundaries): 2 * boundaries.count + 1
    case .strings(_, let classes): (classes.max() ?? 0) + 1
    case .list(_, let classes): 2 * ((classes.max() ?? -1) + 1) + 1
    }
  }

  /// Texts that are each a class of their own: `members[m]` is class m + 1.
  public static func strings(members: [String]) -> Partition {
    .strings(members: members, classes: members.indices.map { $0 + 1 })
  }

  /// Stretches of addresses that are each a class of their own, in order.
  public static func addresses(starts: [UInt128]) -> Partition {
    .addresses(starts: starts, classes: Array(0...starts.count))
  }

  /// Members that are each a class of their own: `members[m]` is class m.
  public static func list(members: [String]) -> Partition {
    .list(members: members, classes: Array(members.indices))
  }
}
