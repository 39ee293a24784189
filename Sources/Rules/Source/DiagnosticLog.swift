/// Collects what is wrong with one file, so that all of it is reported at once.
struct DiagnosticLog {
  /// LIMIT: findings kept of one file; who has that many mistakes has made one mistake often.
  static let countMax = 1000

  /// LIMIT: of a message; the longest list of names that may stand in a cell's place has half of it.
  private static let messageByteCountMax = 8192

  let file: String
  private(set) var diagnostics: [Diagnostic] = []
  /// How many came after the last that was kept.
  private(set) var droppedCount = 0

  init(file: String) { self.file = file }

  mutating func error(at location: SourceLocation, _ message: String) {
    append(Diagnostic(.error, file: file, at: location, Self.shortened(message)))
  }

  mutating func warning(at location: SourceLocation, _ message: String) {
    append(Diagnostic(.warning, file: file, at: location, Self.shortened(message)))
  }

  /// All that was kept, by place, and at the end how many more there are.
  var sorted: [Diagnostic] {
    let kept = diagnostics.sorted()
    guard droppedCount > 0, let last = kept.last else { return kept }
    let rest = "\(droppedCount) more findings; correct those above first"
    return kept + [Diagnostic(.error, file: file, at: last.location, rest)]
  }

  /// A message that quotes a whole cell is cut in its middle: what to do stands at the end.
  private static func shortened(_ message: String) -> String {
    guard message.utf8.count > messageByteCountMax else { return message }
    let part = messageByteCountMax / 8
    return "\(message.prefix(part)) ... \(message.suffix(part))"
  }

  private mutating func append(_ diagnostic: Diagnostic) {
    if diagnostics.count < Self.countMax {
      diagnostics.append(diagnostic)
    } else {
      droppedCount += 1
    }
  }
}
