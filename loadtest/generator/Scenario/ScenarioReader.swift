import Foundation
import Wire
import Yams

/// All that is wrong with a scenario file, a line each: `file:line:column: error: what, and what to do`.
public struct ScenarioProblems: Error, CustomStringConvertible, Sendable {
  public var lines: [String]
  public var description: String { lines.joined(separator: "\n") }
}

/// Reads a scenario from YAML. Unknown keys are errors; all errors of a file come at once.
public struct ScenarioReader {
  /// LIMIT: a scenario is read by people; a mistaken file ends here.
  public static let byteCountMax = 1 << 20
  static let templateCountMax = 1000

  private let file: String
  private var problems: [String] = []

  public static func read(file: String) throws -> Scenario {
    guard let data = FileManager.default.contents(atPath: file),
      let text = String(data: data, encoding: .utf8)
    else {
      throw ScenarioProblems(
        lines: ["\(file):1:1: error: no such file, no right to read it, or not UTF-8"])
    }
    return try read(text, file: file)
  }

  public static func read(_ text: String, file: String) throws -> Scenario {
    var reader = ScenarioReader(file: file)
    guard let scenario = reader.scenario(of: text), reader.problems.isEmpty else {
      throw ScenarioProblems(lines: reader.problems)
    }
    return scenario
  }

  private init(file: String) { self.file = file }

  private mutating func scenario(of source: String) -> Scenario? {
    guard source.utf8.count <= Self.byteCountMax else {
      return refuse(nil, "the file is larger than \(Self.byteCountMax) bytes; split it")
    }
    let root: Node?
    do {
      root = try Yams.compose(yaml: source)
    } catch {
      problems.append(Self.line(of: error, file: file))
      return nil
    }
    guard let root, var keys = fields(
      of: root, ["name", "about", "tables", "batch", "requests", "actions"])
    else { return refuse(root, "this is no scenario; begin with `name:` and `requests:`") }
    let name = readText(keys.removeValue(forKey: "name"), or: "scenario") ?? ""
    let about = readText(keys.removeValue(forKey: "about"), or: "") ?? ""
    let batch = readBatch(keys["batch"])
    let templates = readTemplates(keys["requests"], in: root)
    let actions = keys["actions"].map { readActions($0) } ?? []
    let tables = keys["tables"].flatMap { readText($0, or: nil) }.map { path in
      path.hasPrefix("/")
        ? path : URL(fileURLWithPath: file).deletingLastPathComponent().path + "/" + path
    }
    if let tables, !FileManager.default.fileExists(atPath: tables) {
      refuse(keys["tables"], "no such directory `\(tables)`; `tables` is relative to this file")
    }
    return Scenario(
      name: name, about: about, tables: tables, batch: batch, templates: templates, actions: actions)
  }

  private mutating func readBatch(_ node: Node?) -> Int {
    guard let node else { return 1 }
    guard let batch = node.int, (1...Limits.decisionCount).contains(batch) else {
      refuse(node, "`batch` is 1 to \(Limits.decisionCount) decisions in one message")
      return 1
    }
    return batch
  }

  // MARK: Requests

