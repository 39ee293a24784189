import Wire

/// What one `Akamai-User-Risk` value says, as offsets into the bytes it was scanned from.
///
///     key "=" [ value ] *( ";" key "=" [ value ] )       keys in any order, any case
///
/// INVARIANT (header-in-bounds): `values` has 16 initialised ranges.
@safe
public struct UserRiskHeader: ~Copyable {
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
  public internal(set) var state: SignalState = .invalid
  /// Bit `k`: the key of raw value `k` came.
  @usableFromInline var present: UInt32 = 0
  /// By raw value of the key; only those of `present` mean something. Not an `InlineArray`, which
  /// Swift 6.3 copies whole to read one element of it.
  @usableFromInline let values: UnsafeMutablePointer<ByteRange>

  public init() {
    unsafe values = .allocate(capacity: 16)
    unsafe values.initialize(repeating: .empty, count: 16)
  }

  deinit { unsafe values.deallocate() }

  /// Where a key's value lies; `nil` when the key did not come. O(1).
  @inlinable @inline(__always)
  public func value(of key: Key) -> ByteRange? { value(at: key.rawValue) }

  /// As `value(of:)`, by raw value.
  @inlinable @inline(__always)
  func value(at key: UInt8) -> ByteRange? {
    // SAFETY: (header-in-bounds): the mask keeps the index below 16.
    present & 1 &<< UInt32(key) == 0 ? nil : unsafe values[Int(key & 15)]
  }

  @inline(__always)
  mutating func setValue(at key: Int, _ value: ByteRange) {
    // SAFETY: (header-in-bounds): the mask keeps the index below 16.
    unsafe values[key & 15] = value
  }

  /// The class of the score; `nil` when `status` is there and cannot be read.
  @inline(__always)
  func standing(in bytes: Span<UInt8>) -> Standing? {
    guard let digits = value(of: .status) else { return .unusable }
    guard let status = bytes.smallNumber(in: digits), status <= 255 else { return nil }
    return status == 0 ? .full : status == 2 || status == 3 ? .noProfile : .unusable
  }

  /// The number of `status`, `score` (as sent) or `allow`, by raw value of the key.
  @inline(__always)
  func number(at key: UInt8, in bytes: Span<UInt8>) -> SignalValue {
    guard let digits = value(at: key) else { return .absent }
    guard let number = bytes.smallNumber(in: digits) else { return .invalid }
    let isValid =
      switch key {
      case Key.score.rawValue: digits.count < 3 || number == 100
      case Key.allow.rawValue: digits.count == 1 && number <= 1
      default: number <= 255
      }
    return isValid ? .number(Double(number)) : .invalid
  }

  /// The score as far as it can be relied on.
  @inline(__always)
  func usableScore(in bytes: Span<UInt8>) -> SignalValue {
    let reported = number(at: Key.score.rawValue, in: bytes)
    switch standing(in: bytes) {
    case nil: return .invalid
    case .unusable: return reported.state == .invalid ? .invalid : .absent
    case .full, .noProfile: return reported
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
