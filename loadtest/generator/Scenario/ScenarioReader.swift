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
  /// LIMIT: as `byteCountMax`.
  static let templateCountMax = 1000

  let file: String
  private(set) var problems: [String] = []

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
    let tables = keys["tables"].flatMap { readText($0, or: nil) }.map { path in
      path.hasPrefix("/")
        ? path : URL(fileURLWithPath: file).deletingLastPathComponent().path + "/" + path
    }
    if let tables, !FileManager.default.fileExists(atPath: tables) {
      refuse(keys["tables"], "no such directory `\(tables)`; `tables` is relative to this file")
    }
    let actions = keys["actions"].map { readActions($0, tables: tables) } ?? []
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

  /// Keeps a problem; `nil`, so that it can stand where a value was wanted.
  @discardableResult
  mutating func refuse<T>(_ node: Node?, _ what: String) -> T? {
    let place = node?.mark.map { "\($0.line):\($0.column)" } ?? "1:1"
    problems.append("\(file):\(place): error: \(what)")
    return nil
  }

  mutating func refuse(_ node: Node?, _ what: String) {
    let _: Never? = refuse(node, what)
  }
}
