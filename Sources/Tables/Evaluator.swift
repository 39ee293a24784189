import Signals
import Wire

/// Evaluates compiled chains. One a loop: it owns the memory that an evaluation needs.
///
/// No allocation, lock or reference count per decision; memory grows when a decision has more hits,
/// or a list more members, than any before.
public struct Evaluator: ~Copyable {
  /// The signals of the decision at hand, by slot of the chain's schema.
  public var vector = SignalVector()
  /// The rules that had a part in the last decision: in the order of the chain and, within a table,
  /// of its bits.
  public private(set) var hits = ScratchList<Hit>()
  /// The classes of the signals at hand.
  var classes = InputClasses()
  /// The rows that they select in the table at hand.
  var rows = SelectedRows()
  /// What of the tables of a joint group matches.
  var candidateMatches = CandidateMatches()
  private var shadowOutcomes = InlineArray<8, ShadowOutcome>(
    repeating: ShadowOutcome(table: 0, live: nil, shadow: nil))
  /// What the candidate tables said of the last decision: how many there are.
  public private(set) var shadowCount = 0

  public init() {}

  /// What a candidate table said of the last decision.
  public func shadow(at index: Int) -> ShadowOutcome {
    precondition(index >= 0 && index < shadowCount)
    return shadowOutcomes[index]
  }

  /// Runs the tables of `chain`, in order, on `vector`; its hits are then in `hits`.
  ///
  /// `message` holds the bytes that the vector's texts lie in. `fallback` is the verdict when no
  /// enforced rule matches. A table whose bit is set in `killed` takes no part.
  /// O(inputs + tables × (columns + words of a row)), and for tables whose matches are all hits, O(hits).
  public mutating func evaluate(
    _ chain: ChainView, in message: Span<UInt8>, fallback: Verdict, killed: UInt64 = 0
  ) -> Decision {
    var progress = Progress()
    hits.removeAll()
    classes.classify(&vector, of: chain, in: message)
    let liveTableCount = chain.liveTableCount
    var hasJointMatches = false
    for index in 0..<liveTableCount {
      if killed & 1 &<< UInt64(truncatingIfNeeded: index) != 0 { continue }
      let table = chain.table(index)
      let mode =
        table.flags.contains(.hasCanary) ? canaryMode(table, chain) : table.mode
      progress.strongestMode = max(progress.strongestMode, mode)
      // Past an enforced stop only the strongest mode is still of interest.
      if mode == Mode.off.rawValue || Progress.stops(progress.enforced) { continue }
      if table.flags.subtracting([.hasCanary, .isJoint]).isEmpty {
        let isJoint = table.flags.contains(.isJoint)
        if isJoint {
          findJointMatches(of: chain, in: message)
          hasJointMatches = true
        }
        guard let rule = isJoint ? candidateMatches.live : firstMatch(table, of: chain, in: message)
        else { continue }
        let isEnforced = mode == Mode.enforce.rawValue
        note(
          Hit(table: UInt32(truncatingIfNeeded: index), rule: UInt32(truncatingIfNeeded: rule),
            isEnforced: isEnforced),
          chain.rule(rule, of: table).verdict, &progress)
        progress.endTable()
      } else {
        noteMatches(table, at: index, mode: mode, of: chain, in: message, &progress)
        progress.endTable()
      }
    }
    let decision = decision(of: progress, chain, fallback: fallback)
    shadowCount = 0
    if chain.tableCount > liveTableCount {
      runShadows(chain, in: message, decision, killed: killed, hasJointMatches: hasJointMatches)
    }
    return decision
  }

  /// How far a decision has come. Verdicts are raw values; 0 stands for none.
  struct Progress {
    var enforced: UInt32 = 0
    var wouldBe: UInt32 = 0
    var strongestMode: UInt32 = 0
    var decidingHit: Int?
    /// Whether an earlier table would have stopped the chain.
    private var wouldHaveStopped = false

    static func stops(_ verdict: UInt32) -> Bool { verdict >= Verdict.deny.rawValue }

    @inline(__always)
    mutating func note(_ verdict: UInt32, isEnforced: Bool, countsForWouldBe: Bool, at hit: Int) {
      if countsForWouldBe, !wouldHaveStopped { wouldBe = max(wouldBe, verdict) }
      if isEnforced, verdict > enforced {
        enforced = verdict
        decidingHit = hit
      }
    }

    @inline(__always)
    mutating func endTable() { wouldHaveStopped = Self.stops(wouldBe) }
  }

