import Foundation
import Synchronization
import Tables

/// Keeps a store's tables equal to a directory's: all of it, or, while anything there is wrong,
/// the last tables that were right.
public final class TableReloader: Sendable {
  /// What one look at the directory led to.
  public enum Outcome: Sendable {
    /// Nothing has changed since the last look.
    case unchanged
    /// These are served now: how many tables, in how many chains.
    case published(tables: Int, chains: Int)
    /// Something is wrong; what was served before goes on being served.
    case refused([Diagnostic])
  }

  private let directory: String
  private let triggers: Set<String>
  private let store: TableStore
  private let state = Mutex(State())

  private struct State {
    /// Of the directory as it was last loaded.
    var fingerprint: [FileStamp]?
    /// Of the directory at the last look.
    var seen: [FileStamp]?
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

  /// Loads that were published, and loads that were refused.
  public var counts: (published: UInt64, refused: UInt64) {
    state.withLock { ($0.publishedCount, $0.refusedCount) }
  }

  /// Loads the directory when a file in it has changed and nothing has moved since the last look:
  /// what an editor or a copy is still writing is left alone. For looking now and then.
  public func look() -> Outcome {
    let isSettled = state.withLock { state in
      let fingerprint = FileStamp.stamps(ofTablesIn: directory)
      defer { state.seen = fingerprint }
      return fingerprint == state.seen
    }
    return isSettled ? reload() : .unchanged
  }

  /// Loads the directory when a file in it has changed, or whatever has changed with `force`.
  public func reload(force: Bool = false) -> Outcome {
    state.withLock { state in
      // Taken before reading: a change in between is then seen by the next look.
      let fingerprint = FileStamp.stamps(ofTablesIn: directory)
      guard force || fingerprint != state.fingerprint else { return .unchanged }
      state.fingerprint = fingerprint
      let outcome = load(&state)
      switch outcome {
      case .published: state.publishedCount += 1
      case .refused: state.refusedCount += 1
      case .unchanged: break
      }
      return outcome
    }
  }

  private func load(_ state: inout State) -> Outcome {
    let set = TableDirectory.load(directory)
    let diagnostics = set.diagnostics + unknownTriggers(set)
    if diagnostics.hasErrors { return .refused(diagnostics.filter { $0.severity == .error }) }
    do {
      var changes: [TableKey: CompiledChain?] = [:]
      var published: [TableKey: [UInt64]] = [:]
      for chain in set.chains {
        published[chain.key] = set.tables.filter { $0.key == chain.key }.map(\.version)
      }
      for key in state.published.keys where published[key] == nil { changes[key] = .some(nil) }
      // A chain whose tables have not changed is left as it is: one tenant's edit is not another's.
      for chain in set.chains where published[chain.key] != state.published[chain.key] {
        changes[chain.key] = try CompiledChain(chain.plan)
      }
      try store.publish(changes)
      state.published = published
      return .published(tables: set.tables.count, chains: set.chains.count)
    } catch {
      let location = SourceLocation(line: 1, column: 1)
      return .refused([Diagnostic(file: directory, at: location, "cannot be published: \(error)")])
    }
  }

  private func unknownTriggers(_ set: TableSet) -> [Diagnostic] {
    set.tables.filter { !triggers.contains($0.trigger) }.map { table in
      Diagnostic(
        file: table.file, at: SourceLocation(line: 1, column: 1),
        "unknown trigger `\(table.trigger)`"
          + hint(
            for: table.trigger, among: triggers.sorted(),
            otherwise: "; declare it under `triggers` in the configuration"))
    }
  }
}

/// What tells one version of a file from another without reading it.
private struct FileStamp: Equatable, Sendable {
  var name: String
  var byteCount: UInt64
  var modified: Date
  var inode: UInt64

  /// The stamps of a directory's table files, behind symbolic links, by name.
  static func stamps(ofTablesIn directory: String) -> [FileStamp] {
    let manager = FileManager.default
    let names = (try? manager.contentsOfDirectory(atPath: directory)) ?? []
    return names.filter { TableFormat(file: $0) != nil }.sorted().map { name in
      let path = URL(fileURLWithPath: directory).appendingPathComponent(name)
        .resolvingSymlinksInPath().path
      let attributes = (try? manager.attributesOfItem(atPath: path)) ?? [:]
      return FileStamp(
        name: name, byteCount: (attributes[.size] as? NSNumber)?.uint64Value ?? 0,
        modified: attributes[.modificationDate] as? Date ?? .distantPast,
        inode: (attributes[.systemFileNumber] as? NSNumber)?.uint64Value ?? 0)
    }
  }
}
