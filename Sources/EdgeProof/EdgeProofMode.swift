/// What a tenant asks of the requests that bring headers of the edge.
public enum EdgeProofMode: String, BitwiseCopyable, CaseIterable, Sendable {
  /// Nothing is verified; the headers are believed.
  case off
  /// Verified, counted and flagged; decided as if proven.
  case observe
  /// Without proof, every signal of the edge's headers is `unverified`.
  case require
}
