import Synchronization
import Tables

/// Keeps a store's tables equal to a directory's, chain by chain: what is wrong in one (tenant,
/// trigger) leaves the last right tables of that one serving, and holds back no other. A bad file of
/// which nothing says what it belongs to holds back all: it may be the table that guards any of them.
public final class TableReloader: Sendable {
  /// What one look at the directory led to.
  public enum Outcome: Sendable {
    /// Nothing has changed since the last look.
    case unchanged
    /// All of the directory is served now: how many tables, in how many chains.
    case published(tables: Int, chains: Int)
    /// So many chains have changed; others are held back, and what was served of them serves on.
    case partly(changed: Int, [Diagnostic])
    /// Something is wrong and nothing has changed; what was served goes on being served.
    case refused([Diagnostic])
  }

  private let directory: String
  private let triggers: Set<String>
  private let store: TableStore
  private let state = Mutex(State())

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
    var publishedCount: UInt64 = 0
    var refusedCount: UInt64 = 0
  }

  /// `triggers` are the names that the server answers for: a table of any other is refused.
  public init(directory: String, triggers: [String], store: TableStore) {
    self.directory = directory
    self.triggers = Set(triggers)
    self.store = store
  }

  /// Whether tables have been published at least once.
  public var isLoaded: Bool { state.withLock { $0.publishedCount > 0 } }

  /// Loads that something was published of, and loads that something was refused of.
  public var counts: (published: UInt64, refused: UInt64) {
    state.withLock { ($0.publishedCount, $0.refusedCount) }
  }

  /// Loads the directory when a file in it has changed and nothing has moved since the last look:
  /// what an editor or a copy is still writing is left alone. For looking now and then.
  public func look() -> Outcome {
    let isSettled = state.withLock { state in
      let stamps = TableStamp.stamps(in: directory, known: state.files)
      defer { state.seen = stamps }
      return stamps == state.seen
    }
    return isSettled ? reload() : .unchanged
  }

  /// Reads the files that have changed, with `force` all of them, and compiles and publishes the
  /// chains that they belong to.
  public func reload(force: Bool = false) -> Outcome {
    state.withLock { state in
      // Taken before reading: a change in between is then seen by the next look.
      let stamps = TableStamp.stamps(in: directory, known: state.files)
      guard force || stamps != state.loaded || !state.dirty.isEmpty else { return .unchanged }
      // A directory without tables is an accident, not a wish to serve none.
      let outcome =
        stamps.isEmpty
        ? .refused(TableDirectory.load(directory).diagnostics)
        : publish(problems: read(stamps, force: force, &state), &state)
      // Of the lists as they were when they were read, and of those not known before.
      state.loaded = stamps.map { state.files[$0.table.name]?.stamp ?? $0 }
      switch outcome {
      case .unchanged: break
      case .published: state.publishedCount += 1
      case .refused: state.refusedCount += 1
      case .partly:
        state.publishedCount += 1
        state.refusedCount += 1
      }
      return outcome
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

  /// Publishes the dirty chains that are right.
  private func publish(problems: [Diagnostic], _ state: inout State) -> Outcome {
    var problems = problems
    let strays = state.files.filter(\.value.isStray).sorted { $0.key < $1.key }
    // The chains stay dirty, for the file may come to belong to another or to none.
    guard strays.isEmpty else {
      return problems.isEmpty ? .unchanged : .refused(problems + strays.map(\.value.strayDiagnostic))
    }
    let held = Set(state.files.values.filter { $0.table == nil }.flatMap(\.keys))
    let tables = Dictionary(grouping: state.files.values.compactMap(\.table), by: \.key)
    var changes: [TableKey: CompiledChain?] = [:]
    var versions: [TableKey: [UInt64]] = [:]
    for key in state.dirty.sorted() where !held.contains(key) {
      guard let own = tables[key] else {
        if state.published[key] != nil { changes[key] = .some(nil) }
        continue
      }
      do throws(Refusal) {
        versions[key] = own.sorted { ($0.order, $0.file) < ($1.order, $1.file) }.map(\.version)
        guard versions[key] != state.published[key] else { continue }
        changes[key] = try compile(TableSet(own))
      } catch {
        problems += error.diagnostics
      }
    }
    do throws(TableStore.Failure) {
      if !changes.isEmpty { try store.publish(changes) }
    } catch {
      // The chains stay dirty, so the next look tries again.
      return .refused([Diagnostic(file: directory, at: .start, "cannot be published: \(error)")])
    }
    state.dirty = []
    for (key, chain) in changes { state.published[key] = chain == nil ? nil : versions[key] }
    if problems.isEmpty {
      let tableCount = state.published.values.reduce(0) { $0 + $1.count }
      return .published(tables: tableCount, chains: state.published.count)
    }
    return changes.isEmpty ? .refused(problems) : .partly(changed: changes.count, problems)
  }

  private struct Refusal: Error {
    var diagnostics: [Diagnostic]
  }

  /// The chain of one key's tables.
  private func compile(_ set: TableSet) throws(Refusal) -> CompiledChain {
    let problems = set.diagnostics.filter { $0.severity == .error } + unknownTriggers(set)
    guard problems.isEmpty, let chain = set.chains.first else {
      throw Refusal(diagnostics: problems)
    }
    do throws(ImageError) {
      return try CompiledChain(chain.plan)
    } catch {
      throw Refusal(
        diagnostics: [
          Diagnostic(file: set.tables[0].file, at: .start, "cannot be published: \(error)")
        ])
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
