import Wire

/// One request message of random logins: both Akamai headers, about 500 bytes, and context.
///
/// No two are alike, so that what one teaches a branch predictor is of little use for the next.
struct RandomLogins {
  static let count = 256

  let message: [UInt8]
  let requests: [Login]

  /// One of the message's requests, read.
  final class Login {
    /// Each access is checked for exclusivity while it runs, which a server's, a part of its owner, is not: a
    /// nanosecond or two of a fill.
    var request: DecisionRequest

    init(_ request: consuming DecisionRequest) { self.request = request }
  }

  init(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var writer = RequestWriter(capacity: 1 << 18)
    for index in 0..<Self.count { Self.append(to: &writer, correlationID: UInt64(index), &random) }
    writer.finish()
    message = [UInt8](copying: writer.bytes.span)
    requests = try Self.read(message)
  }

  private static func read(_ message: [UInt8]) throws -> [Login] {
    var reader = try RequestReader(message.span)
    var logins: [Login] = []
    while true {
      var request = DecisionRequest()
      guard try reader.next(into: &request) else { return logins }
      logins.append(Login(request))
    }
  }

  private static func append(
    to writer: inout RequestWriter, correlationID: UInt64, _ random: inout SplitMix64
  ) {
    writer.beginDecision(
      tenant: Array("tenant-1".utf8).span, trigger: Array("post-login".utf8).span,
      correlationID: correlationID)
    if random.happens(90) {
      writer.append(.akamaiUserRisk, bytes: Array(userRisk(&random).utf8).span)
    }
    if random.happens(70) { writer.append(.akamaiBot, bytes: Array(bot(&random).utf8).span) }
    writer.append(.requestIP, bytes: Array(address(&random).utf8).span)
    writer.append(.requestCountry, bytes: Array(random.pick(countries).utf8).span)
    if random.happens(50) { writer.append(.sessionMFARequired, boolean: random.happens(50)) }
    writer.append(.statsLoginsCount, number: Double(1 << random.below(12) + random.below(3)))
    if random.happens(60) {
      let methods = methods.filter { _ in random.happens(30) }
      writer.append(.authenticationMethods, list: methods)
    }
    writer.endDecision()
  }

  static let countries = [
    "AT", "AU", "BE", "BR", "CA", "CH", "CN", "DE", "DK", "ES", "FI", "FR", "GB", "IE", "IN", "IT",
    "JP", "KP", "NL", "NO", "PL", "RU", "SE", "US",
  ]
  static let methods = ["pwd", "otp", "sms", "webauthn", "push", "email", "recovery", "federated"]
  static let segments = ["human", "cautious", "strict", "aggressive", "safeguard"]
  static let categories = [
    "Web Search Engine Bots", "Behavior Anomaly", "Site Monitoring Bots", "SEO Bots",
    "Impersonators of Known Bots", "Browser Impersonator", "Development Frameworks",
    "HTTP Libraries",
  ]
  static let domains = [
    "example.com", "example.org", "example.net", "mail.example", "post.example", "corp.example",
  ]

  static func address(_ random: inout SplitMix64) -> String {
    random.happens(80)
      ? "\(1 + random.below(223)).\(random.below(256)).\(random.below(256)).\(random.below(256))"
      : "2001:db8:\(random.hex(4)):\(random.hex(4))::\(random.hex(3))"
  }

  private static func bot(_ random: inout SplitMix64) -> String {
    let head = "Unknown Bot (\(random.hex(32).uppercased())):monitor:"
    let categories = categories.filter { _ in random.happens(15) }
    let text = categories.isEmpty ? "Behavior Anomaly" : categories.joined(separator: ",")
    guard random.happens(70) else { return head + text }
    return head + text + ":\(random.below(101)):\(random.pick(segments))"
  }

  private static func userRisk(_ random: inout SplitMix64) -> String {
    let domain = random.pick(domains)
    let pairs = [
      "uuid=\(random.hex(8))-\(random.hex(4))-\(random.hex(4))-\(random.hex(4))-\(random.hex(12))",
      "username=\(random.hex(4 + random.below(20)))@\(domain)", "emailDomain=\(domain)",
      "ouid=m\(random.below(1_000_000))", "requestid=\(random.hex(6 + random.below(3)))",
      "status=\(random.pick([0, 0, 0, 0, 2, 3, 4, 6]))", "score=\(random.below(101))",
      "general=" + items(generalItems(&random), &random),
      "risk=" + items(riskItems(&random), &random), "trust=" + items(trustItems(&random), &random),
      "allow=\(random.happens(5) ? 1 : 0)", "action=\(random.pick(["monitor", "none"]))",
    ]
    return pairs.joined(separator: ";")
  }

  private static func items(_ items: [String], _ random: inout SplitMix64) -> String {
    items.filter { _ in random.happens(70) }.joined(separator: "|")
  }

  private static func generalItems(_ random: inout SplitMix64) -> [String] {
    [
      "aci:\(random.below(2))", "db:Chrome \(80 + random.below(60))", "di:\(random.hex(40))",
      "do:Mac OS X 10", "nd:true", "duc_1h:\(random.below(9))", "duc_1d:\(random.below(30))",
    ]
  }

  private static func riskItems(_ random: inout SplitMix64) -> [String] {
    let levels = ["L", "M", "H"]
    return [
      "unp:\(random.below(400_000))/\(random.pick(levels))",
      "ugp:\(random.pick(countries))/\(random.pick(levels))", "vpn:true/\(random.pick(levels))",
    ]
  }

  private static func trustItems(_ random: inout SplitMix64) -> [String] {
    [
      "udbp:Chrome \(80 + random.below(60))", "udfp:\(random.hex(40))", "udop:Mac OS X 10",
      "utp:weekday_\(1 + random.below(7))",
    ]
  }
}
