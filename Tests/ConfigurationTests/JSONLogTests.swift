import Foundation
import Logging
import Synchronization
import Testing

@testable import postern

/// What `postern serve --json` logs.
@Suite struct JSONLogTests {
  /// The lines of a log, as objects.
  private static func lines(of log: (inout Logger) -> Void) throws -> [[String: Any]] {
    let written = Lines()
    var logger = Logger(label: "test") { _ in JSONLogHandler { written.append($0) } }
    log(&logger)
    return try written.all.map { line in
      #expect(line.utf8.last == 10 && line.utf8.count { $0 == 10 || $0 == 13 } == 1, "\(line)")
      return try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
  }

  @Test func `each entry is one object on one line, whatever is in it`() throws {
    let nasty = "tables/a.table.md:3:1: error: `\"x\\\n\r\u{2028}\u{0}\u{1B}[31m`"
    let found = try Self.lines { logger in
      logger.error("\(nasty)")
      logger.info("tables published", metadata: ["tables": "4", "chains": "\(["a", "b"])"])
    }
    #expect(found.map { $0["message"] as? String } == [nasty, "tables published"])
    #expect(found.map { $0["level"] as? String } == ["error", "info"])
    #expect(found[0]["metadata"] == nil)
    #expect(found[1]["metadata"] as? [String: String] == ["tables": "4", "chains": "[\"a\", \"b\"]"])
    #expect(found.allSatisfy { $0["source"] is String })
    let times = try found.map { try #require($0["time"] as? String) }
    #expect(times.allSatisfy { $0.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil })
  }

  @Test func `what is below the level is left out, an entry's own metadata goes before the logger's`()
    throws
  {
    let found = try Self.lines { logger in
      logger[metadataKey: "by"] = "logger"
      logger.debug("unseen")
      logger.info("a")
      logger.info("b", metadata: ["by": "entry"])
      logger.logLevel = .debug
      logger.debug("c")
    }
    #expect(found.map { $0["message"] as? String } == ["a", "b", "c"])
    #expect(found.map { ($0["metadata"] as? [String: String])?["by"] } == ["logger", "entry", "logger"])
  }
}

private final class Lines: Sendable {
  private let lines = Mutex<[String]>([])
  var all: [String] { lines.withLock { $0 } }
  func append(_ line: String) { lines.withLock { $0.append(line) } }
}
