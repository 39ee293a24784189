import Foundation
import Server
@testable import Settings
import Testing

/// Where a settings file says that a server is to listen.
@Suite struct AddressTests {
  /// A settings file of this text, as it is read from a directory of its own.
  private static func withSettings(
    _ text: String, _ body: (ServeSettings, _ directory: String) throws -> Void
  ) throws {
    let directory = NSTemporaryDirectory() + "postern-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let path = directory + "/p.yaml"
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    var settings = ServeSettings()
    settings.read(path)
    try body(settings, directory)
  }

  @Test func `relative paths of sockets are relative to the file`() throws {
    let text = """
      listen: ["unix:a.sock", "unix:/run/b.sock", "127.0.0.1:1"]
      plainListen: ["unix:within/c.sock"]
      admin: "unix:d.sock"
      takeover: e

      """
    try Self.withSettings(text) { settings, directory in
      #expect(settings.problems == [])
      let server = settings.server
      #expect(
        server.listen == [
          .unix(path: directory + "/a.sock"), .unix(path: "/run/b.sock"), .tcp(host: "127.0.0.1", port: 1),
        ])
      #expect(server.plainListen == [.unix(path: directory + "/within/c.sock")])
      #expect(server.admin == .unix(path: directory + "/d.sock"))
      #expect(server.takeover == directory + "/e")
    }
  }
  @Test(arguments: [
    ("listen: ['127.0.0.1:1', '[::1]:1', '127.0.0.1:1']", "1:9: error: `listen` has `127.0.0.1:1` twice; "),
    ("listen: ['127.0.0.1:1']\nplainListen: ['127.0.0.1:1']", "2:14: error: `plainListen` has `127.0.0.1:1`"),
    ("listen: ['127.0.0.1:1']\nadmin: '127.0.0.1:1'", "2:8: error: `admin` has `127.0.0.1:1`, and so "),
    ("admin: '127.0.0.1:8080'", "1:8: error: `admin` has `127.0.0.1:8080`, and so has `listen`"),
    ("listen: ['unix:a']\ntakeover: b/../a", "2:11: error: `takeover` has `"),
    ("plainListen: ['unix:a']\ntakeover: a", "2:11: error: `takeover` has `"),
    ("admin: 'unix:a'\ntakeover: ./a", "2:11: error: `takeover` has `"),
    ("listen: ['unix:/tmp/\(String(repeating: "a", count: 103))']", "1:9: error: `unix:/tmp/aaa"),
    ("takeover: /tmp/\(String(repeating: "a", count: 95))", "1:11: error: `/tmp/aaa"),
  ])
  func `addresses that cannot all be had are refused with a place`(text: String, start: String) throws {
    try Self.withSettings(text + "\n") { settings, directory in
      #expect(settings.problems == [])
      let lines = settings.server.addressFaults(looksAtFiles: false).map(settings.line)
      #expect(lines.count == 1 && lines.first?.hasPrefix("\(directory)/p.yaml:\(start)") == true, "\(lines)")
    }
  }

  @Test(arguments: [
    "listen: ['127.0.0.1:0', '127.0.0.1:0']\nadmin: '127.0.0.1:0'",
    "listen: ['127.0.0.1:1', 'unix:/tmp/\(String(repeating: "a", count: 102))']\nadmin: '127.0.0.1:2'",
    "takeover: /tmp/\(String(repeating: "a", count: 94))",
  ])
  func `addresses that can be had are right`(text: String) throws {
    try Self.withSettings(text + "\n") { settings, _ in
      #expect(settings.server.addressFaults(looksAtFiles: true).map(settings.line) == [])
    }
  }

  @Test(arguments: [
    ("listen: ['unix:none/a']", "1:9"), ("plainListen: ['unix:none/a']", "1:14"),
    ("admin: 'unix:none/a'", "1:8"),
    ("takeover: none/a", "1:11"), ("listen: ['unix:p.yaml/a']", "1:9"), ("takeover: p.yaml", "1:11"),
  ])
  func `a check looks whether a socket can be made there`(text: String, place: String) throws {
    try Self.withSettings(text + "\n") { settings, directory in
      #expect(settings.server.addressFaults(looksAtFiles: false) == [])
      let lines = settings.server.addressFaults(looksAtFiles: true).map(settings.line)
      let start = "\(directory)/p.yaml:\(place): error: "
      #expect(lines.count == 1 && lines.first?.hasPrefix(start) == true, "\(lines)")
    }
  }
}
