import Signals
import Wire

/// A table's settings, typed. What is `nil` was missing or wrong, and has been reported.
struct TableSettings {
  var name: String
  /// `nil` where the settings do not say one: then it is the source's heading.
  var title: String?
  var trigger: String?
  var tenant = ""
  var order = Table.orderDefault
  var hitPolicy: HitPolicy?
  var mode: Mode?
  var canary: Canary?
  var shadow: Shadow?
  var onLate = Table.onLateDefault
  var budget: (nanoseconds: Int, location: SourceLocation)?
  /// What is said of output columns, not yet compared with the columns that there are.
  var outputs = OutputSettings()
  var lists: [List] = []
  /// The built-in signals and those that the table declares.
  var registry = SignalRegistry()
  /// Whether there are none that could be read, which has been reported: what they declare is not known.
  var areUnread = false
}

extension TableSettings {
  /// A list and where its path stands; an empty path was refused and has been reported.
  struct List {
    let declaration: ListDeclaration
    let location: SourceLocation
  }
}

/// What settings say of output columns, each by the column's name.
struct OutputSettings {
  struct Values {
    let column: SourceText
    let texts: [SourceText]
  }

  var types: [(column: SourceText, type: OutputClause.ValueType)] = []
  var values: [Values] = []
  /// What applies when no rule matches.
  var defaults: [(column: SourceText, value: SourceText)] = []
  /// Of `default:`, `nil` where there is none.
  var defaultLocation: SourceLocation?
}

extension TableSettings {
  static let keys = [
    "name", "title", "trigger", "tenant", "order", "hitPolicy", "mode", "shadow", "shadowOf",
    "onLate", "budget", "lists", "signals", "outputs", "values", "default",
  ]

  /// Reads the settings of a source; what is wrong with them is reported.
  init(_ frontMatter: FrontMatter, defaultName: String, log: inout DiagnosticLog) {
    for entry in frontMatter.entries where !Self.keys.contains(entry.key.text) {
      let known = "; the settings are `" + Self.keys.joined(separator: "`, `") + "`"
      log.error(
        at: entry.key.location,
        "no setting `\(entry.key.text)`"
          + hint(for: entry.key.text, among: Self.keys, otherwise: known))
    }
    var reader = SettingsReader(frontMatter: frontMatter, log: log)
    let givenName = reader.name("name", mayBeEmpty: false)
    name = givenName ?? defaultName
    title = reader.scalar("title", example: "Step up risky logins")?.text
    trigger = reader.name("trigger", mayBeEmpty: false, isRequired: true)
    tenant = reader.name("tenant", mayBeEmpty: true) ?? ""
    order = reader.order() ?? Table.orderDefault
    let policies = HitPolicy.allCases.map(\.rawValue)
    hitPolicy = reader.choice("hitPolicy", of: policies, isRequired: true, HitPolicy.init(name:))
    shadow = reader.shadow()
    if let mode = reader.mode(isRequired: shadow == nil) {
      self.mode = mode.mode
      canary = mode.canary
    } else if shadow != nil {
      mode = .audit
    }
    onLate =
      reader.choice("onLate", of: Verdict.allCases.map(\.name)) { Verdict(name: $0) }
      ?? Table.onLateDefault
    budget = reader.budget()
    lists = reader.lists()
    registry = reader.signals()
    outputs = reader.outputs()
    log = reader.log
    if !isName(name) {
      log.error(
        at: frontMatter.location,
        "`\(name)`, from the file's name, is no name; set `name:` to letters, digits, `.`, `_` and"
          + " `-`"
      )
    }
  }
}

/// Whether a text can name a table, a rule, a trigger or a tenant on the wire.
func isName(_ text: String) -> Bool {
  !text.isEmpty && text.utf8.count <= Table.nameByteCountMax && text.utf8.allSatisfy(isNameByte)
}