  private mutating func readTemplates(_ node: Node?, in root: Node) -> [Scenario.Template] {
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
    guard let expectation = readExpectation(keys["expect"], of: node, explains: request.explains) else {
      return nil
    }
    return Scenario.Template(
      name: readText(keys["name"], or: "request \(number)") ?? "", weight: readWeight(keys["weight"]),
      request: request, expectation: expectation)
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

  private mutating func readOptionalVerdict(_ node: Node?) -> Verdict? { node == nil ? nil : readVerdict(node) }

  private mutating func readVerdict(_ node: Node?) -> Verdict? {
    if let verdict = Verdict(name: node?.string ?? "") { return verdict }
    let names = Verdict.allCases.map(\.name).joined(separator: ", ")
    return refuse(node, "`\(node?.string ?? "")` is no verdict; the verdicts are \(names)")
  }

  // MARK: Actions

  private mutating func readActions(_ node: Node) -> [TableAction] {
    guard let nodes = node.sequence else {
      refuse(node, "`actions` is a list, as in `- {every: 1s, rewrite: FILE}`")
      return []
    }
    return nodes.compactMap { readAction($0) }
  }

  private mutating func readAction(_ node: Node) -> TableAction? {
    guard let keys = fields(of: node, ["every", "touch", "rewrite", "reload"]) else {
      return refuse(node, "an action is a mapping, as in `{every: 1s, rewrite: FILE}`")
    }
    let every = keys["every"]?.string.flatMap { TimeText.seconds(of: $0) }
    if every == nil {
      refuse(keys["every"] ?? node, "`every` is how often it happens: `every: 1s`, `every: 250ms`")
    }
    let change: TableAction.Change
    switch (readText(keys["touch"], or: nil), readText(keys["rewrite"], or: nil)) {
    case (let file?, nil): change = .touch(file)
    case (nil, let file?): change = .rewrite(file)
    case (nil, nil): change = .none
    default: return refuse(node, "`touch` and `rewrite` are two actions; write one each")
    }
    let reloads = readBoolean(keys["reload"], "reload")
    if change == .none, !reloads {
      refuse(node, "this action does nothing; add `rewrite: FILE`, `touch: FILE` or `reload: true`")
    }
    if let name = TableAction(everySeconds: 1, change: change, reloads: false).file,
      name.contains("/")
    {
      refuse(
        keys["touch"] ?? keys["rewrite"], "`\(name)` is no file name; files lie in `tables` itself")
    }
    return TableAction(everySeconds: every ?? 1, change: change, reloads: reloads)
  }
}

// MARK: - YAML

extension ScenarioReader {
  /// The values of a mapping by key; unknown keys are reported. `nil` when it is none.
  private mutating func fields(of node: Node, _ known: [String]) -> [String: Node]? {
    guard let mapping = node.mapping else { return nil }
    var fields: [String: Node] = [:]
    for (key, value) in mapping {
      let name = key.string ?? "?"
      if known.contains(name) {
        fields[name] = value
      } else {
        refuse(key, "unknown key `\(name)`; the keys are \(known.joined(separator: ", "))")
      }
    }
    return fields
  }

  private mutating func readText(_ node: Node?, or other: String?) -> String? {
    guard let node else { return other }
    guard let scalar = node.scalar else { return refuse(node, "this must be one text") }
    return scalar.string
  }

  private mutating func readBoolean(_ node: Node?, _ name: String) -> Bool {
    guard let node else { return false }
    return node.bool ?? refuse(node, "`\(name)` is true or false") ?? false
  }

  /// Each entry of a mapping as one text; an entry with a list of values comes once for each.
  private mutating func readPairs(_ node: Node?, _ name: String, separator: String) -> [String] {
    guard let node else { return [] }
    guard let mapping = node.mapping else {
      refuse(node, "`\(name)` is a mapping of names to values")
      return []
    }
    var pairs: [String] = []
    for (key, value) in mapping {
      let values = separator == ": " ? value.sequence.map(Array.init) ?? [value] : [value]
      for value in values {
        let text = value.scalar?.string ?? value.sequence?.compactMap(\.string).joined(separator: ",")
        if let text {
          pairs.append((key.string ?? "") + separator + text)
        } else {
          refuse(value, "this must be one text or a list of texts")
        }
      }
    }
    return pairs
  }

  /// The key of a mapping that an element of `pairs` came from.
  private func entry(_ index: Int, of node: Node?) -> Node? {
    let keys = node?.mapping?.flatMap { key, value in
      [Node](repeating: key, count: max(1, value.sequence?.count ?? 1))
    }
    return keys.flatMap { index < $0.count ? $0[index] : $0.last }
  }

  @discardableResult
  private mutating func refuse<T>(_ node: Node?, _ what: String) -> T? {
    let place = node?.mark.map { "\($0.line):\($0.column)" } ?? "1:1"
    problems.append("\(file):\(place): error: \(what)")
    return nil
  }

  private mutating func refuse(_ node: Node?, _ what: String) {
    let _: Never? = refuse(node, what)
  }

  private static func line(of error: any Error, file: String) -> String {
    if case .scanner(_, let problem, let mark, _)? = error as? YamlError {
      return "\(file):\(mark.line):\(mark.column): error: no YAML: \(problem)"
    }
    if case .parser(_, let problem, let mark, _)? = error as? YamlError {
      return "\(file):\(mark.line):\(mark.column): error: no YAML: \(problem)"
    }
    return "\(file):1:1: error: no YAML: \("\(error)".split(separator: "\n").joined(separator: " "))"
  }
}
