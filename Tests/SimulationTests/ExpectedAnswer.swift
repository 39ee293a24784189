import TestSupport
import Wire

/// What must be said of a login.
struct ExpectedAnswer {
  var verdict: Verdict
  var rule: UInt32 = 0
  var provenance: EdgeProofOutcome?
  var flags: ReplyFlags
  /// `nil` where no table has decided.
  var version: TableVersion?

  /// By the version of its tables that was served; `nil` where none was.
  init(to login: Login, isLate: Bool, by version: TableVersion?) {
    guard let version else {
      (verdict, flags) = (World.onMissing, .missing)
      return
    }
    provenance = login.provenance
    flags = isLate ? .late : []
    if login.isUnproven { flags.insert(.unproven) }
    let decision = version.decision(of: login)
    // Without the proof that it needs, a late login is decided all the same, and by the stronger of both.
    if isLate, !login.isUnproven || decision.verdict < version.onLate {
      verdict = version.onLate
      return
    }
    (verdict, rule, self.version) = (decision.verdict, decision.rule, version)
    if login.isUnproven {
      flags.insert(.unverifiedSignal)
    } else if login.score == .invalid {
      flags.insert(.invalidSignal)
    }
  }
}
