import Foundation
import HTTP2
import Server
import Testing

@Suite struct ConnectionSettingsTests {
  private struct Registry: Decodable {
    struct Setting: Decodable {
      let name: String
      let value: Int
    }

    let connection: [Setting]
  }

  @Test func `a server allows a connection what the specification says, unless it is set otherwise`()
    throws
  {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let registry = try JSONDecoder().decode(
      Registry.self, from: Data(contentsOf: root.appending(path: "proto-spec/fields.json")))
    let server = ServerConfiguration()
    let values: [String: Int] = [
      "concurrentStreams": Int(server.http2.concurrentStreams),
      "headerCount": server.http2.headerCount,
      "headerByteCount": server.http2.headerByteCount,
      "headerAbuseFactor": server.http2.headerAbuseFactor,
      "idleSeconds": server.idleSeconds,
      "streamWindow": Int(server.http2.streamWindow),
      "streamQueuedByteCount": server.http2.streamQueuedByteCount,
      "connectionQueuedByteCount": server.http2.connectionQueuedByteCount,
      "streamStallSeconds": server.streamStallSeconds,
      "connectionCountMax": server.connectionCountMax,
    ]
    let written = Dictionary(uniqueKeysWithValues: registry.connection.map { ($0.name, $0.value) })
    #expect(written == values)
  }
}
