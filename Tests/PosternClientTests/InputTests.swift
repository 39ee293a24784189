import Testing
import Wire

@testable import PosternClient

@Suite struct EndpointTests {
  @Test(arguments: [
    ("http://127.0.0.1:8080", Endpoint.tcp(host: "127.0.0.1", port: 8080)),
    ("http://postern/", .tcp(host: "postern", port: 80)),
    ("http://[::1]:8080", .tcp(host: "::1", port: 8080)),
    ("http://[2001:db8::7]", .tcp(host: "2001:db8::7", port: 80)),
    ("https://postern:8443", .tls(host: "postern", port: 8443)),
    ("https://[::1]/", .tls(host: "::1", port: 443)),
    ("unix:/run/postern.sock", .unixSocket(path: "/run/postern.sock")),
  ])
  func `an endpoint is read from text`(text: String, expected: Endpoint) throws {
    #expect(try Endpoint(text) == expected)
    #expect(try Endpoint(expected.description) == expected)
  }

  @Test(arguments: [
    "", "127.0.0.1:8080", "https://", "https//postern", "http://", "http://:8080", "http://a:0",
    "http://a:65536", "http://a:+1", "http://a:1:2", "http://::1", "http://[::1", "http://a/b",
    "http://u@a", "http://a b", "http://a?x", "unix:run/x",
    "unix:/" + String(repeating: "x", count: 107),
  ])
  func `a text that is no endpoint is refused`(text: String) {
    #expect(throws: EndpointError.self) { try Endpoint(text) }
  }
}

@Suite struct InputTextTests {
  @Test func `a registered name has its registered type`() throws {
    var input = LoginRequest(trigger: "t")
    for text in [
      "request.ip=203.0.113.7", "session.mfaRequired=true", "user.id=a=b", "stats.loginsCount=12",
      "authentication.methods=pwd,mfa", "user.email:string=",
    ] { try input.setSignal(text) }
    #expect(input.context.ip == "203.0.113.7")
    #expect(input.context.mfaRequired == true)
    #expect(input.context.userID == "a=b")
    #expect(input.context.loginsCount == 12)
    #expect(input.context.authenticationMethods == ["pwd", "mfa"])
    #expect(input.context.userEmail == "")
    #expect(input.context.values[.requestIP] == .address("203.0.113.7"))
    #expect(input.signals.isEmpty)
  }

  @Test func `another name is a string unless it says otherwise`() throws {
    var input = LoginRequest(trigger: "t")
    for text in [
      "device.trusted:boolean=false", "risk:number=-1.5", "tags:list=a,,b", "none:list=",
      "proxy:address=::1", "plain=5", "named:string=x:y",
    ] { try input.setSignal(text) }
    #expect(
      input.signals == [
        "device.trusted": .boolean(false), "risk": .number(-1.5), "tags": .list(["a", "", "b"]),
        "none": .list([]), "proxy": .address("::1"), "plain": .string("5"),
        "named": .string("x:y"),
      ])
    #expect(input.context == LoginContext())
  }

  @Test(arguments: [
    ("user.id", InputTextError.Problem.noEquals), ("=x", .badName), ("a b=x", .badName),
    ("x:float=1", .unknownType), ("user.id:number=1", .otherType(.string)),
    ("stats.loginsCount=many", .badValue(.number)), ("x:number=nan", .badValue(.number)),
    ("session.mfaRequired=yes", .badValue(.boolean)), ("x:boolean=1", .badValue(.boolean)),
  ])
  func `a mistyped signal is named`(text: String, problem: InputTextError.Problem) {
    var input = LoginRequest(trigger: "t")
    #expect(throws: InputTextError(text, problem)) { try input.setSignal(text) }
    #expect(input == LoginRequest(trigger: "t"))
  }

  @Test func `headers are known in any case, and only the known ones`() throws {
    var input = LoginRequest(trigger: "t")
    try input.addHeader("AKAMAI-BOT:  Unknown Bot (A1):monitor:X \t")
    try input.addHeader("akamai-user-risk:")
    #expect(input.headers.values.map(\.header) == [.akamaiBot, .akamaiUserRisk])
    #expect(input.headers.values.map(\.bytes) == [Array("Unknown Bot (A1):monitor:X".utf8), []])
    #expect(throws: InputTextError("X-Akamai-Bot: 1", .unknownHeader)) {
      try input.addHeader("X-Akamai-Bot: 1")
    }
    try input.addHeader("X-Forwarded-Uri: /login?a=b:c")
    try input.addHeader("x-forwarded-proto: https")
    #expect(input.context.target == "/login?a=b:c")
    #expect(input.context.scheme == "https")
    #expect(throws: InputTextError("akamai-bot", .noColon)) { try input.addHeader("akamai-bot") }
  }
}

