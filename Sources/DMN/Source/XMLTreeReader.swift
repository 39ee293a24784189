import Foundation

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// Reads XML into a tree of the elements of the root's namespace and of Postern's extensions. What other
/// tools keep in `extensionElements`, and diagrams, are skipped; any other element of another namespace is
/// in the tree as `{namespace}name`, without what stands in it, for whoever reads the tree to refuse.
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
  /// Prefixes that stand for DMN or Postern, wherever in the file.
  private var ownPrefixes: Set<String> = []
  private var problem: DMNProblem?
  /// LIMIT: what a message shows of a namespace, which may be as long as the file, for each element.
  private static let shownNamespaceCharacterCount = 200

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
    if let position = XMLProlog.emptyInstruction(in: data) {
      throw DMNProblem(file: file, at: position, "an instruction without content, as `<?x?>`; remove it")
    }
    let reader = XMLTreeReader(file: file)
    // Read in pieces: given whole, more than 10 MB end in an error of the parser.
    let parser = XMLParser(stream: InputStream(data: data))
    reader.parser = parser
    parser.delegate = reader
    parser.shouldProcessNamespaces = true
    parser.shouldReportNamespacePrefixes = true
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
    } else if namespace != rootNamespace, namespace != ModelExtension.namespace {
      skippedDepth = depth
      if !isPassedOver(namespace) {
        let shown = namespace.prefix(Self.shownNamespaceCharacterCount)
        open[open.count - 1].children.append(
          XMLNode(
            name: "{\(shown)}\(name)", attributes: [:], position: start, contentPosition: cursor))
      }
      return
    }
    let isExtension = namespace == ModelExtension.namespace
    open.append(
      XMLNode(
        name: isExtension ? ModelExtension.prefix + name : name,
        attributes: isExtension ? attributes : ownAttributes(attributes), position: start,
        contentPosition: cursor))
  }

  /// Whether the standard lets an element of that other namespace stand here, for other tools.
  private func isPassedOver(_ namespace: String) -> Bool {
    switch open.last?.name {
    case "extensionElements": !DMNNamespace.isDMN(namespace)
    case "definitions": DMNNamespace.isDiagram(namespace)
    default: false
    }
  }

  /// Those that are not other tools' own. One with a prefix for DMN or Postern is none of the standard's,
  /// whose attributes have no prefix, and keeps its prefix to be refused by.
  private func ownAttributes(_ attributes: [String: String]) -> [String: String] {
    if !attributes.keys.contains(where: { $0.utf8.contains(UInt8(ascii: ":")) }) { return attributes }
    return attributes.filter { name, _ in
      guard let colon = name.firstIndex(of: ":") else { return true }
      return ownPrefixes.contains(String(name[..<colon]))
    }
  }

  func parser(_ parser: XMLParser, didStartMappingPrefix prefix: String, toURI namespace: String) {
    if namespace == ModelExtension.namespace || DMNNamespace.isDMN(namespace) {
      ownPrefixes.insert(prefix)
    }
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

  private func append(_ text: String, _ parser: XMLParser) {
    if problem != nil || skippedDepth != nil || open.isEmpty { return }
    let last = open.count - 1
    if !ElementGrammar.textElements.contains(open[last].name),
      !open[last].name.hasPrefix(ModelExtension.prefix)
    {
      // Enough to tell that it is more than indentation.
      if open[last].text.isEmpty, text.utf8.contains(where: { $0 > 0x20 }) { open[last].text = "…" }
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
