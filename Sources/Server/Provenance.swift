import EdgeProof
import Wire

/// Where a batch of requests came from, and when.
struct RequestOrigin: BitwiseCopyable {
  var peer = ConnectionPeer.unknown
  /// Since 1970; zero where nothing is verified.
  var seconds: UInt64 = 0
}

/// What is known of where one request came from.
struct Provenance: BitwiseCopyable {
  /// What its tenant asks.
  var mode: EdgeProofMode
  /// Nothing where nothing is asked.
  var outcome: EdgeProofOutcome

  static let notAsked = Provenance(mode: .off, outcome: .missing)

  /// Asked for and not proven.
  var isUnproven: Bool { mode != .off && !outcome.isProven }

  /// Not proven where it must be: the signals of the edge's headers are `unverified`.
  var isRefused: Bool { mode == .require && !outcome.isProven }

  /// For a person.
  var line: String {
    let effect =
      isRefused ? "; the signals of its headers are unverified" : isUnproven ? "; observed only" : ""
    return "edge proof \(outcome.name) (\(mode.rawValue)): \(outcome.explanation)\(effect)"
  }
}
