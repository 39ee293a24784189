import Foundation

@testable import Rules

extension TableReloader.Outcome {
  var isUnchanged: Bool {
    if case .unchanged = self { true } else { false }
  }

  var isRefused: Bool {
    if case .refused = self { true } else { false }
  }

  var isPublished: Bool {
    if case .published = self { true } else { false }
  }
}

/// A table of one rule, or of more that never match.
func servedTable(
  tenant: String = "", verdict: String, order: Int = 100, ruleCount: Int = 1
) -> String {
  let others = (1..<ruleCount).map { "| \($0 % 100) | \"user-\($0)\" | \(verdict) |\n" }.joined()
  return """
  ---
  trigger: post-login
  tenant: "\(tenant)"
  order: \(order)
  hitPolicy: FIRST
  mode: enforce
  ---
  ## Rules

  | akamaiUserRisk.score | user.id | verdict |
  |----------------------|---------|---------|
  \(others)| -                    | -       | \(verdict) |
  """
}

extension String {
  /// `isCut` leaves out the last line's end.
  func write(to directory: URL, _ name: String = "one", isCut: Bool = false) throws {
    let file = directory.appendingPathComponent("\(name).table.md")
    let text = isCut || hasSuffix("\n") ? self : self + "\n"
    try text.write(to: file, atomically: false, encoding: .utf8)
  }
}

func withDirectory(_ body: (URL) throws -> Void) throws {
  let directory = FileManager.default.temporaryDirectory
    .appendingPathComponent("postern-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: directory) }
  try body(directory)
}
