import Wire

/// What one `Akamai-User-Risk` value says, as offsets into the bytes it was scanned from.
///
///     key "=" [ value ] *( ";" key "=" [ value ] )       keys in any order, any case
public struct UserRiskHeader: BitwiseCopyable, Sendable {
  /// The keys with a meaning; others are allowed and passed over.
  public enum Key: UInt8, BitwiseCopyable, CaseIterable, Sendable {
    case uuid, username, emailDomain, ouid, requestID, status, score, general, risk, trust, allow
    case action

    /// The keys whose values are lists of items.
    public static let lists: [Key] = [.general, .risk, .trust]

    /// As Auth0 spells it.
    public var name: String {
      switch self {
      case .uuid: "uuid"
      case .username: "username"
      case .emailDomain: "emailDomain"
      case .ouid: "ouid"
      case .requestID: "requestid"
      case .status: "status"
      case .score: "score"
      case .general: "general"
      case .risk: "risk"
      case .trust: "trust"
      case .allow: "allow"
      case .action: "action"
      }
    }
  }

  /// How far the score can be relied on, by `status`.
  public enum Standing: UInt8, BitwiseCopyable, CaseIterable, Sendable {
    /// Status 0: scored against the user's profile.
    case full
    /// Status 2 or 3: scored without a (sufficient) profile. Usable, weaker.
    case noProfile
    /// Any other status, or none: no usable score.
    case unusable

    public var name: String {
      switch self {
      case .full: "full"
      case .noProfile: "noProfile"
      case .unusable: "unusable"
      }
    }
  }

  /// `value`, or `invalid` when the header as a whole cannot be read.
  public var state: SignalState = .invalid
  /// 0...255 as sent; `states[status]` says whether it came and could be read.
  public var status: UInt8 = 0
  /// 0...100, high = risk, as sent.
  public var score: UInt8 = 0
  /// 0 or 1.
  public var allow: UInt8 = 0
  public var states = InlineArray<12, SignalState>(repeating: .absent)
  public var values = InlineArray<12, ByteRange>(repeating: .empty)

  public init() {}

  @inlinable
  public func state(of key: Key) -> SignalState { states[Int(key.rawValue)] }

  @inlinable
  public func value(of key: Key) -> ByteRange { values[Int(key.rawValue)] }

  /// The class of the score; `nil` when `status` is there and cannot be read.
  @inlinable
  public var standing: Standing? {
    switch state(of: .status) {
    case .absent: .unusable
    case .value:
      switch status {
      case 0: .full
      case 2, 3: .noProfile
      default: .unusable
      }
    default: nil
    }
  }

  /// The signals of the header: one a key, and three more.
  public enum Part: BitwiseCopyable, Hashable, CaseIterable, Sendable {
    case key(Key)
    /// The header as a whole: its text.
    case header
    case standing
    /// `score` as sent, whatever `status` says of it.
    case reportedScore

    public static let allCases: [Part] =
      Key.allCases.map(Part.key) + [.header, .standing, .reportedScore]

    var signal: Signal {
      let prefix = "akamaiUserRisk"
      return switch self {
      case .header: Signal(prefix, .string, .userRisk(self), foldsCase: true)
      case .standing:
        Signal(
          "\(prefix).standing", .enumeration, .userRisk(self), foldsCase: true,
          cases: Standing.allCases.map(\.name))
      case .reportedScore:
        Signal("\(prefix).reportedScore", .number, .userRisk(self), wholeMax: 100)
      case .key(let key):
        switch key {
        case .status: Signal("\(prefix).status", .number, .userRisk(self), wholeMax: 255)
        case .score: Signal("\(prefix).score", .number, .userRisk(self), wholeMax: 100)
        case .allow: Signal("\(prefix).allow", .number, .userRisk(self), wholeMax: 1)
        case .general, .risk, .trust:
          Signal("\(prefix).\(key.name)", .list, .userRisk(self), foldsCase: true)
        default: Signal("\(prefix).\(key.name)", .string, .userRisk(self), foldsCase: true)
        }
      }
    }
  }
}
