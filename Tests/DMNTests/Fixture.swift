import DMN
import Foundation

/// The DMN files beside the tests.
enum Fixture {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Fixtures")

  static func read(_ name: String) throws -> ModelReading {
    let data = try Data(contentsOf: folder.appendingPathComponent(name))
    return ModelReader.read(data, file: name)
  }

  static func read(xml: String) -> ModelReading {
    ModelReader.read(Data(xml.utf8), file: "test.dmn")
  }

  /// A model with these elements in its `definitions`.
  static func definitions(_ body: String) -> String {
    """
    <definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="m" namespace="n">
    \(body)
    </definitions>
    """
  }
}

extension Fixture {
  /// The keys of all contexts in a value.
  static func keys(of value: FeelValue) -> Set<String> {
    switch value {
    case .list(let elements): Set(elements.flatMap(keys))
    case .context(let context):
      Set(context.keys).union(context.entries.flatMap { keys(of: $0.value) })
    default: []
    }
  }
}
