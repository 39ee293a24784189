import PosternClient
import Wire
import Yams

/// The kinds of logins, and what they expect.
extension ScenarioReader {
  mutating func readTemplates(_ node: Node?, in root: Node) -> [Scenario.Template] {
    guard let node, let nodes = node.sequence, !nodes.isEmpty else {
      refuse(node ?? root, "no `requests`; add a list of logins, each with `expect: {verdict: ...}`")
      return []
    }
    guard nodes.count <= Self.templateCountMax else {
      refuse(node, "more than \(Self.templateCountMax) requests; use placeholders as {hex:8}")
      return []
    }
    return nodes.enumerated().compactMap { readTemplate($1, number: $0 + 1) }
  }

  private mutating func readTemplate(_ node: Node, number: Int) -> Scenario.Template? {
    let known = ["name", "weight", "trigger", "tenant", "headers", "signals", "explain", "expect"]
    guard let keys = fields(of: node, known) else {
      return refuse(node, "a request is a mapping, as in `- {trigger: post-login, expect: ...}`")
    }
    var request = RequestTemplate(trigger: "")
    if let trigger = readText(keys["trigger"], or: nil) {
      request.trigger = trigger
    } else if keys["trigger"] == nil {
      refuse(node, "no `trigger`; add `trigger: post-login`")
    }
    request.tenant = readText(keys["tenant"], or: "") ?? ""
    request.explains = readBoolean(keys["explain"], "explain")
    request.headers = readPairs(keys["headers"], "headers", separator: ": ")
    request.signals = readPairs(keys["signals"], "signals", separator: "=")
    check(request, node, keys)
    let weight = readWeight(keys["weight"])
    let name = readText(keys["name"], or: "request \(number)") ?? ""
    guard let expectation = readExpectation(keys["expect"], of: node, explains: request.explains)
    else { return nil }
    return Scenario.Template(
      name: name, weight: weight, request: request, expectation: expectation)
  }

  private mutating func readWeight(_ node: Node?) -> Double {
    guard let node else { return 1 }
    guard let weight = node.float, weight > 0, weight <= 1e9 else {
      refuse(node, "`weight` is a number above 0: how often this login comes, against the others")
      return 1
    }
    return weight
  }

  /// Makes one and encodes it: what the client would refuse later is refused here.
  private mutating func check(_ request: RequestTemplate, _ node: Node, _ keys: [String: Node]) {
    var random = SplitMix64(seed: 0)
    func one(_ part: (inout RequestTemplate) -> Void) -> String? {
      var template = RequestTemplate(trigger: "post-login")
      part(&template)
      do {
        _ = try PreparedMessage([(0, try template.make(using: &random))])
        return nil
      } catch {
        return "\(error)"
      }
    }
    for (index, header) in request.headers.enumerated() {
      if let problem = one({ $0.headers = [header] }) {
        refuse(entry(index, of: keys["headers"]) ?? node, problem)
      }
    }
    for (index, signal) in request.signals.enumerated() {
      if let problem = one({ $0.signals = [signal] }) {
        refuse(entry(index, of: keys["signals"]) ?? node, problem)
      }
    }
    if !request.trigger.isEmpty, let problem = one({ $0.trigger = request.trigger }) {
      refuse(keys["trigger"], problem)
    }
    if let problem = one({ $0.tenant = request.tenant }) { refuse(keys["tenant"], problem) }
  }

  private mutating func readExpectation(
    _ node: Node?, of request: Node, explains: Bool
  ) -> Expectation? {
    guard let node, let keys = fields(of: node, ["verdict", "rule", "wouldBe", "flags"]) else {
      return refuse(node ?? request, "no `expect`; add `expect: {verdict: allow, rule: NAME}`")
    }
    guard keys["verdict"] != nil else {
      return refuse(node, "no `verdict`; add `verdict: allow`: every reply is checked")
    }
    let verdict = readVerdict(keys["verdict"])
    var expectation = Expectation(verdict: verdict ?? .allow, explains: explains)
    expectation.rule = readText(keys["rule"], or: nil)
    expectation.wouldBe = readOptionalVerdict(keys["wouldBe"])
    for flag in keys["flags"]?.sequence.map(Array.init) ?? [] {
      if let known = ReplyFlags.names.first(where: { $0.name == flag.string }) {
        expectation.flags.insert(known.flag)
      } else {
        let names = ReplyFlags.names.map(\.name).joined(separator: ", ")
        refuse(flag, "`\(flag.string ?? "?")` is no flag; the flags are \(names)")
      }
    }
    if let flags = keys["flags"], flags.sequence == nil {
      refuse(flags, "`flags` is a list, as in `flags: [invalidSignal]`")
    }
    return expectation
  }

  private mutating func readOptionalVerdict(_ node: Node?) -> Verdict? {
    node == nil ? nil : readVerdict(node)
  }

  private mutating func readVerdict(_ node: Node?) -> Verdict? {
    if let verdict = Verdict(name: node?.string ?? "") { return verdict }
    let names = Verdict.allCases.map(\.name).joined(separator: ", ")
    return refuse(node, "`\(node?.string ?? "")` is no verdict; the verdicts are \(names)")
  }
}
