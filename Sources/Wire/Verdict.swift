/// What the login handler is told to do, from mildest to strongest.
public enum Verdict: UInt8, BitwiseCopyable, CaseIterable, Comparable, Sendable {
  case allow = 1
  case mfa = 2
  case review = 3
  case deny = 4
  case revoke = 5

  @inlinable
  public static func < (a: Verdict, b: Verdict) -> Bool { a.rawValue < b.rawValue }

  /// A chain of tables ends at this verdict.
  @inlinable public var stopsChain: Bool { self >= .deny }

  /// The verdict of a raw value that was checked when it was stored; any other is the strongest. Without
  /// the `nil` of `init(rawValue:)` and without a branch: which verdict comes next nobody can predict.
  @inlinable @inline(__always)
  public init(stored rawValue: UInt32) {
    let index = UInt8(truncatingIfNeeded: min(rawValue &- 1, Verdict.revoke.index))
    // SAFETY: an enumeration without payloads is the index of its case, in as many bytes as that needs
    // (Swift's type layout), and the index is that of a case.
    self = unsafe unsafeBitCast(index, to: Verdict.self)
  }

  /// Cases are numbered from 1 on, in order.
  @inlinable var index: UInt32 { UInt32(rawValue) &- 1 }

  /// Its name in tables, headers and JSON.
  public var name: String {
    switch self {
    case .allow: "allow"
    case .mfa: "mfa"
    case .review: "review"
    case .deny: "deny"
    case .revoke: "revoke"
    }
  }

  public init?(name: some StringProtocol) {
    guard let verdict = Verdict.allCases.first(where: { $0.name == name }) else { return nil }
    self = verdict
  }
}

/// How far a table's verdict counts.
public enum Mode: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  /// Not evaluated.
  case off = 0
  /// Evaluated and counted; the caller's verdict does not change.
  case audit = 1
  /// As `audit`, and the caller sees it as the reply's `wouldBe` verdict.
  case advisory = 2
  /// Its verdict is the caller's verdict.
  case enforce = 3

  /// As `Verdict.init(stored:)`.
  @inlinable @inline(__always)
  public init(stored rawValue: UInt32) {
    let index = UInt8(truncatingIfNeeded: min(rawValue, UInt32(Mode.enforce.rawValue)))
    // SAFETY: as there; cases are numbered from 0 on, in order.
    self = unsafe unsafeBitCast(index, to: Mode.self)
  }

  public var name: String {
    switch self {
    case .off: "off"
    case .audit: "audit"
    case .advisory: "advisory"
    case .enforce: "enforce"
    }
  }

  public init?(name: some StringProtocol) {
    guard let mode = Mode.allCases.first(where: { $0.name == name }) else { return nil }
    self = mode
  }
}

/// How a decision came about (proto-spec 5.2).
public struct ReplyFlags: OptionSet, BitwiseCopyable, Sendable {
  public let rawValue: UInt16
  @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// The budget had run out: `verdict` is the tables' `onLate`, or a stronger one for want of proof.
  @inlinable public static var late: ReplyFlags { ReplyFlags(rawValue: 1 << 0) }
  /// The trigger has no table: `verdict` is the configured `onMissing`.
  @inlinable public static var missing: ReplyFlags { ReplyFlags(rawValue: 1 << 1) }
  /// No rule of any enforcing table matched: `verdict` is the configured `onMissing`.
  @inlinable public static var noMatch: ReplyFlags { ReplyFlags(rawValue: 1 << 2) }
  /// At least one signal that the tables read was `invalid`.
  @inlinable public static var invalidSignal: ReplyFlags { ReplyFlags(rawValue: 1 << 3) }
  /// At least one signal that the tables read was `unverified`.
  @inlinable public static var unverifiedSignal: ReplyFlags { ReplyFlags(rawValue: 1 << 4) }
  /// Nothing proved that the edge sent the request, and the tenant observes or requires proof.
  @inlinable public static var unproven: ReplyFlags { ReplyFlags(rawValue: 1 << 5) }

  /// Each flag with its name in JSON and `postern-flags`, by bit.
  public static let names: [(flag: ReplyFlags, name: String)] = [
    (.late, "late"), (.missing, "missing"), (.noMatch, "noMatch"),
    (.invalidSignal, "invalidSignal"), (.unverifiedSignal, "unverifiedSignal"),
    (.unproven, "unproven"),
  ]
}

/// What a decision reply's output is (proto-spec 5.3).
public enum OutputKind: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  /// The table that gave the verdict.
  case table = 1
  /// The name of the rule that gave the verdict, where it has one.
  case rule = 2
  /// Why, for a person.
  case reason = 3
  /// Why, for a program.
  case code = 4
  /// What the handler may show to the user.
  case message = 5
  /// What the user's session owes from now on.
  case obligation = 6
  /// A token claim: name and value.
  case claim = 7
  /// A metadata entry: name and value.
  case metadata = 8
  /// A line of explanation, where the request asked for it.
  case explanation = 9
  /// What a table had to do with the decision, where the request asked for it: `DecisionPart`.
  case part = 10
}
