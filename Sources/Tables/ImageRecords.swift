import Signals
import Wire

/// The records of a chain image: fixed-width, little-endian, every offset in bytes from the image's
/// first byte. Nothing in an image is a pointer, so it may be mapped anywhere.
///
/// | section | content |
/// |---|---|
/// | header | `ImageHeader` |
/// | slots | `SlotDescriptor` and, behind them, `ByteRange` of each signal's name, by slot |
/// | inputs | `InputRecord` |
/// | lookups | by `InputRecord.Kind` |
/// | tables | `TableRecord`, in the order of the chain |
/// | columns, rules, outputs | `ColumnRecord`, `RuleRecord`, `OutputRecord`, by table |
/// | rows | 64-byte aligned words of bits; of a clustered table, `ClusterRecord` |
/// | groups | `LaneGroup` and `JointGroup` of tables that are evaluated together |
/// | text | names, members, encoded outputs |
struct ImageHeader: BitwiseCopyable {
  static let magic: UInt32 = 0x4E54_5350  // "PSTN"
  static let formatVersion: UInt32 = 13

  var magic = Self.magic
  var formatVersion = Self.formatVersion
  var byteCount: UInt32 = 0
  var slotCount: UInt32 = 0
  var slotsOffset: UInt32 = 0
  var slotNamesOffset: UInt32 = 0
  var inputsOffset: UInt32 = 0
  var inputEnds = InputEnds()
  var tableCount: UInt32 = 0
  /// The first of the tables; the others are shadows.
  var liveTableCount: UInt32 = 0
  var tablesOffset: UInt32 = 0
  var text = ByteRange.empty
  var onLate: UInt32 = 0
  /// The headers that the slots are read from.
  var headers: SchemaView.Headers = []
  /// Of the `LaneGroup`; 0 where there is none.
  var lanesOffset: UInt32 = 0
  /// Of the `JointGroup`; 0 where there is none.
  var jointOffset: UInt32 = 0
}

/// What every evaluation reads of a table. 36 bytes: it is loaded whole, once a decision.
struct TableRecord: BitwiseCopyable {
  var columnsOffset: UInt32 = 0
  var columnCount: UInt16 = 0
  /// The columns that hold no lists: they come first.
  var plainColumnCount: UInt16 = 0
  var rulesOffset: UInt32 = 0
  var ruleCount: UInt32 = 0
  /// Those of the largest where the table is one of a `LaneGroup`; 0 where it is clustered: then its rows are
  /// as `ClusterRecord` says.
  var wordsPerRow: UInt32 = 0
  var mode: UInt32 = 0
  var flags: TableFlags = []
  /// Of its `TableDetails`.
  var detailsOffset: UInt32 = 0
  /// Bytes from a row to the next: its words, the blocks that they lie in where the table is one of a
  /// `LaneGroup`, or the offsets of its branches.
  var rowByteCount: UInt32 = 0

  /// Rows of more than a word come in whole 64-byte blocks.
  static func wordsPerRow(ruleCount: Int) -> Int {
    ruleCount <= 64 ? 1 : (ruleCount + 511) / 512 * 8
  }

  @inline(__always)
  var isClustered: Bool { wordsPerRow == 0 }

  /// Bytes from a word of a row to the next; 0 where the table is clustered.
  var wordByteCount: Int { isClustered ? 0 : Int(rowByteCount / wordsPerRow) }
}

/// What replies, reports and unusual tables need of a table.
struct TableDetails: BitwiseCopyable {
  var version: UInt64 = 0
  var name = ByteRange.empty
  /// 0 for a live table, 1 for a shadow of the chain, 2 + t for one of table t.
  var role: UInt32 = 0
  var aggregationsOffset: UInt32 = 0
  var aggregationCount: UInt32 = 0
  var canary = CanaryRecord()
  /// Of a clustered table; zeros for any other.
  var clusters = ClusterRecord()
  /// Its word on late requests.
  var onLate: UInt32 = 0
}

/// What makes a table more than a first match that decides.
struct TableFlags: OptionSet, BitwiseCopyable {
  let rawValue: UInt32