  @inline(__always)
  mutating func note(
    _ hit: Hit, _ verdict: UInt32, countsForWouldBe: Bool = true, _ progress: inout Progress
  ) {
    progress.note(
      verdict, isEnforced: hit.isEnforced, countsForWouldBe: countsForWouldBe, at: hits.count)
    hits.append(hit)
  }

  // These functions change nothing. They are `mutating` all the same: Swift 6.3 copies all of a
  // `~Copyable` struct to lend it to a function that is not.

  @inline(__always)
  private mutating func decision(
    of progress: Progress, _ chain: ChainView, fallback: Verdict
  ) -> Decision {
    var decision = Decision(
      .allow, mode: chain.mode(progress.strongestMode),
      flags: vector.mayBeBroken ? brokenFlags(chain) : [])
    if progress.enforced != 0 {
      decision.verdict = chain.verdict(progress.enforced)
    } else if progress.strongestMode == Mode.enforce.rawValue {
      decision.verdict = fallback
      decision.flags.insert(.noMatch)
    }
    decision.decidingHit = progress.decidingHit
    decision.wouldBe =
      progress.wouldBe == 0 ? decision.verdict : chain.verdict(progress.wouldBe)
    return decision
  }

  /// The flags that tell of broken signals among those the chain reads.
  @inline(never)
  private mutating func brokenFlags(_ chain: ChainView) -> ReplyFlags {
    var flags: ReplyFlags = []
    for slot in 0..<chain.slotCount {
      switch vector[slot].state {
      case .value, .absent: break
      case .invalid: flags.insert(.invalidSignal)
      case .unverified: flags.insert(.unverifiedSignal)
      }
    }
    return flags
  }

  // MARK: Candidates

  /// Runs the candidate tables on the signals at hand, as if they were enforced.
  @inline(never)
  private mutating func runShadows(
    _ chain: ChainView, in message: Span<UInt8>, _ decision: Decision, killed: UInt64,
    hasJointMatches: Bool
  ) {
    let liveTableCount = chain.liveTableCount
    let lanes = chain.laneGroup
    let joint = chain.header.jointOffset == 0 ? 0 : chain.jointGroup.candidates
    let killedCandidates = UInt32(truncatingIfNeeded: killed &>> UInt64(truncatingIfNeeded: liveTableCount))
    if joint & ~killedCandidates != 0, !hasJointMatches { findJointMatches(of: chain, in: message) }
    var matches = joint == 0 ? CandidateMatches() : candidateMatches
    if lanes.candidates != 0 { noteMatches(of: lanes, of: chain, in: message, &matches) }
    let together = lanes.candidates | joint
    for index in liveTableCount..<chain.tableCount {
      if killed & 1 &<< UInt64(truncatingIfNeeded: index) != 0 { continue }
      let table = chain.table(index)
      var live: Verdict? = decision.verdict
      let role = chain.details(of: table).role
      if role > 1 {
        let compared = Int(role) - 2
        // One that had no part in the decision has said nothing that a candidate could differ from.
        if killed & 1 &<< UInt64(truncatingIfNeeded: compared) != 0 { continue }
        if compared > lastTable(chain) { continue }
        live = strongestVerdict(ofHitsIn: compared, chain)
      }
      let candidate = index &- liveTableCount
      let shadow =
        together & 1 &<< UInt32(truncatingIfNeeded: candidate) != 0
        ? matches.verdict(ofLane: candidate, table, in: chain)
        : verdict(of: table, chain, in: message)
      shadowOutcomes[shadowCount] = ShadowOutcome(
        table: UInt32(truncatingIfNeeded: index), live: live, shadow: shadow)
      shadowCount += 1
    }
  }

  /// The live table that ended the chain; behind all of them where none did. O(hits).
  private func lastTable(_ chain: ChainView) -> Int {
    for index in 0..<hits.count where hits[index].isEnforced {
      let table = Int(hits[index].table)
      if Progress.stops(chain.rule(Int(hits[index].rule), of: chain.table(table)).verdict) { return table }
    }
    return .max
  }

  /// What a live table says as a whole: the strongest of its hits' verdicts, or that of its first.
  private mutating func strongestVerdict(ofHitsIn table: Int, _ chain: ChainView) -> Verdict? {
    let record = chain.table(table)
    var strongest: UInt32 = 0
    for index in 0..<hits.count where hits[index].table == UInt32(truncatingIfNeeded: table) {
      strongest = max(strongest, chain.rule(Int(hits[index].rule), of: record).verdict)
      if !record.flags.contains(.hitsAll) { break }
    }
    return strongest == 0 ? nil : chain.verdict(strongest)
  }
}
