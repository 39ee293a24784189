/// Collects what is wrong with one file, so that all of it is reported at once.
struct DiagnosticLog {
  let file: String
  private(set) var diagnostics: [Diagnostic] = []

  init(file: String) { self.file = file }

  mutating func error(at location: SourceLocation, _ message: String) {
    diagnostics.append(Diagnostic(.error, file: file, at: location, message))
  }

  mutating func warning(at location: SourceLocation, _ message: String) {
    diagnostics.append(Diagnostic(.warning, file: file, at: location, message))
  }
}
