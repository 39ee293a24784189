import TestSupport
import Wire

/// One request, what has happened to it so far, and what its answer must be.
struct SimulatedRequest {
  enum Kind {
    /// A message of decisions, or one decision through `/v1/check`.
    case decisions([Login]), check(Login)
    /// Messages of decisions, one behind the other.
    case stream([[Login]])
    case ping
    case refused(ErrorCode)
  }

  var kind: Kind
  var raw: RawRequest

  /// Where its first byte and the end of the last that is looked at lie in what the client sends.
  var startOffset = 0
  var endOffset: Int?
  /// When its first byte was handed to the server, and when that last.
  var startTime: UInt64?
  var startTick: Int?
  var endTick: Int?
  /// The least that a look at the clock has moved it since its first byte was handed over.
  var stepMin = UInt64.max
  /// The client gave it up: an answer may come or not.
  var isCancelled = false
  var isStream: Bool {
    if case .stream = kind { true } else { false }
  }
  /// Whether nobody looks at its body, so that it goes on behind the answer.
  var hasIdleBody: Bool {
    if case .check = kind { true } else { false }
  }

  /// Whether the server had all of it at once.
  var cameAtOnce: Bool { startTick != nil && startTick == endTick }

  /// The answer has been judged.
  var isAnswered = false

  init(id: UInt64, using random: inout SplitMix64) {
    switch random.below(14) {
    case 0: self.init(.ping, RawRequest(random.pick(["GET", "POST"]), "/v1/ping"))
    case 1: self.init(refusalOf: id, using: &random)
    case 2...4:
      let login = Login(correlationID: id, using: &random)
      var raw = login.check
      if random.chance(30) {
        raw.method = "POST"
        raw.body = [UInt8](repeating: 1, count: random.below(2 * World.bodyByteCountMax))
      }
      self.init(.check(login), raw)
    case 5, 6:
      var id = id
      let messages = (0..<random.pick([1, 2, 3, 6])).map { _ in
        (0..<random.pick([1, 1, 2, 12])).map { _ in
          id += 1
          return Login(correlationID: id, using: &random)
        }
      }
      let bodies = messages.map { Self.message($0, isCompressed: random.chance(25)) }
      self.init(.stream(messages), .stream(bodies))
    default:
      let count = random.pick([1, 1, 1, 2, 5, 24])
      let logins = (0..<count).map { Login(correlationID: id + UInt64($0), using: &random) }
      self.init(
        .decisions(logins), .decide(Self.message(logins, isCompressed: random.chance(25))))
    }
  }

  private init(_ kind: Kind, _ raw: RawRequest) {
    self.kind = kind
    self.raw = raw
  }

  private init(refusalOf id: UInt64, using random: inout SplitMix64) {
    let login = Login(correlationID: id, using: &random)
    let message = Self.message([login], isCompressed: false)
    var raw = RawRequest.decide(message)
    let code: ErrorCode
    switch random.below(8) {
    case 0: (raw.body, code) = (Array(message.dropLast()), .truncated)
    case 1: (raw.body, code) = (message + [0], .trailingBytes)
    case 2: (raw.path, code) = ("/v2/decide", .unknownPath)
    case 3: (raw.method, code) = ("PUT", .methodNotAllowed)
    case 4: (raw.headers, code) = ([], .unsupportedMediaType)
    case 5: (raw, code) = (.check("post-lunch"), .unknownTrigger)
    case 6:
      raw.headers += (0..<70).map { HeaderField("x-\($0)", "filler") }
      code = .headersTooLarge
    default:
      raw.body = [UInt8](repeating: 1, count: World.bodyByteCountMax + 1 + random.below(5_000))
      code = .messageTooLarge
    }
    self.init(.refused(code), raw)
  }

  private static func message(_ logins: [Login], isCompressed: Bool) -> [UInt8] {
    var writer = RequestWriter()
    for login in logins { login.write(to: &writer) }
    writer.finish()
    guard isCompressed else { return [UInt8](copying: writer.bytes.span) }
    var compressed = ByteWriter()
    do {
      try compressed.compress(writer.bytes.span, .request)
    } catch {
      preconditionFailure("\(error)")
    }
    return [UInt8](copying: compressed.span)
  }
}
