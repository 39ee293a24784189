import Wire

/// One question: what to do with this login.
///
///     var request = LoginRequest(trigger: "post-login")
///     request.headers.append(.akamaiUserRisk, http.headers["Akamai-User-Risk"])
///     request.context.ip = http.remoteAddress
///     request.context.userID = user.id
///     request.signals["device.trusted"] = .boolean(true)
public struct LoginRequest: Equatable, Sendable {
  /// The point in the login that asks: `post-login`, `pre-user-registration`, ...
  public var trigger: String
  /// Whose tables decide; empty for the default tenant.
  public var tenant: String
  /// Comes back with the reply. `nil`: the client draws one.
  public var correlationID: UInt64?
  /// How long the server may take, from the arrival of the message; 0 for no limit. A decision
  /// that is later gets the tables' own `onLate` verdict. The call's deadline holds besides.
  public var budgetMicroseconds: UInt32
  /// Ask for lines of explanation as well.
  public var explains: Bool
  /// Ask for the part of every table that had one as well: `DecisionOutcome.parts`.
  public var listsParts: Bool
  public var headers: RiskHeaders
  public var context: LoginContext
  /// A deployment's own signals, by name. One that is a date, a time or a duration is a string in ISO form:
  /// `2026-01-31`, `13:45:00`, `2026-01-31T13:45:00+02:00`, `P1DT2H`, `P1Y2M`.
  public var signals: [String: CustomValue]

  public init(
    trigger: String, tenant: String = "", correlationID: UInt64? = nil,
    budgetMicroseconds: UInt32 = 0, explains: Bool = false, listsParts: Bool = false,
    headers: RiskHeaders = RiskHeaders(), context: LoginContext = LoginContext(),
    signals: [String: CustomValue] = [:]
  ) {
    self.trigger = trigger
    self.tenant = tenant
    self.correlationID = correlationID
    self.budgetMicroseconds = budgetMicroseconds
    self.explains = explains
    self.listsParts = listsParts
    self.headers = headers
    self.context = context
    self.signals = signals
  }

  /// The same question with a correlation id.
  func numbered() -> LoginRequest {
    guard correlationID == nil else { return self }
    var request = self
    request.correlationID = UInt64.random(in: .min ... .max)
    return request
  }
}
