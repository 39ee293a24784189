import Synchronization
import Tables

/// Keeps a store's tables equal to a directory's, chain by chain: what is wrong in one (tenant,
/// trigger) leaves the last right tables of that one serving, and holds back no other. A bad file of
/// which nothing says what it belongs to holds back all: it may be the table that guards any of them.
/// Small chains are compiled and served before large ones. While a large one is compiled, others may look and
/// reload: an edit of one tenant does not wait for another's 100,000 rules, only for their reading.
public final class TableReloader: Sendable {
  /// What one look at the directory led to.
  public enum Outcome: Sendable {
    /// Nothing has changed since the last look, or only large chains, which are yet to be compiled.
    case unchanged
    /// Nothing is held back: how many tables are served now, in how many chains. Large ones may be yet to be
    /// compiled.
    case published(tables: Int, chains: Int)
    /// So many chains have changed; others are held back, and what was served of them serves on.
    case partly(changed: Int, [Diagnostic])
    /// Something is wrong and nothing has changed; what was served goes on being served.
    case refused([Diagnostic])
  }

  private let directory: String
  private let triggers: Set<String>
  private let store: TableStore
  private let layOut: LayOut
  private let state = Mutex(State())
  /// Apart from `state`, which is held while tables are read and small chains are compiled.
  private let loads = Mutex(Loads())

  private struct Loads {
    var publishedCount: UInt64 = 0
    var refusedCount: UInt64 = 0
  }

  private struct State {
    /// By name, as they were last read.
    var files: [String: TableFile] = [:]
    /// Of the directory as it was last loaded, and at the last look.
    var loaded: [TableStamp]?
    var seen: [TableStamp]?
    /// The chains that may not be what their files say.
    var dirty: Set<TableKey> = []
    /// The versions of the tables that each published chain was made of.
    var published: [TableKey: [UInt64]] = [:]
    /// Chains that are compiled without holding the state, one at a time; no longer dirty.
    var large: Set<TableKey> = []
    var isCompilingLarge = false

    /// A bad file may belong to any chain.
    var strays: [TableFile] {
      files.filter(\.value.isStray).sorted { $0.key < $1.key }.map(\.value)
    }

    /// The chains that a bad file holds back.
    var held: Set<TableKey> { Set(files.values.filter { $0.table == nil }.flatMap(\.keys)) }

    /// The tables of all chains that are not held back.
    func tables() -> [TableKey: [Table]] {
      let held = self.held
      return Dictionary(grouping: files.values.compactMap(\.table), by: \.key)
        .filter { !held.contains($0.key) }
    }
  }

  /// LIMIT: rules from which on the compilation of a chain is worth waiting for by none: tens of
  /// milliseconds.
  private static let largeRuleCount = 1_000
  /// LIMIT: for how long small chains are compiled before they are served: a publication costs the more the
  /// more chains there are.
  private static let batchDuration = Duration.milliseconds(250)

  typealias LayOut = @Sendable (ChainPlan) throws(ImageError) -> CompiledChain

  /// `triggers` are the names that the server answers for: a table of any other is refused.
  public convenience init(directory: String, triggers: [String], store: TableStore) {
    self.init(directory: directory, triggers: triggers, store: store) { (plan) throws(ImageError) in
      try CompiledChain(plan)
    }
  }

  /// For tests: `layOut` may find no memory.
  init(directory: String, triggers: [String], store: TableStore, layOut: @escaping LayOut) {
    self.directory = directory
    self.triggers = Set(triggers)
    self.store = store
    self.layOut = layOut
  }

  /// Whether tables have been published at least once.
  public var isLoaded: Bool { loads.withLock { $0.publishedCount > 0 } }

  /// Loads that something was published of, and loads that something was refused of.
  public var counts: (published: UInt64, refused: UInt64) {
    loads.withLock { ($0.publishedCount, $0.refusedCount) }
  }

  /// Loads the directory when a file in it has changed and nothing has moved since the last look:
  /// what an editor or a copy is still writing is left alone. For looking now and then; large chains are left
  /// to `compileLarge`.
  public func look() -> Outcome {
    let isSettled = state.withLock { state in
      let stamps = TableStamp.stamps(in: directory, known: state.files)
      defer { state.seen = stamps }
      return stamps == state.seen
    }
    return isSettled ? reload(leavesLarge: true) : .unchanged
  }

