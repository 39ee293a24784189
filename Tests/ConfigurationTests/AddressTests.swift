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
}
