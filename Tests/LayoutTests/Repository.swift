import Foundation

/// The repository that these tests were built from.
let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent()

/// The Swift files below a folder of the repository.
func swiftFiles(under folder: String) throws -> [URL] {
  let base = root.appendingPathComponent(folder)
  let enumerator = FileManager.default.enumerator(at: base, includingPropertiesForKeys: nil)
  return (enumerator?.allObjects as? [URL] ?? []).filter { $0.pathExtension == "swift" }
    .sorted { $0.path < $1.path }
}