  /// All rules that match are hits.
  static let hitsAll = TableFlags(rawValue: 1 << 0)
  /// The last rule is a hit only where no other is.
  static let hasDefault = TableFlags(rawValue: 1 << 1)
  /// Some rules have a mode or a canary of their own.
  static let hasRuleModes = TableFlags(rawValue: 1 << 2)
  /// The table is enforced for some users or sessions only.
  static let hasCanary = TableFlags(rawValue: 1 << 3)

  /// The table is one of a `JointGroup`.
  static let isJoint = TableFlags(rawValue: 1 << 4)

  static let known: TableFlags = [.hitsAll, .hasDefault, .hasRuleModes, .hasCanary, .isJoint]
}

struct CanaryRecord: BitwiseCopyable {
  static let nobodyExcluded = UInt32(10_000)

  var slot: UInt32 = 0
  /// Who hashes below it, of 10,000, is in. 10,000: everybody, and `slot` means nothing.
  var bound: UInt32 = Self.nobodyExcluded
}

/// How one output of a table whose matches are all hits becomes a number.
struct AggregationRecord: BitwiseCopyable {
  var key: UInt32 = 0
  /// 0 sum, 1 smallest, 2 largest.
  var function: UInt32 = 0
  /// Decimal places of the numbers.
  var scale: UInt32 = 0
  var reserved: UInt32 = 0
}

/// A table's columns lie in the order of their inputs; those of a clustered table by how few bits their rows
/// have, rows in full before the others, and lists behind them.
struct ColumnRecord: BitwiseCopyable {
  /// The index of its `InputRecord`.
  var input: UInt32 = 0
  /// Rows: `InputRecord.stateRowCount` of states, then `rowCount` of the input's classes. One of lists has
  /// a row before these, of the rules that allow every list, the absent one too: for them, no list is
  /// looked at.
  var rowsOffset: UInt32 = 0
}

struct RuleRecord: BitwiseCopyable {
  var verdict: UInt32 = 0
  var number: UInt32 = 0
  /// The outputs, those that only the deciding rule gives before the others.
  var outputsOffset: UInt32 = 0
  var outputCount: UInt32 = 0
  var name = ByteRange.empty
  /// All outputs, encoded, one behind the other: what a reply has where no other rule has a part.
  var encodedOutputs = ByteRange.empty
  var mode: UInt32 = UInt32(Mode.enforce.rawValue)
  var canary = CanaryRecord()
  var reserved: UInt32 = 0
}

struct OutputRecord: BitwiseCopyable {
  /// LIMIT: the reply format has one byte for it.
  static let nameByteCountMax = 255
  /// LIMIT: texts for people and claims; a reply carries at most one of each kind and name.
  static let valueByteCountMax = 4096

  /// Bit of the chain's output key: the same kind and name have the same bit.
  var key: UInt32 = 0
  var reserved: UInt32 = 0
  /// Encoded as in a reply (proto-spec 5.3).
  var encoded = ByteRange.empty
  /// The value as an element of a JSON array. Empty where it never is one: of a table with one hit,
  /// of the names of table and rule, and of an output that is aggregated.
  var element = ByteRange.empty
  /// The value as a whole number of the aggregation's decimal places; 0 where there is none.
  var number: Int64 = 0
}

/// The keys of outputs that say which rule gave the verdict and why. They come from the deciding
/// table; all other keys from the last table that set them.
enum OutputKey {
  static let table: UInt32 = 0
  static let rule: UInt32 = 1
  static let reason: UInt32 = 2
  static let code: UInt32 = 3
  static let message: UInt32 = 4
  static let obligation: UInt32 = 5
  static let firstNamed: UInt32 = 6
  /// LIMIT: keys are bits of one word.
  static let countMax: UInt32 = 64

  /// Table and rule, as bits.
  static let identity: UInt64 = 1 << UInt64(table) | 1 << UInt64(rule)
  /// What only the deciding table gives as long as it has it, as bits.
  static let decidersOwn: UInt64 =
    1 << UInt64(reason) | 1 << UInt64(code) | 1 << UInt64(message)

  static func fixed(_ kind: OutputKind) -> UInt32? {
    switch kind {
    case .table: table
    case .rule: rule
    case .reason: reason
    case .code: code
    case .message: message
    case .obligation: obligation
    case .claim, .metadata, .explanation, .part: nil
    }
  }
}
