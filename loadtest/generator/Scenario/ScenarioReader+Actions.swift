import Foundation
import Yams

/// What happens to the tables.
extension ScenarioReader {
  /// `tables` is the directory that has the files, where the scenario names one.
  mutating func readActions(_ node: Node, tables: String?) -> [TableAction] {
    guard let nodes = node.sequence else {
      refuse(node, "`actions` is a list, as in `- {every: 1s, rewrite: FILE}`")
      return []
    }
    return nodes.compactMap { readAction($0, tables: tables) }
  }

  private mutating func readAction(_ node: Node, tables: String?) -> TableAction? {
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
    if let name = TableAction(everySeconds: 1, change: change, reloads: false).file {
      let place = keys["touch"] ?? keys["rewrite"]
      if name.contains("/") {
        refuse(place, "`\(name)` is no file name; files lie in `tables` itself")
      } else if let tables, !FileManager.default.fileExists(atPath: tables + "/" + name) {
        refuse(place, "no such file `\(name)` in `\(tables)`; name a table of the directory")
      }
    }
    return TableAction(everySeconds: every ?? 1, change: change, reloads: reloads)
  }
}