  /// Reads the files that have changed, with `force` all of them, and compiles and publishes the
  /// chains that they belong to. With `leavesLarge`, large ones are left to `compileLarge`.
  public func reload(force: Bool = false, leavesLarge: Bool = false) -> Outcome {
    var load = Load()
    let early: Outcome? = state.withLock { state in
      // Taken before reading: a change in between is then seen by the next look.
      let stamps = TableStamp.stamps(in: directory, known: state.files)
      guard force || stamps != state.loaded || !state.dirty.isEmpty else { return .unchanged }
      // Of the lists as they were when they were read, and of those not known before.
      defer { state.loaded = stamps.map { state.files[$0.table.name]?.stamp ?? $0 } }
      // A directory without tables is an accident, not a wish to serve none.
      guard !stamps.isEmpty else { return .refused(reasons()) }
      load.problems = read(stamps, force: force, &state)
      let strays = state.strays
      // The chains stay dirty, for the file may come to belong to another or to none.
      guard strays.isEmpty else {
        return load.problems.isEmpty ? .unchanged : .refused(load.problems + strays.map(\.strayDiagnostic))
      }
      publishSmall(&load, &state)
      return nil
    }
    if early == nil, !leavesLarge { publishLarge(&load) }
    let outcome = early ?? state.withLock { load.outcome($0) }
    count(outcome)
    return outcome
  }

  /// Whether large chains wait for somebody to compile them.
  public var hasLarge: Bool { state.withLock { !$0.large.isEmpty && !$0.isCompilingLarge } }

  /// Compiles and publishes the large chains that looks have found. It may take long, and holds up no look.
  public func compileLarge() -> Outcome {
    var load = Load(hasLarge: true)
    publishLarge(&load)
    let outcome = state.withLock { load.outcome($0) }
    count(outcome)
    return outcome
  }

  /// What one load has come to so far.
  private struct Load {
    var problems: [Diagnostic] = []
    var changedCount = 0
    /// Whether it has found large chains.
    var hasLarge = false

    func outcome(_ state: State) -> Outcome {
      guard problems.isEmpty else {
        return changedCount == 0 ? .refused(problems) : .partly(changed: changedCount, problems)
      }
      if hasLarge, changedCount == 0 { return .unchanged }
      let tableCount = state.published.values.reduce(0) { $0 + $1.count }
      return .published(tables: tableCount, chains: state.published.count)
    }
  }

  /// Why there are no tables in the directory.
  private func reasons() -> [Diagnostic] {
    let problems = TableDirectory.load(directory).diagnostics.filter { $0.severity == .error }
    guard problems.isEmpty else { return problems }
    return [Diagnostic(file: directory, at: .start, "could not be listed a moment ago; it is tried again")]
  }

  private func count(_ outcome: Outcome) {
    loads.withLock { loads in
      switch outcome {
      case .unchanged: break
      case .published: loads.publishedCount += 1
      case .refused: loads.refusedCount += 1
      case .partly:
        loads.publishedCount += 1
        loads.refusedCount += 1
      }
    }
  }

  /// Brings `files` and `dirty` up to date. Returns what is wrong with the files that were read.
  private func read(_ stamps: [TableStamp], force: Bool, _ state: inout State) -> [Diagnostic] {
    var problems: [Diagnostic] = []
    let names = Set(stamps.map(\.table.name))
    for (name, file) in state.files where !names.contains(name) {
      state.files[name] = nil
      state.dirty.formUnion(file.keys)
    }
    for stamp in stamps {
      let name = stamp.table.name
      let before = state.files[name]
      if !force, before?.stamp == stamp { continue }
      let file = TableFile(stamp.table, in: directory, before: before)
      state.files[name] = file
      state.dirty.formUnion((before?.keys ?? []).union(file.keys))
      problems += file.diagnostics.filter { $0.severity == .error }
    }
    return problems
  }

  /// Publishes the dirty chains that are right and small, and notes the large ones.
  private func publishSmall(_ load: inout Load, _ state: inout State) {
    let held = state.held
    let tables = state.tables()
    let due = state.dirty.filter { !held.contains($0) }.map { key in
      (ruleCount: Self.ruleCount(tables[key] ?? []), key: key)
    }
    var batch = Batch()
    // Right, and there was no memory for them: the next look tries again.
    var waiting: Set<TableKey> = []
    do throws(TableStore.Failure) {
      for (ruleCount, key) in due.sorted(by: <) {
        if batch.age >= Self.batchDuration { load.changedCount += try publish(&batch, &state) }
        state.large.remove(key)
        guard let own = tables[key] else {
          if state.published[key] != nil { batch.changes[key] = .some(nil) }
          continue
        }
        let versions = Self.versions(own)
        guard versions != state.published[key] else { continue }
        guard ruleCount < Self.largeRuleCount else {
          state.large.insert(key)
          load.hasLarge = true
          continue
        }
        do throws(Refusal) {
          batch.changes[key] = try compile(TableSet(own))
          batch.versions[key] = versions
        } catch {
          load.problems += error.diagnostics
          if error.isTransient { waiting.insert(key) }
        }
      }
      load.changedCount += try publish(&batch, &state)
      state.dirty = waiting
    } catch {
      // The chains stay dirty, so the next look tries again.
      load.problems.append(unpublished(error))
    }
  }

