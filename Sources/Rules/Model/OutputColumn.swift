import Wire

/// Which output a column holds: `reason`, `code`, `message`, `obligation`, `claim.NAME` or
/// `metadata.NAME`.
public struct OutputColumn: Hashable, Sendable {
  /// LIMIT: what a reply's length fields and the compiled table take.
  static let nameByteCountMax = 255
  /// LIMIT: outputs travel in reply headers too; 4 KiB is half of what servers accept for one.
  static let valueByteCountMax = 4096

  static let fixedNames = ["reason", "code", "message", "obligation"]

  public let kind: OutputKind
  /// Of a claim or a metadata entry.
  public let name: String

  /// `nil` for what is no output's column.
  public init?(_ column: String) {
    switch column {
    case "reason": self.init(kind: .reason)
    case "code": self.init(kind: .code)
    case "message": self.init(kind: .message)
    case "obligation": self.init(kind: .obligation)
    default:
      let parts = column.split(separator: ".", maxSplits: 1)
      guard parts.count == 2, parts[1].utf8.count <= Self.nameByteCountMax else { return nil }
      switch parts[0] {
      case "claim": self.init(kind: .claim, name: String(parts[1]))
      case "metadata": self.init(kind: .metadata, name: String(parts[1]))
      default: return nil
      }
    }
  }

  init(kind: OutputKind, name: String = "") {
    self.kind = kind
    self.name = name
  }

  /// Of an output of a decision.
  init(_ output: DecisionReply.Output) { self.init(kind: output.kind, name: output.name) }

  /// As a header line says it.
  public var text: String {
    switch kind {
    case .claim: "claim.\(name)"
    case .metadata: "metadata.\(name)"
    default: "\(kind)"
    }
  }

  /// Whether its values may be numbers, for a table to add up or count.
  var canAggregate: Bool { kind == .claim || kind == .metadata }

  func output(_ value: String) -> DecisionReply.Output {
    DecisionReply.Output(kind: kind, name: name, value: value)
  }
}

extension SourceText {
  /// The text of an output's cell: without backticks, and without the quotes of a literal. Empty
  /// where the cell says nothing.
  func outputText(log: inout DiagnosticLog) -> String {
    if isBlank { return "" }
    let bare = withoutBackticks
    var text = bare.text
    if text.count > 1, text.hasPrefix("\""), text.hasSuffix("\"") {
      do throws(CellError) {
        text = try CellParser.literal(text)
      } catch {
        log.error(at: bare.location(at: error.offset), error.message)
      }
    }
    if text.utf8.count > OutputColumn.valueByteCountMax {
      log.error(
        at: location,
        "an output of \(text.utf8.count) bytes; \(OutputColumn.valueByteCountMax) is the most")
    }
    return text
  }
}
