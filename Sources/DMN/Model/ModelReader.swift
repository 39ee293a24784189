import Foundation

/// What reading a file gave: the model as far as it could be read, and all that is wrong with it.
public struct ModelReading: Sendable {
  public var file: String
  /// nil where the file is no DMN model at all.
  public var model: DecisionModel?
  /// In file order. A problem with an `element` spoils that element and what requires it; one without
  /// spoils the file.
  public var problems: [DMNProblem]
  /// What the file calls models that it imports.
  var importNames: [String] = []
  /// Those of `problems` that are imports.
  var importProblems: [DMNProblem] = []

  public var hasErrors: Bool { problems.contains { $0.severity == .error } }
}

/// Reads DMN XML: versions 1.1 to 1.5 of the standard.
public struct ModelReader {
  let file: String
  var problems: [DMNProblem] = []
  /// The element being read, which problems are held against.
  var element: String?
  /// Whether the file says that its expressions are FEEL, as they are by default.
  var isFeel = true
  /// Whether the file imports another model, which is not read.
  var hasImport = false
  /// What the file calls the language of its types, where that is not FEEL.
  var typeLanguage: String?
  /// The same of item definitions that name one of their own; `nil` for FEEL.
  var itemTypeLanguages: [String: String?] = [:]
  /// What it calls those models.
  var importNames: [String] = []
  var importProblems: [DMNProblem] = []
  /// The model's own, by which an `href` may name this file.
  var namespace = ""

  private init(file: String) { self.file = file }

  /// Reads the file at `path`. The error is a file that cannot be opened.
  public static func read(path: String) throws -> ModelReading {
    let url = URL(fileURLWithPath: path)
    let size = try url.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
    guard size <= DMNLimits.fileByteCountMax else {
      let problem = DMNProblem(
        file: path, at: SourcePosition(),
        "the file has \(size) bytes and may have \(DMNLimits.fileByteCountMax); split the model")
      return ModelReading(file: path, model: nil, problems: [problem])
    }
    return read(try Data(contentsOf: url), file: path)
  }

  /// Reads a file's bytes; `file` is what problems call it. Time and memory are linear in the bytes.
  public static func read(_ data: Data, file: String) -> ModelReading {
    var reader = ModelReader(file: file)
    var model: DecisionModel?
    do throws(DMNProblem) {
      var (root, namespace) = try XMLTreeReader.read(data, file: file)
      model = try reader.model(&root, namespace)
    } catch {
      reader.problems.append(error)
    }
    return reader.reading(model)
  }

  /// What reading a model in another format than XML gave, held against the same rules. `problems` are
  /// what that reading has found.
  public static func reading(
    _ model: DecisionModel?, file: String, problems: [DMNProblem]
  ) -> ModelReading {
    var reader = ModelReader(file: file)
    reader.problems = problems
    return reader.reading(model)
  }

  private consuming func reading(_ model: DecisionModel?) -> ModelReading {
    if let model {
      checkGraph(of: model)
      checkTypes(of: model)
    }
    problems.sort { ($0.line, $0.column) < ($1.line, $1.column) }
    return ModelReading(
      file: file, model: model, problems: problems, importNames: importNames,
      importProblems: importProblems)
  }

  /// The namespaces of the versions that are read.
  public static let namespaces = [
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "https://www.omg.org/spec/DMN/20230324/MODEL/",
  ]

  mutating func report(
    at position: SourcePosition, _ message: String, severity: DMNProblem.Severity = .error
  ) {
    guard problems.count < DMNLimits.problemCountMax else {
      if problems.count == DMNLimits.problemCountMax {
        problems.append(.more(file: file, at: position))
      }
      return
    }
    problems.append(
      DMNProblem(file: file, at: position, severity: severity, element: element, message))
  }

