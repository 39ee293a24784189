import Bundles
import Logging
import Tables

/// What an operator switched on the server before while this one took over: killed there, a table must
/// not decide here.
struct SwitchCatchUp {
  let store: TableStore
  let logger: Logger

  /// Brings the store from what was kept at its start to what is kept now.
  func apply(_ now: [ChainSwitches], after start: [ChainSwitches]) {
    let before = Dictionary(start.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
    let after = Dictionary(now.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
    for key in Set(before.keys).union(after.keys).sorted() {
      let old = before[key] ?? ChainSwitches(key: key)
      let new = after[key] ?? ChainSwitches(key: key)
      turn(old.isKilled, new.isKilled, of: key, table: nil)
      for table in Set(old.killedTables).union(new.killedTables).sorted() {
        turn(old.killedTables.contains(table), new.killedTables.contains(table), of: key, table: table)
      }
      if !Self.isSame(old.pinned, new.pinned) {
        logger.error(
          "rolled back or resumed while this server took over: do it again here",
          metadata: Self.names(key, nil))
      }
    }
  }

  private func turn(_ wasKilled: Bool, _ isKilled: Bool, of key: TableKey, table: String?) {
    guard wasKilled != isKilled else { return }
    do {
      if isKilled {
        try store.kill(key, table: table)
      } else {
        try store.unkill(key, table: table)
      }
      logger.notice(
        isKilled ? "killed while this server took over" : "no more killed since this server took over",
        metadata: Self.names(key, table))
    } catch {
      logger.error(
        "switched on the server before, and not here: \(error); do it again",
        metadata: Self.names(key, table))
    }
  }

  private static func isSame(_ one: CompiledChain?, _ other: CompiledChain?) -> Bool {
    guard let one, let other else { return one == nil && other == nil }
    let image = one.image
    let otherImage = other.image
    return image.count == otherImage.count
      && image.indices.allSatisfy { image[$0] == otherImage[$0] }
  }

  private static func names(_ key: TableKey, _ table: String?) -> Logger.Metadata {
    ["tenant": "\(key.tenant)", "trigger": "\(key.trigger)", "table": "\(table ?? "")"]
  }
}
