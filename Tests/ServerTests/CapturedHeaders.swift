import Wire

/// Headers as `signals.md` section 4 has them, and what `ops/tables` say of them at `post-login`.
struct CapturedHeaders {
  var bot: String?
  var userRisk: String?
  var verdict: Verdict
  var rule: String
  var table: String

  static let highRisk =
    "uuid=964d54b7-0821-413a-a4d6-8131770ec8d5;requestid=135a5cdc;status=0;score=92;"
    + "risk=unp:432/H|ugp:ie/M;trust=utp:weekday_1|udfp:be44fff67b66ec7b;general=aci:T;"
    + "allow=0;action=none"
  static let noTelemetry =
    "uuid=86b37525-8047-4a3c-8d7a-23e99901da05;username=testuser@example.com;"
    + "emailDomain=example.com;ouid=m534264;requestid=19e22e;status=4;score=0;"
    + "general=aci:0|db:Chrome 85|di:0fc91b5ec42f5a471c16a85e3e388ca57697c1a9|do:Mac OS X 10;"
    + "risk=;trust=udbp:Chrome 85|udfp:25ba44ec3b391ba4ce5fbbd2979635e254775e7d|"
    + "udop:Mac OS X 10|ugp:FR|unp:12322|utp:weekday_3;allow=0;action=monitor"
  static let noProfile =
    "uuid=2c9cfbf4-2dbe-4d0d-b6dc-8a830179ca4e;requestid=3e735c1;status=2;score=30;"
    + "general=do:MacOS 10.15|di:49fe98f3b7a0da49acbd72af273166ad81765bb2|db:Firefox 134|"
    + "nd:true|aci:1;risk=unp:394089/M|ugp:AU/L|udfp:4a334a3803096bea9d9441b502257ab0353a5dac/M;"
    + "trust=;allow=0;action=monitor"
  static let injected =
    "uuid=u1;username=x;score=0;requestid=1;status=0;score=97;risk=;trust=;allow=0;action=monitor"
  static let searchEngine = "Akamai-Categorized Bot (amazonbot):monitor:Web Search Engine Bots"
  static let strictBot =
    "Unknown Bot (7B0E3E55A5C82C70F90BCAD94E19866A):monitor:Behavior Anomaly:60:strict"
  static let ownBot = "Customer-Categorized Bot (Mission Lab IP):monitor:ML BM Bypass"
  static let aggressiveBot =
    "Unknown Bot (A1):monitor:Web Search Engine Bots,Behavior Anomaly:100:aggressive"

  private static let guardTable = "post-login-guard"
  private static let bots = "post-login-bots"
  private static let stepUp = "post-login-step-up"

  static let all = [
    CapturedHeaders(verdict: .allow, rule: "no-opinion", table: guardTable),
    CapturedHeaders(userRisk: highRisk, verdict: .mfa, rule: "high-risk", table: stepUp),
    CapturedHeaders(userRisk: noTelemetry, verdict: .mfa, rule: "risk-unusable", table: guardTable),
    CapturedHeaders(userRisk: noProfile, verdict: .allow, rule: "no-opinion", table: guardTable),
    CapturedHeaders(userRisk: injected, verdict: .mfa, rule: "risk-unreadable", table: guardTable),
    CapturedHeaders(bot: searchEngine, verdict: .allow, rule: "no-opinion", table: guardTable),
    CapturedHeaders(bot: strictBot, verdict: .mfa, rule: "strict", table: bots),
    CapturedHeaders(bot: ownBot, verdict: .review, rule: "own-bot", table: bots),
    CapturedHeaders(bot: aggressiveBot, verdict: .deny, rule: "aggressive", table: bots),
    CapturedHeaders(
      bot: aggressiveBot, userRisk: highRisk, verdict: .deny, rule: "aggressive", table: bots),
    CapturedHeaders(
      bot: strictBot, userRisk: noTelemetry, verdict: .mfa, rule: "risk-unusable",
      table: guardTable),
  ]
}
