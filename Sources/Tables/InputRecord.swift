import Signals
import Wire

/// A signal and a way to divide its values into classes. Columns that divide a signal alike, of
/// whichever tables of the chain, share an input: its value is classified once a decision.
///
/// Inputs lie in the order of their kinds, so that each kind is a loop of its own. 24 bytes.
struct InputRecord: BitwiseCopyable {
  /// LIMIT: every column of every table an input of its own.
  static let countMax =
    (ChainPlan.tableCountMax + ChainPlan.shadowCountMax) * TablePlan.columnCountMax

  enum Kind: UInt16, BitwiseCopyable {
    /// Lookup: `UInt32` class by value.
    case directNumber = 0
    /// Lookup: `UInt32` class by `SignalValue.low`.
    case directIndex = 1
    /// Lookup: `WholeNumberIndex`.
    case wholeNumbers = 2
    /// Lookup: `NumberIndex`.
    case numbers = 3
    /// Lookup: `MemberIndex`; row 1 + c for class c.
    case strings = 4
    /// Lookup: few ascending starts, each a high and a low `UInt64`, and behind them a `UInt32` class of
    /// each stretch, that below the first start before the others; or an `AddressIndex` of many.
    case addresses = 5
    /// As `strings`; class c has rows 1 + 2c and 2 + 2c behind row 0.
    case list = 6
  }

  /// The rows of `absent`, `invalid` and `unverified` come before those of the classes.
  static let stateRowCount = 3

  @inline(__always)
  static func stateRow(_ state: SignalState) -> Int { Int(state.rawValue) &- 1 }

  var slot: UInt32 = 0
  var kind: UInt16 = 0
  /// 1 where texts compare without regard to ASCII case.
  var foldsCaseFlag: UInt16 = 0
  /// Rows of classes that each column of the input has.
  var rowCount: UInt32 = 0
  var lookupOffset: UInt32 = 0
  var lookupCount: UInt32 = 0
  var reserved: UInt32 = 0

  var foldsCase: Bool { foldsCaseFlag != 0 }
}

/// Where the inputs of each kind end.
struct InputEnds: BitwiseCopyable, Equatable {
  var directNumbers: UInt16 = 0
  var directIndices: UInt16 = 0
  var wholeNumbers: UInt16 = 0
  var numbers: UInt16 = 0
  var strings: UInt16 = 0
  var addresses: UInt16 = 0
  var lists: UInt16 = 0
  /// Fills the record: bytes that nobody writes would make the same tables different images.
  var reserved: UInt16 = 0

  init() {}

  /// Of inputs in the order of their kinds.
  init(_ kinds: some Sequence<InputRecord.Kind>) {
    for kind in kinds {
      lists += 1
      if kind.rawValue <= InputRecord.Kind.addresses.rawValue { addresses += 1 }
      if kind.rawValue <= InputRecord.Kind.strings.rawValue { strings += 1 }
      if kind.rawValue <= InputRecord.Kind.numbers.rawValue { numbers += 1 }
      if kind.rawValue <= InputRecord.Kind.wholeNumbers.rawValue { wholeNumbers += 1 }
      if kind.rawValue <= InputRecord.Kind.directIndex.rawValue { directIndices += 1 }
      if kind.rawValue <= InputRecord.Kind.directNumber.rawValue { directNumbers += 1 }
    }
  }
}
