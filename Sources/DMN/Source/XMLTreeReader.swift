import Foundation

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// Reads XML into a tree of the elements of DMN's namespaces and of Postern's extensions; what stands
/// in another one is skipped.
///
/// A document type declaration is refused before the parser sees it, so that no entity is ever
/// declared, let alone fetched. The tree holds at most `DMNLimits.elementCountMax` elements.
final class XMLTreeReader: NSObject, XMLParserDelegate {
  private let file: String
  private var parser: XMLParser?
  private var open: [XMLNode] = []
  private var depth = 0
  /// Depth of the outermost skipped element that is open.
  private var skippedDepth: Int?
  private var elementCount = 0
  /// Where the last event ended, which is where the next tag starts.
  private var cursor = SourcePosition()
  private var root: XMLNode?
  private var rootNamespace = ""
  private var problem: DMNProblem?

  private init(file: String) { self.file = file }

  /// The root element and its namespace.
  static func read(_ data: Data, file: String) throws(DMNProblem) -> (
    root: XMLNode, namespace: String
  ) {
    guard data.count <= DMNLimits.fileByteCountMax else {
      throw DMNProblem(
        file: file, at: SourcePosition(),
        "the file has \(data.count) bytes and may have \(DMNLimits.fileByteCountMax); split the model"
      )
    }
    if let problem = XMLProlog.problem(in: data) {
      throw DMNProblem(file: file, at: problem.position, problem.message)
    }
    let reader = XMLTreeReader(file: file)
    // Read in pieces: given whole, more than 10 MB end in an error of the parser.
    let parser = XMLParser(stream: InputStream(data: data))
    reader.parser = parser
    parser.delegate = reader
    parser.shouldProcessNamespaces = true
    parser.shouldReportNamespacePrefixes = false
    parser.shouldResolveExternalEntities = false
    _ = parser.parse()
    parser.delegate = nil
    if let problem = reader.problem { throw problem }
    guard let root = reader.root else {
      throw DMNProblem(file: file, at: reader.cursor, "no DMN element; is this a DMN file?")
    }
    return (root, reader.rootNamespace)
  }

  private func place(_ parser: XMLParser, plus columns: Int = 0) -> SourcePosition {
    SourcePosition(line: max(parser.lineNumber, 1), column: max(parser.columnNumber + columns, 1))
  }

  private func refuse(_ parser: XMLParser, at position: SourcePosition, _ message: String) {
    if problem == nil { problem = DMNProblem(file: file, at: position, message) }
    parser.abortParsing()
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    if problem != nil { return }
    let start = cursor
    cursor = place(parser, plus: 1)
    depth += 1
    elementCount += 1
    if depth > DMNLimits.elementDepthMax {
      return refuse(
        parser, at: start,
        "elements nest more than \(DMNLimits.elementDepthMax) deep; flatten the model")
    }
    if elementCount > DMNLimits.elementCountMax {
      return refuse(
        parser, at: start, "more than \(DMNLimits.elementCountMax) elements; split the model")
    }
    if skippedDepth != nil { return }
    for (attribute, value) in attributes where value.utf8.count > DMNLimits.textCharacterCountMax {
      return refuse(
        parser, at: start,
        "the attribute `\(attribute)` is longer than \(DMNLimits.textCharacterCountMax) bytes; shorten it"
      )
    }
    let namespace = namespaceURI ?? ""
    if depth == 1 {
      rootNamespace = namespace
    } else if namespace != rootNamespace, !isExtension(namespace) {
      skippedDepth = depth
      return
    }
    let prefix = namespace == ModelExtension.namespace ? ModelExtension.prefix : ""
    open.append(
      XMLNode(name: prefix + name, attributes: attributes, position: start, contentPosition: cursor))
  }

  /// Whether an element of that namespace, where it would stand, is one of Postern's own.
  private func isExtension(_ namespace: String) -> Bool {
    guard namespace == ModelExtension.namespace, let outer = open.last?.name else { return false }
    return outer == "extensionElements" || outer.hasPrefix(ModelExtension.prefix)
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    if problem != nil { return }
    cursor = place(parser)
    depth -= 1
    if let skipped = skippedDepth {
      if depth < skipped { skippedDepth = nil }
      return
    }
    guard let node = open.popLast() else { return }
    if open.isEmpty { root = node } else { open[open.count - 1].children.append(node) }
  }

  func parser(_ parser: XMLParser, foundCharacters text: String) {
    cursor = place(parser)
    append(text, parser)
  }

  func parser(_ parser: XMLParser, foundCDATA data: Data) {
    cursor = place(parser, plus: data.count + 3)
    append(String(decoding: data, as: UTF8.self), parser)
  }

  func parser(_ parser: XMLParser, foundComment comment: String) { cursor = place(parser) }

  func parser(_ parser: XMLParser, foundProcessingInstructionWithTarget: String, data: String?) {
    cursor = place(parser)
  }

  func parser(_ parser: XMLParser, parseErrorOccurred error: any Error) {
    if problem != nil { return }
    let code = (error as NSError).code
    problem = DMNProblem(
      file: file, at: place(parser),
      "this is not well-formed XML: \(XMLFault.text(code)); correct it")
    parser.abortParsing()
  }

  /// The elements whose character data means something; elsewhere it is indentation.
  private static let textElements: Set<String> = [
    "text", "description", "question", "allowedAnswers", "typeRef",
  ]

  private func append(_ text: String, _ parser: XMLParser) {
    if problem != nil || skippedDepth != nil || open.isEmpty { return }
    let last = open.count - 1
    if !Self.textElements.contains(open[last].name),
      !open[last].name.hasPrefix(ModelExtension.prefix)
    {
      return
    }
    // A byte count is at least the character count, and cheap to know.
    if open[last].text.utf8.count + text.utf8.count > DMNLimits.textCharacterCountMax,
      open[last].text.count + text.count > DMNLimits.textCharacterCountMax
    {
      return refuse(
        parser, at: open[last].contentPosition,
        "the text of `\(open[last].name)` is longer than \(DMNLimits.textCharacterCountMax) characters; "
          + "shorten it")
    }
    open[last].text += text
  }
}
