import EdgeProof
import Foundation
import WatchedFiles
import Yams

/// A settings file whose section `edgeProof` is read now, and again when it or a file of secrets that
/// it names has changed.
public struct EdgeProofFile: Sendable {
  private let path: String
  /// The settings file and every file of secrets, as they were when they were read last.
  private var stamps: [String: FileStamp?] = [:]
  /// Whether the section was there before.
  private var hadSection = false

  public init(_ path: String) { self.path = path }

  /// The files as they were when somebody looked at them last.
  private var seen: [String: FileStamp?] = [:]

  /// Whether any of the files is another than when it was read. Files that were never read are.
  public var hasChanged: Bool {
    stamps.isEmpty || stamps.contains { FileStamp($0.key) != $0.value }
  }

  /// Whether they have changed and nobody is writing to them: they are as they were when this was asked
  /// last.
  public mutating func hasSettledChange() -> Bool {
    let now = Dictionary(uniqueKeysWithValues: stamps.keys.map { ($0, FileStamp($0)) })
    defer { seen = now }
    return hasChanged && now == seen
  }

  /// Reads everything. Throws all that is wrong. A section that was there must stay, with its `mode` and up
  /// to the end of its last line: a file that is half written must not turn proof off.
  public mutating func read() throws(EdgeProofFileError) -> EdgeProofSettings {
    // Before it is read: a change while it is read is a change after.
    stamps = [path: FileStamp(path)]
    guard let node = try section() else {
      guard hadSection else { return EdgeProofSettings() }
      throw EdgeProofFileError(
        path, "the section `edgeProof` is gone; write `edgeProof: {mode: off}` to ask for nothing")
    }
    if hadSection, node.mapping?["mode"] == nil {
      throw EdgeProofFileError(
        path,
        "`edgeProof` has no `mode`, and a file that is half written must not turn proof off; write"
          + " `mode: off` to ask for nothing", at: node)
    }
    let section = EdgeProofSection(node, file: path)
    stamps.merge(section.stamps) { $1 }
    guard section.reader.problems.isEmpty else {
      throw EdgeProofFileError(problems: section.reader.problems)
    }
    hadSection = true
    return section.settings
  }

  private mutating func section() throws(EdgeProofFileError) -> Node? {
    guard let data = FileManager.default.contents(atPath: path) else {
      // What is in it is not known: the next look reads it again, unless there is no file.
      stamps[path] = .some(nil)
      throw EdgeProofFileError(path, "no such file, or it cannot be read")
    }
    guard let text = String(data: data, encoding: .utf8) else {
      throw EdgeProofFileError(path, "not UTF-8")
    }
    guard !hadSection || text.hasSuffix("\n") else {
      throw EdgeProofFileError(
        path, "its last line has no end: it may be half written; end it with a line break")
    }
    let root: Node?
    do {
      root = try Yams.compose(yaml: text)
    } catch {
      throw EdgeProofFileError(problems: [SettingsProblem(syntax: error, file: path)])
    }
    return root?.mapping?["edgeProof"]
  }
}

/// All that is wrong with the settings of a file.
public struct EdgeProofFileError: Error {
  public var problems: [SettingsProblem]

  init(problems: [SettingsProblem]) { self.problems = problems }

  fileprivate init(_ file: String, _ message: String, at node: Node? = nil) {
    let (line, column) = (node?.mark?.line ?? 1, node?.mark?.column ?? 1)
    problems = [SettingsProblem(file: file, line: line, column: column, message: message)]
  }
}