  private mutating func model(
    _ root: inout XMLNode, _ namespace: String
  ) throws(DMNProblem) -> DecisionModel {
    guard root.name == "definitions", Self.namespaces.contains(namespace) else {
      throw DMNProblem(
        file: file, at: root.position,
        "the root is `\(root.name)` of namespace `\(namespace)`; it has to be `definitions` of DMN 1.1 to "
          + "1.5, for example `\(Self.namespaces[4])`")
    }
    var model = DecisionModel(
      id: root.attribute("id"), name: root.attributes["name"] ?? "",
      namespace: root.attributes["namespace"] ?? "")
    self.namespace = model.namespace
    if let language = root.attributes["expressionLanguage"] { isFeel = Self.isFeel(language) }
    typeLanguage = Self.otherLanguage(root.attributes["typeLanguage"])
    prune(&root)
    for node in root.children {
      element = node.attributes["name"].map(Self.normalized)
      switch node.name {
      case "itemDefinition": model.itemDefinitions.append(itemDefinition(node))
      case "inputData": model.inputs.append(inputData(node))
      case "decision": model.decisions.append(decision(node))
      case "businessKnowledgeModel": model.knowledgeModels.append(knowledgeModel(node))
      case "decisionService": model.services.append(decisionService(node))
      case "import":
        hasImport = true
        if let element { importNames.append(element) }
        // Held against itself: what needs nothing of it is evaluated.
        element = element ?? node.name
        report(
          at: node.position,
          "models are read alone, and this one imports another; move what is needed into this file, and"
            + " remove the `import`")
        importProblems += problems.suffix(1)
      default: break
      }
    }
    element = nil
    return model
  }

  /// Whether an `expressionLanguage` is FEEL or S-FEEL: the standard's address of any version, or its short
  /// name.
  static func isFeel(_ language: String) -> Bool { language.lowercased().contains("feel") }

  /// Another language than FEEL.
  private static func otherLanguage(_ language: String?) -> String? {
    language.flatMap { isFeel($0) ? nil : $0 }
  }

  /// A reference to a type, without the prefix that older versions put before FEEL's own.
  func typeRef(_ text: String?) -> String? {
    guard let text = text?.trimmingCharacters(in: .whitespacesAndNewlines), !text.isEmpty else {
      return nil
    }
    guard let colon = text.firstIndex(of: ":"), !text.contains("<") else { return text }
    return String(text[text.index(after: colon)...])
  }

  private mutating func itemDefinition(_ node: XMLNode) -> ItemDefinition {
    var item = ItemDefinition(
      name: name(of: node),
      typeRef: typeRef(node.attributes["typeRef"] ?? node.child("typeRef")?.text))
    if let language = node.attributes["typeLanguage"] {
      itemTypeLanguages[item.name] = .some(Self.otherLanguage(language))
    }
    item.id = node.attribute("id")
    item.position = node.position
    item.isCollection = ["true", "1"].contains(node.attributes["isCollection"])
    item.allowedValues = unaryTests(node.child("allowedValues"))
    item.typeConstraint = unaryTests(node.child("typeConstraint"))
    item.components = node.children("itemComponent").map { itemDefinition($0) }
    if let function = node.child("functionItem") {
      var functionItem = FunctionItem()
      functionItem.outputTypeRef = typeRef(function.attributes["outputTypeRef"])
      functionItem.parameters = function.children("parameters").map { parameter($0) }
      item.functionItem = functionItem
    }
    return item
  }

  private mutating func inputData(_ node: XMLNode) -> InputData {
    let name = name(of: node)
    var input = InputData(id: node.attribute("id") ?? name, name: name)
    let variable = node.child("variable")
    input.variableName = variable?.attribute("name").map(Self.normalized) ?? name
    input.typeRef = typeRef(variable?.attributes["typeRef"])
    input.position = node.position
    return input
  }

  /// The `name` of an element, which has to have one.
  mutating func name(of node: XMLNode) -> String {
    let name = Self.normalized(node.attributes["name"] ?? "")
    if name.isEmpty {
      report(at: node.position, "`\(node.name)` has no name; write `name=\"…\"`")
    }
    return name
  }

  /// A name with single blanks, as FEEL compares names.
  public static func normalized(_ name: String) -> String {
    name.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  mutating func parameter(_ node: XMLNode) -> Parameter {
    Parameter(name: name(of: node), typeRef: typeRef(node.attributes["typeRef"]))
  }
}
