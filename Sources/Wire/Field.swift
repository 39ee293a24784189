/// What a field's bytes are (proto-spec 4).
public enum FieldType: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  /// A raw HTTP header value, as it came.
  case header = 1
  /// UTF-8 text.
  case string = 2
  /// A finite binary64, little-endian.
  case number = 3
  /// One byte, 0 or 1.
  case boolean = 4
  /// Texts, each with a two-byte length before it.
  case list = 5
  /// An IPv4 or IPv6 address as text.
  case address = 6
}

/// The field registry (proto-spec/fields.json). A raw value never changes its meaning.
public enum Field: UInt16, BitwiseCopyable, CaseIterable, Sendable {
  case akamaiBot = 1
  case akamaiUserRisk = 2

  /// What may prove that the edge sent the request. None of these carries a signal.
  case g2oAuthData = 3
  case g2oAuthSign = 4
  case edgeSecret = 5
  case forwardedTarget = 6
  case forwardedScheme = 7

  case requestIP = 16
  case requestCountry = 17
  case requestPath = 18
  case requestMethod = 19
  case requestHost = 20
  case requestUserAgent = 21
  case sessionID = 22
  case sessionMFARequired = 23
  case userID = 24
  case userEmail = 25
  case userEmailVerified = 26
  case connectionName = 27
  case clientID = 28
  case organizationID = 29
  case statsLoginsCount = 30
  case authenticationMethods = 31

  /// A deployment's own signal: a name comes before the value.
  case custom = 4096

  /// One more than the highest raw value of a field that is not `custom`.
  public static let registeredEnd = 32

  /// The type its bytes must have; `nil` for `custom`, which states its own.
  public var type: FieldType? {
    switch self {
    case .akamaiBot, .akamaiUserRisk: .header
    case .g2oAuthData, .g2oAuthSign, .edgeSecret, .forwardedTarget, .forwardedScheme: .header
    case .requestIP: .address
    case .sessionMFARequired, .userEmailVerified: .boolean
    case .statsLoginsCount: .number
    case .authenticationMethods: .list
    case .custom: nil
    default: .string
    }
  }

  /// The raw headers whose parts are signals.
  public static let signalHeaders: [Field] = [.akamaiBot, .akamaiUserRisk]

  /// The signal it carries, or, for a raw header, the header's lower-case name.
  public var name: String {
    switch self {
    case .akamaiBot: "akamai-bot"
    case .akamaiUserRisk: "akamai-user-risk"
    case .g2oAuthData: "x-akamai-g2o-auth-data"
    case .g2oAuthSign: "x-akamai-g2o-auth-sign"
    case .edgeSecret: "x-edge-secret"
    case .forwardedTarget: "x-forwarded-uri"
    case .forwardedScheme: "x-forwarded-proto"
    case .requestIP: "request.ip"
    case .requestCountry: "request.country"
    case .requestPath: "request.path"
    case .requestMethod: "request.method"
    case .requestHost: "request.host"
    case .requestUserAgent: "request.userAgent"
    case .sessionID: "session.id"
    case .sessionMFARequired: "session.mfaRequired"
    case .userID: "user.id"
    case .userEmail: "user.email"
    case .userEmailVerified: "user.emailVerified"
    case .connectionName: "connection.name"
    case .clientID: "client.id"
    case .organizationID: "organization.id"
    case .statsLoginsCount: "stats.loginsCount"
    case .authenticationMethods: "authentication.methods"
    case .custom: "custom"
    }
  }
}
