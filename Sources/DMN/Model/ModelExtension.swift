/// An element of Postern's own namespace that stands in an element's `extensionElements`: what the
/// standard has no words for. What other tools put there is passed over.
public struct ModelExtension: Sendable, Equatable {
  /// The namespace. Tools that do not know it keep its elements as they are.
  public static let namespace = "urn:postern:dmn:1"
  /// What stands before names in `XMLNode`, whatever prefix the file has declared.
  static let prefix = "postern:"

  /// Without a prefix.
  public var name: String
  public var attributes: [String: String]
  public var elements: [ModelExtension]
  /// The character data directly inside; empty where there is none.
  public var text: SourceText
  public var position: SourcePosition

  public init(
    _ name: String, _ attributes: [String: String] = [:], elements: [ModelExtension] = [],
    text: String = ""
  ) {
    self.name = name
    self.attributes = attributes
    self.elements = elements
    self.text = SourceText(text)
    position = SourcePosition()
  }

  init(_ node: XMLNode) {
    name = String(node.name.dropFirst(Self.prefix.count))
    attributes = node.attributes
    elements = node.children.map(ModelExtension.init)
    text = node.sourceText
    position = node.position
  }

  /// The elements inside that have this name.
  public func elements(named name: String) -> [ModelExtension] {
    elements.filter { $0.name == name }
  }
}

extension XMLNode {
  /// What stands in its `extensionElements`.
  var extensions: [ModelExtension] {
    children("extensionElements").flatMap(\.children).filter {
      $0.name.hasPrefix(ModelExtension.prefix)
    }.map(ModelExtension.init)
  }
}

extension ModelWriter {
  mutating func extensions(_ extensions: [ModelExtension]) {
    if extensions.isEmpty { return }
    element("extensionElements") { writer in
      for element in extensions { writer.extensionElement(element) }
    }
  }

  private mutating func extensionElement(_ extended: ModelExtension) {
    let name = ModelExtension.prefix + extended.name
    let attributes = extended.attributes.sorted { $0.key < $1.key }
      .map { (name: $0.key, value: Optional($0.value)) }
    if extended.elements.isEmpty, !extended.text.text.isEmpty {
      xml.element(name, attributes, text: extended.text.text)
    } else {
      element(name, attributes) { writer in
        for child in extended.elements { writer.extensionElement(child) }
      }
    }
  }
}

extension DecisionModel {
  /// Whether any part of it has an extension.
  var hasExtensions: Bool {
    decisions.contains { decision in
      !decision.extensions.isEmpty
        || decision.table?.rules.contains { !$0.extensions.isEmpty } ?? false
    }
  }
}
