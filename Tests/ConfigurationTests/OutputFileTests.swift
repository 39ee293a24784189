import Foundation
import Testing

@testable import postern

/// Where `postern compile -o` and its like write.
@Suite struct OutputFileTests {
  private func withDirectory(_ body: (URL) throws -> Void) throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "whole-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    try body(directory)
  }

  private func type(_ file: URL) throws -> FileAttributeType? {
    try FileManager.default.attributesOfItem(atPath: file.path)[.type] as? FileAttributeType
  }

  @Test func `a file is made, or replaced, behind links too`() throws {
    try withDirectory { directory in
      let (file, link) = (directory.appending(path: "file"), directory.appending(path: "link"))
      try OutputFile(file.path).replace(with: [1])
      try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: "file")
      try OutputFile(link.path).replace(with: [2, 3])
      #expect(try [UInt8](Data(contentsOf: file)) == [2, 3])
      #expect(try type(link) == .typeSymbolicLink)
      #expect(try type(file) == .typeRegular)
    }
  }

  @Test func `what is no file is left as it is, with what to do`() throws {
    try withDirectory { directory in
      let pipe = directory.appending(path: "pipe")
      // SAFETY: the path is a C string for the call.
      #expect(unsafe mkfifo(pipe.path, 0o600) == 0)
      let (link, loop) = (directory.appending(path: "link"), directory.appending(path: "loop"))
      try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: "pipe")
      try FileManager.default.createSymbolicLink(atPath: loop.path, withDestinationPath: "loop")
      let expected = [
        (directory.path, "is a directory; name a file in it"), (pipe.path, "is no regular file"),
        (link.path, "is no regular file"), (loop.path, "is a link that leads to no file"),
        ("/dev/null", "is no regular file"),
      ]
      for (path, text) in expected {
        let refusal = #expect(throws: OutputFile.Refusal.self) { try OutputFile(path) }
        #expect(refusal?.description.hasPrefix("`\(path)` \(text)") == true, "\(path)")
      }
      #expect(throws: (any Error).self) { try writeFile([1], to: pipe.path) }
      #expect(try type(pipe) != .typeRegular)
    }
  }
}
