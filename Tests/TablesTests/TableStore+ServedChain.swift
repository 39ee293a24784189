import Synchronization

@testable import Tables

extension TableStore {
  /// What loops read under a key; `nil` where nothing is published.
  func servedChain(_ key: TableKey) -> CompiledChain? { writer.withLock { $0.keys[key]?.served?.chain } }
}