@Suite struct RiskHeaderTests {
  @Test func `the risk headers are picked from a request's headers`() {
    let headers = RiskHeaders(picking: [
      (name: "Host", value: "a"), (name: "AKAMAI-User-Risk", value: "score=1"),
      (name: "akamai-bot", value: "x"), (name: "Akamai-User-Risk", value: "score=2"),
      (name: "akamai_user_risk", value: "score=3"), (name: "X-Akamai-G2O-Auth-Data", value: "5"),
      (name: "x-akamai-g2o-auth-sign", value: "s"), (name: "X-Edge-Secret", value: "e"),
    ])
    #expect(
      headers.values.map(\.header) == [
        .akamaiUserRisk, .akamaiBot, .akamaiUserRisk, .g2oAuthData, .g2oAuthSign, .edgeSecret,
      ])
  }

  @Test func `a header that did not come is not sent, an empty one is`() {
    var headers = RiskHeaders()
    headers.append(.akamaiBot, nil)
    #expect(headers.values.isEmpty)
    headers.append(.akamaiBot, "")
    #expect(headers.values.count == 1)
  }

  @Test func `headers beyond the limits stay beyond them and never break the call`() throws {
    var input = LoginRequest(trigger: "t")
    let long = String(repeating: "b", count: 2 << 20)
    for _ in 0..<5000 {
      input.headers.append(.akamaiUserRisk, "score=1")
      input.headers.append(.akamaiBot, long)
    }
    let message = try PosternMessage.encode([input])
    var reader = try RequestReader(message.span)
    var request = DecisionRequest()
    #expect(try reader.next(into: &request))
    #expect(request.repeated == 1 << Field.akamaiBot.rawValue | 1 << Field.akamaiUserRisk.rawValue)
    let value = request.value(of: .akamaiBot)
    let length = try #require(value).count
    #expect(length == Limits.headerByteCount + 1)
  }
}

@Suite struct PosternMessageTests {
  @Test func `equal questions are equal bytes, every field in place`() throws {
    var input = LoginRequest(
      trigger: "post-login", tenant: "acme", correlationID: 9, budgetMicroseconds: 500,
      explains: true, listsParts: true)
    input.headers.append(.akamaiBot, "b")
    for header in [RiskHeader.g2oAuthData, .g2oAuthSign, .edgeSecret] {
      input.headers.append(header, "p")
    }
    input.context.target = "/login?x=1"
    input.context.scheme = "https"
    input.context.ip = "::1"
    input.context.country = "FR"
    input.context.path = "/login"
    input.context.method = "POST"
    input.context.host = "id.example.com"
    input.context.userAgent = "curl"
    input.context.sessionID = "s"
    input.context.mfaRequired = true
    input.context.userID = "u"
    input.context.userEmail = "u@example.com"
    input.context.userEmailVerified = false
    input.context.connectionName = "c"
    input.context.clientID = "app"
    input.context.organizationID = "o"
    input.context.loginsCount = 3
    input.context.authenticationMethods = ["pwd"]
    input.signals = ["b": .boolean(true), "a": .number(1)]
    let message = try PosternMessage.encode([input, input])
    #expect(try PosternMessage.encode([input, input]) == message)
    var reader = try RequestReader(message.span)
    var request = DecisionRequest()
    while try reader.next(into: &request) {
      let registered = Field.allCases.filter { $0 != .custom && $0 != .akamaiUserRisk }
      #expect(registered.allSatisfy { request.value(of: $0) != nil })
      #expect(request.customCount == 2)
      #expect(request.correlationID == 9)
      #expect(request.budgetMicroseconds == 500)
      #expect(request.flags == [.explain, .parts])
      #expect(String(repairing: message.span.extracting(request.tenant)) == "acme")
    }
  }

  @Test func `a compressed message is the same message`() throws {
    let request = LoginRequest(trigger: "post-login", correlationID: 1)
    let inputs = [LoginRequest](repeating: request, count: 64)
    let plain = try PosternMessage.encode(inputs)
    let small = try PosternMessage.encode(inputs, compressed: true)
    #expect(small.count < plain.count / 4)
    var writer = ByteWriter()
    try writer.decompress(small.span, .request)
    #expect([UInt8](copying: writer.span) == plain)
  }

  @Test func `a compressed reply is read as a plain one`() throws {
    let reply = Reply(
      serverNanoseconds: 5,
      decisions: (0..<40).map { DecisionReply(correlationID: $0, verdict: .review) })
    var plain = ByteWriter()
    plain.append(reply)
    var small = ByteWriter()
    try small.compress(plain.span, .reply)
    #expect(try PosternMessage.decode([UInt8](copying: plain.span)) == reply)
    #expect(try PosternMessage.decode([UInt8](copying: small.span)) == reply)
  }

  @Test(arguments: UInt64(0)..<300)
  func `a broken reply is a failure, never a trap`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var plain = ByteWriter()
    plain.append(
      Reply(
        serverNanoseconds: 5,
        decisions: [
          DecisionReply(verdict: .deny, outputs: [.init(kind: .reason, value: "because")])
        ]))
    var bytes = [UInt8](copying: plain.span)
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let index = Int.random(in: 0..<bytes.count, using: &random)
      bytes[index] = UInt8.random(in: 0...255, using: &random)
    }
    bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
    do {
      _ = try PosternMessage.decode(bytes)
    } catch .invalidReply, .refused {
    } catch {
      Issue.record("\(error), seed \(seed)")
    }
  }
}
