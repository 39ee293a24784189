import Admin
import Bundles
import BundleSources
import Logging
import Settings

/// Looks at a source of bundles now and then, and says in the log what became of it.
struct BundleWatch: TableFeed {
  private enum Source {
    case path(BundlePath)
    case address(BundleURL)

    init(_ settings: BundleSettings, _ source: String) throws(BundleError) {
      if !BundleSettings.isAddress(source) {
        self = .path(BundlePath(source))
      } else if let authorities = settings.authorities {
        self = .address(try BundleURL(source, authorities: authorities))
      } else {
        self = .address(BundleURL(source))
      }
    }
  }

  private let source: Source
  private let reloader: BundleReloader
  private let logger: Logger
  private let lookSeconds: Int
  private let polls: Polls
  private static let kept = "the last good bundle"

  /// Serves the last good bundle at once, where one is kept. A path is looked at every `lookSeconds`
  /// (0 is never), an address every `pollSeconds`. The error is an authority or a kept bundle that cannot be
  /// read.
  init(
    _ settings: BundleSettings, _ source: String, _ reloader: BundleReloader, _ logger: Logger,
    lookSeconds: Int
  ) throws(BundleError) {
    self.source = try Source(settings, source)
    self.reloader = reloader
    self.logger = logger
    self.lookSeconds = lookSeconds
    polls = Polls(interval: .seconds(settings.pollSeconds))
    if let outcome = try reloader.restore() { report(outcome, of: Self.kept) }
  }

  /// An address is not waited for while there is a bundle that was kept.
  func start() async -> Bool {
    if case .address = source, reloader.served != nil { return true }
    return await look(force: true)
  }

  func run() async {
    switch source {
    case .path:
      guard lookSeconds > 0 else { return }
      while (try? await Task.sleep(for: .seconds(lookSeconds))) != nil { await look(force: false) }
    case .address(let address):
      repeat {
        lookAgainAtExpired()
        if await poll(address) { polls.succeeded() } else { polls.failed() }
      } while await polls.pause()
    }
  }

  @discardableResult
  func look(force: Bool) async -> Bool {
    lookAgainAtExpired()
    switch source {
    case .path(let path):
      let reloader = reloader
      for result in await LoadThread.single.run({ path.look(force: force, reloader) }) {
        report(result.outcome, of: "bundle `\(result.file)`")
      }
    case .address(let address):
      // Whoever asks for a look may know better than an entity tag.
      if force { address.forgetEntityTag() }
      if await poll(address) { polls.succeeded() }
    }
    return reloader.served != nil
  }

  /// A clock that was wrong makes good bundles look expired. When it is set right, they are served.
  private func lookAgainAtExpired() {
    guard reloader.forgetsExpired() else { return }
    switch source {
    case .path(let path): path.forget()
    case .address(let address): address.forgetEntityTag()
    }
    if reloader.served == nil { reportKept { () throws(BundleError) in try reloader.restore() } }
  }

  func settle() async {
    let reloader = reloader
    let outcome = await LoadThread.single.run {
      Result<BundleReloader.Outcome?, BundleError> { () throws(BundleError) in try reloader.settle() }
    }
    reportKept { () throws(BundleError) in try outcome.get() }
  }

  /// What became of the bundle that is kept on disk.
  private func reportKept(_ outcome: () throws(BundleError) -> BundleReloader.Outcome?) {
    do throws(BundleError) {
      if let outcome = try outcome() { report(outcome, of: Self.kept) }
    } catch {
      logger.error("the last good bundle is neither read nor kept: \(error.message)")
    }
  }

  /// Whether the address gave something of use: a release, be it one that is refused, or no news.
  private func poll(_ address: BundleURL) async -> Bool {
    do throws(BundleError) {
      guard let bytes = try await address.fetch() else { return true }
      let reloader = reloader
      let outcome = await LoadThread.single.run { reloader.offer(bytes) }
      let isOfUse = address.judged(outcome)
      report(outcome, of: "a bundle")
      return isOfUse
    } catch {
      // A server that stops has no use for an answer.
      if Task.isCancelled { return false }
      report(reloader.refuse(error), of: "a bundle")
      return false
    }
  }

  private func report(_ outcome: BundleReloader.Outcome, of what: String) {
    switch outcome {
    case .unchanged, .refusedBefore: break
    case .published(let publication, let saveFailure):
      logger.info(
        "\(what) published",
        metadata: [
          "serial": "\(publication.serial)", "tables": "\(publication.tables)",
          "chains": "\(publication.chains)", "changed": "\(publication.changed)",
        ])
      if let saveFailure {
        logger.error("it is not kept for a restart: \(saveFailure.message)")
      }
    case .refused(let error):
      logger.error(
        "\(what) refused\(reloader.served == nil ? "" : "; the last good one serves"): \(error)",
        metadata: ["reason": "\(error.reason.rawValue)", "offset": "\(error.offset)"])
    }
  }

  func status() -> FeedStatus {
    let counts = reloader.counts
    let served = reloader.served
    return FeedStatus(
      isLoaded: served != nil, loadsPublished: counts.published,
      loadsRefused: counts.refusedTotal,
      bundle: AdminStatus.Bundle(
        serial: served?.serial ?? 0, expires: served?.expires,
        refusals: BundleError.Reason.allCases.map { ($0.rawValue, counts.refused[$0] ?? 0) }))
  }
}
