import HTTP2
import Yams

/// The section `http2` of the configuration file: what one connection may do, and for how long.
struct HTTP2Section {
  static let key = "http2"

  private var values: [(setting: HTTP2Settings.Named, value: Int)] = []

  init() {}

  /// Reads the section. Each key is optional; an unknown one is an error.
  init(of section: Node, path: String) throws(ConfigurationFile.Problem) {
    func problem(_ node: Node, _ what: String) -> ConfigurationFile.Problem {
      let place = node.mark.map { "\($0.line):\($0.column)" } ?? "1:1"
      return ConfigurationFile.Problem(description: "\(path):\(place): error: \(what)")
    }
    guard let mapping = section.mapping else {
      throw problem(section, "`\(Self.key)` is no mapping; write `\(Self.key): {faultCount: 200}`")
    }
    for (key, node) in mapping {
      let name = key.string ?? "?"
      guard let setting = HTTP2Settings.named.first(where: { $0.name == name }) else {
        let names = HTTP2Settings.named.map(\.name).joined(separator: ", ")
        throw problem(key, "unknown key `\(name)` in `\(Self.key)`; the keys are \(names)")
      }
      guard let value = node.int, setting.range.contains(value) else {
        let range = "\(setting.range.lowerBound) to \(setting.range.upperBound)"
        throw problem(node, "`\(name): \(node.string ?? "...")` is not a whole number of \(range)")
      }
      values.append((setting, value))
    }
  }

  func apply(to settings: inout HTTP2Settings) {
    for (setting, value) in values { settings[keyPath: setting.path] = value }
  }
}
