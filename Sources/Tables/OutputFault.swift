import Wire

/// Why an output of a table whose matches are all hits does not fit into replies.
public struct OutputFault: Error, Equatable, Sendable {
  public enum Reason: Equatable, Sendable {
    /// Values that are to be one number and have no exact sum in 64 bits.
    case noExactSum
    /// Its list may have so many bytes.
    case longList(byteCount: Int)
  }

  public var table: String
  public var kind: OutputKind
  /// Of a claim or a metadata entry.
  public var name: String
  public var reason: Reason

  /// LIMIT: bytes of one output of a reply: its length field has 16 bits, and a proxy takes no more
  /// of a header.
  public static let listByteCountMax = 60_000
}

extension OutputFault: CustomStringConvertible {
  /// What is wrong with the output, and what to do.
  public var description: String {
    switch reason {
    case .noExactSum:
      "its values may have no exact sum: at as many decimal places as the longest has, each is of"
        + " \(DecimalNumber.digitCountMax) digits, and all without their signs add up to"
        + " \(Int64.max), at most; write smaller numbers, or fewer decimal places"
    case .longList(let byteCount):
      "its list may have \(byteCount) bytes, of all the rules that some value of one column allows, 5"
        + " of each that has no value; \(Self.listByteCountMax) is the most: write shorter values, tell the"
        + " rules apart in one column that is no list, or split the table"
    }
  }
}

extension TablePlan {
  /// The outputs that do not fit into replies, in no order that means anything; none where only the first
  /// match is a hit. O(rules × outputs), and, where all rules together would not fit, O(rows × words).
  public func outputFaults() -> [OutputFault] {
    guard hits == .all else { return [] }
    var faults: [OutputFault] = []
    for output in aggregations where scale(of: output) == nil {
      faults.append(
        OutputFault(table: name, kind: output.kind, name: output.name, reason: .noExactSum))
    }
    let aggregated = Set(aggregations.map { OutputIdentity(kind: $0.kind, name: $0.name) })
    // By output, the bytes that each rule has more in the list than a null.
    var byteCounts: [OutputIdentity: (output: DecisionReply.Output, more: [Int])] = [:]
    for (index, rule) in rules.enumerated() {
      for output in rule.outputs {
        let identity = OutputIdentity(output)
        if aggregated.contains(identity) { continue }
        let byteCount = element(output).utf8.count - OutputMerge.nullByteCount
        byteCounts[identity, default: (output, [Int](repeating: 0, count: rules.count))].more[index] =
          byteCount
      }
    }
    for (output, more) in byteCounts.values {
      // A comma behind each but the last, and brackets.
      let byteCount = 1 + heaviestHits { more[$0] + OutputMerge.nullByteCount + 1 }
      if byteCount > OutputFault.listByteCountMax {
        faults.append(
          OutputFault(
            table: name, kind: output.kind, name: output.name,
            reason: .longList(byteCount: byteCount)))
      }
    }
    return faults.sorted { ($0.kind.rawValue, $0.name) < ($1.kind.rawValue, $1.name) }
  }

  /// The decimal places at which the values of an aggregated output are added up; `nil` where their sum
  /// might not be exact.
  func scale(of aggregation: OutputAggregation) -> Int? {
    let values = rules.lazy.flatMap(\.outputs)
      .filter { $0.kind == aggregation.kind && $0.name == aggregation.name }
    let numbers = values.map { DecimalNumber($0.value) }
    let scale = numbers.compactMap { $0?.scale }.max() ?? 0
    var total: Int64 = 0
    for number in numbers {
      guard let value = number?.value(atScale: scale),
        case let (sum, overflow) = total.addingReportingOverflow(Int64(value.magnitude)), !overflow
      else { return nil }
      total = sum
    }
    return scale
  }

  /// An output's value as an element of a JSON array.
  func element(_ output: DecisionReply.Output) -> String {
    plainOutputs.contains(OutputIdentity(output)) ? output.value : jsonString(output.value)
  }

  /// At most what rules that match at once have together, each of its weight: an input selects one row of
  /// each column that is no list, so it is no more than the heaviest row of any.
  func heaviestHits(_ weight: (_ rule: Int) -> Int) -> Int {
    var bound = rules.indices.reduce(0) { $0 + weight($1) }
    for column in columns where !column.isList && bound > OutputFault.listByteCountMax {
      bound = min(bound, column.heaviestRow { $0 < rules.count ? weight($0) : 0 })
    }
    return bound
  }
}

extension ColumnPlan {
  fileprivate func heaviestRow(_ weight: (_ rule: Int) -> Int) -> Int {
    func sum(_ bits: UInt64, ofWord word: Int) -> Int {
      var bits = bits
      var sum = 0
      while bits != 0 {
        sum += weight(word * 64 + bits.trailingZeroBitCount)
        bits &= bits - 1
      }
      return sum
    }
    var heaviest = 0
    for row in stateRows {
      heaviest = max(heaviest, row.indices.reduce(0) { $0 + sum(row[$1], ofWord: $1) })
    }
    var row = Row(repeating: 0, count: classes.wordCount)
    var own = 0
    classes.forEachRow { changes in
      for change in changes {
        let before = row[change.word]
        own += sum(change.bits & ~before, ofWord: change.word)
        own -= sum(before & ~change.bits, ofWord: change.word)
        row[change.word] = change.bits
      }
      heaviest = max(heaviest, own)
    }
    return heaviest
  }
}
