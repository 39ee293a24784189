// A login handler that asks Postern before it lets a user in.
//
//     swift run LoginHandlerExample
//     POSTERN_URL=unix:/run/postern.sock swift run LoginHandlerExample
//
// It plays three logins with headers as an edge really sent them. Without a server it shows what
// the handler does then: the verdict that it named in advance.

import Foundation
import PosternClient

/// What a handler has in its hands once the password was right.
struct Login {
  var user: String
  var session: String
  var address: String
  /// The HTTP request's headers.
  var headers: [(name: String, value: String)]
}

/// What the handler does next.
enum Step {
  case letIn(claims: [String: String])
  case askForSecondFactor
  case holdForReview
  case showDenyPage(message: String)
  case endSessionAndDeny
}

func nextStep(of login: Login, asking postern: PosternClient) async -> (Step, DecisionOutcome) {
  var request = LoginRequest(trigger: "post-login")
  request.headers = RiskHeaders(picking: login.headers)
  request.context.userID = login.user
  request.context.sessionID = login.session
  request.context.ip = login.address

  // Never throws, and answers within the deadline, whatever happens to the server.
  let outcome = await postern.decide(request)
  let step: Step =
    switch outcome.verdict {
    case .allow: .letIn(claims: outcome.claims)
    case .mfa: .askForSecondFactor
    case .review: .holdForReview
    case .deny: .showDenyPage(message: outcome.message ?? "Login is currently unavailable.")
    case .revoke: .endSessionAndDeny
    }
  return (step, outcome)
}

let logins = [
  Login(
    user: "high-risk", session: "s1", address: "203.0.113.7",
    headers: [
      (
        "Akamai-User-Risk",
        "uuid=964d54b7-0821-413a-a4d6-8131770ec8d5;requestid=135a5cdc;status=0;score=92;"
          + "risk=unp:432/H|ugp:ie/M;trust=utp:weekday_1|udfp:be44fff67b66ec7b;general=aci:T;"
          + "allow=0;action=none"
      )
    ]),
  Login(
    user: "honest", session: "s2", address: "198.51.100.20",
    headers: [
      (
        "Akamai-User-Risk",
        "uuid=2c9cfbf4-2dbe-4d0d-b6dc-8a830179ca4e;requestid=3e735c1;status=2;score=30;"
          + "general=do:MacOS 10.15|di:49fe98f3b7a0da49acbd72af273166ad81765bb2|db:Firefox 134|"
          + "nd:true|aci:1;risk=unp:394089/M|ugp:AU/L|"
          + "udfp:4a334a3803096bea9d9441b502257ab0353a5dac/M;trust=;allow=0;action=monitor"
      )
    ]),
  Login(
    user: "bot", session: "s3", address: "192.0.2.99",
    headers: [("Akamai-Bot", "Unknown Bot (A1):monitor:Behavior Anomaly:100:aggressive")]),
]

do {
  let url = ProcessInfo.processInfo.environment["POSTERN_URL"] ?? "http://127.0.0.1:8080"
  // One client for the whole process. Without an answer this handler asks for a second factor:
  // people can still log in, and a stolen password alone is not enough.
  let postern = PosternClient(.init(endpoint: try Endpoint(url), onFailure: .mfa))
  for login in logins {
    let (step, outcome) = await nextStep(of: login, asking: postern)
    let why = outcome.failure.map { "no decision: \($0)" } ?? outcome.reason ?? "no reason given"
    print("\(login.user): \(outcome.verdict.name) (\(why))")
    print("  -> \(step)")
  }
  await postern.close()
} catch {
  print("POSTERN_URL: \(error)")
}