  /// Compiles the large chains, the smallest first, unless another load is at it, which then takes these too.
  private func publishLarge(_ load: inout Load) {
    let isMine = state.withLock { state in
      if state.isCompilingLarge || state.large.isEmpty { return false }
      state.isCompilingLarge = true
      return true
    }
    guard isMine else { return }
    while let (key, tables) = state.withLock({ nextLarge(&$0) }) {
      let compiled = Result { () throws(Refusal) in try compile(TableSet(tables)) }
      state.withLock { finish(key, Self.versions(tables), compiled, &load, &$0) }
    }
  }

  private func nextLarge(_ state: inout State) -> (TableKey, [Table])? {
    let tables = state.tables()
    if state.strays.isEmpty {
      let sized = state.large.map { (ruleCount: Self.ruleCount(tables[$0] ?? []), key: $0) }
      for (_, key) in sized.sorted(by: <) {
        state.large.remove(key)
        if let own = tables[key], Self.versions(own) != state.published[key] { return (key, own) }
      }
    }
    state.dirty.formUnion(state.large)
    state.large = []
    state.isCompilingLarge = false
    return nil
  }

  /// Publishes a large chain, unless its files say something else by now: who has read them sees to it.
  private func finish(
    _ key: TableKey, _ versions: [UInt64], _ compiled: Result<CompiledChain, Refusal>, _ load: inout Load,
    _ state: inout State
  ) {
    guard state.strays.isEmpty else {
      state.dirty.insert(key)
      return
    }
    guard state.tables()[key].map(Self.versions) == versions else { return }
    switch compiled {
    case .success(let chain):
      var batch = Batch()
      batch.changes[key] = chain
      batch.versions[key] = versions
      do throws(TableStore.Failure) {
        load.changedCount += try publish(&batch, &state)
      } catch {
        state.dirty.insert(key)
        load.problems.append(unpublished(error))
      }
    case .failure(let refusal):
      load.problems += refusal.diagnostics
      if refusal.isTransient { state.dirty.insert(key) }
    }
  }

  private func unpublished(_ failure: TableStore.Failure) -> Diagnostic {
    Diagnostic(file: directory, at: .start, "cannot be published: \(failure)")
  }

  private static func ruleCount(_ tables: [Table]) -> Int { tables.reduce(0) { $0 + $1.rules.count } }

  private static func versions(_ tables: [Table]) -> [UInt64] {
    tables.sorted { ($0.order, $0.file) < ($1.order, $1.file) }.map(\.version)
  }

  /// What has been compiled and not published.
  private struct Batch {
    var changes: [TableKey: CompiledChain?] = [:]
    var versions: [TableKey: [UInt64]] = [:]
    private let start = ContinuousClock.now
    var age: Duration { start.duration(to: .now) }
  }

  /// Publishes a batch, and begins a new one. Returns how many chains have changed.
  private func publish(_ batch: inout Batch, _ state: inout State) throws(TableStore.Failure) -> Int {
    if !batch.changes.isEmpty { try store.publish(batch.changes) }
    for key in batch.changes.keys { state.published[key] = batch.versions[key] }
    defer { batch = Batch() }
    return batch.changes.count
  }

  private struct Refusal: Error {
    var diagnostics: [Diagnostic]
    /// Whether the same tables may be published at the next look.
    var isTransient = false
  }

  /// The chain of one key's tables.
  private func compile(_ set: TableSet) throws(Refusal) -> CompiledChain {
    let problems = set.diagnostics.filter { $0.severity == .error } + unknownTriggers(set)
    guard problems.isEmpty, let chain = set.chains.first else {
      throw Refusal(diagnostics: problems)
    }
    do throws(ImageError) {
      return try layOut(chain.plan)
    } catch {
      var isTransient = false
      if case .noMemory = error { isTransient = true }
      let again = isTransient ? "; it is tried again" : ""
      throw Refusal(
        diagnostics: [
          Diagnostic(file: set.tables[0].file, at: .start, "cannot be published: \(error)\(again)")
        ], isTransient: isTransient)
    }
  }

  private func unknownTriggers(_ set: TableSet) -> [Diagnostic] {
    set.tables.filter { !triggers.contains($0.trigger) }.map { table in
      Diagnostic(
        file: table.file, at: .start,
        "unknown trigger `\(table.trigger)`"
          + hint(
            for: table.trigger, among: triggers.sorted(),
            otherwise: "; declare it under `triggers` in the configuration"))
    }
  }
}
