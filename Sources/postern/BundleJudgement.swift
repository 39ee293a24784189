import Bundles
import BundleSources
import Rules
import Server
import Settings
import Tables

/// What a server would say of the source of its bundles, without serving or keeping any of it.
struct BundleJudgement {
  private(set) var problems: [String] = []
  private(set) var warnings: [String] = []

  /// Complains and exits where a key cannot be read.
  init(of source: String, _ told: ServeSettings) throws {
    let bundles = told.bundles
    let policy = try bundles.policy(triggers: TriggerRegistry(own: told.server.triggers).names)
    // The directory is not taken: a server may have it, and only one that has it writes there.
    let lastGood = bundles.state.map { LastGoodStore(in: StateDirectory($0)) }
    let reloader = BundleReloader(policy: policy, store: TableStore(), lastGood: lastGood)
    do throws(BundleError) {
      // A newer one may be there by now.
      if case .refused(let error)? = try reloader.restore(), let lastGood {
        warnings.append("\(lastGood.path): \(error)")
      }
    } catch {
      problems.append(error.message)
    }
    guard BundleSettings.isAddress(source) else {
      for result in BundlePath(source).look(force: true, reloader) {
        if case .refused(let error) = result.outcome { problems.append("\(result.file): \(error)") }
      }
      return
    }
    if let authorities = bundles.authorities {
      do throws(BundleError) {
        _ = try BundleURL(source, authorities: authorities)
      } catch {
        problems.append(error.message)
      }
    }
    warnings.append(
      "`\(source)` was not asked for its bundle; fetch it, and see what `postern serve --check --bundle FILE`"
        + " says of the file")
  }
}
