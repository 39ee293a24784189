#if SETTINGS
  import Foundation
  import HTTP2
  import Server
  import Settings

  extension FuzzTarget {
    /// A settings file as `postern serve --check` reads it: read, or refused with problems, one line each,
    /// that name it.
    static let settingsFile = FuzzTarget("settings-file", upTo: 16 << 10, from: documented) {
      input throws(Finding) in
      let path = NSTemporaryDirectory() + "postern-fuzz-settings-\(getpid()).yaml"
      guard FileManager.default.createFile(atPath: path, contents: Data(input)) else {
        throw Finding("cannot write `\(path)`")
      }
      defer { try? FileManager.default.removeItem(atPath: path) }
      var told = ServeSettings()
      told.read(path)
      for problem in told.problems {
        let isLine = !problem.contains(where: \.isNewline)
        try require(isLine && problem.hasPrefix("\(path):"), problem)
      }
      // What can be served has its limits.
      guard told.problems.isEmpty else { return }
      let server = told.server
      try require(told.file != nil, "no problem, and no file")
      try require(
        server.http2.concurrentStreams > 0 && server.connectionCountMax > 0 && server.loopCount > 0
          && server.http2.headerCount > 0 && server.http2.headerByteCount > 0, "a limit of nothing")
    }

    /// The settings that are documented, every one of them, and those behind comment signs.
    private static let documented: [[UInt8]] = {
      let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
      let file = root.appendingPathComponent("ops/postern.yaml")
      guard let text = try? String(contentsOf: file, encoding: .utf8) else { return [] }
      return [Array(text.utf8), Array(text.replacing(/(?m)^(\s*)# (\s*)(\w+:)/) { "\($0.1)\($0.2)\($0.3)" }.utf8)]
    }()
  }
#endif
