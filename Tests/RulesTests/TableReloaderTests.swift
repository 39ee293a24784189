import Foundation
import Rules
import Tables
import Testing

@Suite struct TableReloaderTests {
  @Test func `a look leaves alone what is still being written`() throws {
    try withDirectory { directory in
      let reloader = TableReloader(
        directory: directory.path, triggers: ["post-login"], store: TableStore())
      try table(verdict: "allow").write(to: directory)
      #expect(!reloader.look().isPublished, "the first look only takes note")
      #expect(reloader.look().isPublished)
      #expect(!reloader.look().isPublished, "nothing has changed")

      try table(verdict: "mfa").write(to: directory)
      #expect(!reloader.look().isPublished)
      // Written on: the stamp has moved again, so the next look waits as well.
      try table(verdict: "review").write(to: directory)
      #expect(!reloader.look().isPublished)
      #expect(reloader.look().isPublished)
      #expect(reloader.counts.published == 2)
    }
  }

  @Test func `a forced load waits for nothing`() throws {
    try withDirectory { directory in
      let reloader = TableReloader(
        directory: directory.path, triggers: ["post-login"], store: TableStore())
      try table(verdict: "allow").write(to: directory)
      #expect(reloader.reload(force: true).isPublished)
      #expect(reloader.reload(force: true).isPublished)
    }
  }
}

extension TableReloader.Outcome {
  fileprivate var isPublished: Bool {
    if case .published = self { true } else { false }
  }
}

/// A table of one rule.
private func table(verdict: String) -> String {
  """
  ---
  trigger: post-login
  hitPolicy: FIRST
  mode: enforce
  ---
  ## Rules

  | akamaiUserRisk.score | verdict |
  |----------------------|---------|
  | -                    | \(verdict) |
  """
}

extension String {
  fileprivate func write(to directory: URL) throws {
    let file = directory.appendingPathComponent("one.table.md")
    try write(to: file, atomically: false, encoding: .utf8)
  }
}

private func withDirectory(_ body: (URL) throws -> Void) throws {
  let directory = FileManager.default.temporaryDirectory
    .appendingPathComponent("postern-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: directory) }
  try body(directory)
}
