import Wire

/// What the login handler itself knows. Leave `nil` what it does not: the signal is then `absent`.
public struct LoginContext: Equatable, Sendable {
  var values: [Field: CustomValue] = [:]

  public init() {}

  /// The user's address, not the proxy's: `203.0.113.7`, `2001:db8::7`.
  public var ip: String? {
    get { text(.requestIP) }
    set { values[.requestIP] = newValue.map { .address($0) } }
  }
  /// ISO 3166-1 alpha-2.
  public var country: String? {
    get { text(.requestCountry) }
    set { set(.requestCountry, newValue) }
  }
  /// Path and query as the edge sent them, byte for byte: the target of the request line. A signature
  /// is verified with it; it is no signal.
  public var target: String? {
    get { text(.forwardedTarget) }
    set { set(.forwardedTarget, newValue) }
  }
  /// `https` or `http`, as the user's. For signatures of it; it is no signal.
  public var scheme: String? {
    get { text(.forwardedScheme) }
    set { set(.forwardedScheme, newValue) }
  }
  /// Path of the login request, without query.
  public var path: String? {
    get { text(.requestPath) }
    set { set(.requestPath, newValue) }
  }
  public var method: String? {
    get { text(.requestMethod) }
    set { set(.requestMethod, newValue) }
  }
  public var host: String? {
    get { text(.requestHost) }
    set { set(.requestHost, newValue) }
  }
  public var userAgent: String? {
    get { text(.requestUserAgent) }
    set { set(.requestUserAgent, newValue) }
  }
  public var sessionID: String? {
    get { text(.sessionID) }
    set { set(.sessionID, newValue) }
  }
  /// The session still owes a second factor.
  public var mfaRequired: Bool? {
    get { boolean(.sessionMFARequired) }
    set { values[.sessionMFARequired] = newValue.map { .boolean($0) } }
  }
  public var userID: String? {
    get { text(.userID) }
    set { set(.userID, newValue) }
  }
  public var userEmail: String? {
    get { text(.userEmail) }
    set { set(.userEmail, newValue) }
  }
  public var userEmailVerified: Bool? {
    get { boolean(.userEmailVerified) }
    set { values[.userEmailVerified] = newValue.map { .boolean($0) } }
  }
  /// The directory the user logs in to.
  public var connectionName: String? {
    get { text(.connectionName) }
    set { set(.connectionName, newValue) }
  }
  /// The application logged in to.
  public var clientID: String? {
    get { text(.clientID) }
    set { set(.clientID, newValue) }
  }
  public var organizationID: String? {
    get { text(.organizationID) }
    set { set(.organizationID, newValue) }
  }
  /// Logins of this user before this one.
  public var loginsCount: Double? {
    get {
      guard case .number(let count)? = values[.statsLoginsCount] else { return nil }
      return count
    }
    set { values[.statsLoginsCount] = newValue.map { .number($0) } }
  }
  /// Methods passed in this login, such as `pwd`, `mfa`.
  public var authenticationMethods: [String]? {
    get {
      guard case .list(let methods)? = values[.authenticationMethods] else { return nil }
      return methods
    }
    set { values[.authenticationMethods] = newValue.map { .list($0) } }
  }

  private func text(_ field: Field) -> String? {
    switch values[field] {
    case .string(let text)?, .address(let text)?: text
    default: nil
    }
  }

  private mutating func set(_ field: Field, _ text: String?) {
    values[field] = text.map { .string($0) }
  }

  private func boolean(_ field: Field) -> Bool? {
    guard case .boolean(let value)? = values[field] else { return nil }
    return value
  }
}
