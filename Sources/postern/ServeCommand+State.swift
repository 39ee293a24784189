import Bundles
import Logging
import Settings
import Tables

/// What `--state` keeps through restarts.
extension ServeCommand {
  /// The directory of `--state`, ours alone; a successor may have to wait for it. `nil` where none is given.
  func takeState(_ settings: BundleSettings, isSuccessor: Bool) throws -> StateDirectory? {
    guard let path = settings.state else { return nil }
    let directory = StateDirectory(path)
    do throws(BundleError) {
      guard try directory.take() || isSuccessor else { throw directory.refusal }
      return directory
    } catch {
      complain(error.message)
      throw ExitStatus.unavailable.code
    }
  }

  /// Sets what was killed and pinned before anything is served.
  /// Returns what was kept.
  func restore(
    _ switches: SwitchFile?, _ store: TableStore, _ logger: Logger
  ) throws -> [ChainSwitches] {
    guard let switches else { return [] }
    do {
      let kept = try switches.load()
      try store.restore(kept)
      for chain in kept {
        let tables = chain.killedTables.joined(separator: ", ")
        logger.notice(
          "kept from before the start",
          metadata: [
            "tenant": "\(chain.key.tenant)", "trigger": "\(chain.key.trigger)",
            "killed": "\(chain.isKilled)", "killedTables": "\(tables)",
            "pinned": "\(chain.pinned != nil)",
          ])
        guard let fault = chain.pinFault else { continue }
        let what =
          "a rollback is lost, and the newest version will be served: the version that was rolled back to"
          + " cannot be used (\(fault)); roll back again, kill what must not be served, or resume"
        logger.error(
          "\(what)",
          metadata: ["tenant": "\(chain.key.tenant)", "trigger": "\(chain.key.trigger)"])
      }
      return kept
    } catch {
      complain((error as? BundleError)?.message ?? "\(error)")
      throw ExitStatus.unavailable.code
    }
  }
}
