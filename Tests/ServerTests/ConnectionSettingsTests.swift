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

  /// What tells a client nothing that it could heed.
  private static let ownBusiness: Set = [
    "rapidResetStreamCount", "sustainedResetStreamCount", "faultWindowSeconds", "queuedByteCount",
  ]

  @Test func `a server allows a connection what the specification says, unless it is set otherwise`()
    throws
  {
    let registry = try JSONDecoder().decode(
      Registry.self, from: Data(contentsOf: Self.root.appending(path: "proto-spec/fields.json")))
    let server = ServerConfiguration()
    var values: [String: Int] = [
      "concurrentStreams": Int(server.http2.concurrentStreams),
      "headerCount": server.http2.headerCount,
      "headerByteCount": server.http2.headerByteCount,
      "idleSeconds": server.idleSeconds,
      "streamWindow": Int(server.http2.streamWindow),
      "connectionHeldByteCountMax": server.http2.heldByteCountMax,
      "latencyBoundMilliseconds": server.running.latencyBoundMilliseconds,
      "streamQueuedByteCount": server.http2.streamQueuedByteCount,
      "connectionQueuedByteCount": server.http2.connectionQueuedByteCount,
      "streamStallSeconds": server.streamStallSeconds,
      "connectionCountMax": server.connectionCountMax,
    ]
    for setting in HTTP2Settings.named where !Self.ownBusiness.contains(setting.name) {
      values[setting.name] = server.http2[keyPath: setting.path]
    }
    let written = Dictionary(uniqueKeysWithValues: registry.connection.map { ($0.name, $0.value) })
    #expect(written == values)
  }

  @Test func `the file of settings shows every limit of a connection with its default`() throws {
    let file = try String(
      contentsOf: Self.root.appending(path: "ops/postern.yaml"), encoding: .utf8)
    let section = file.split(separator: "\n").drop { $0 != "http2:" }.dropFirst()
      .prefix { $0.hasPrefix(" ") }
    let shown = section.compactMap { line -> String? in
      let words = line.split(separator: " ")
      return words[0].hasSuffix(":") ? "\(words[0]) \(words[1])" : nil
    }
    let settings = HTTP2Settings()
    #expect(shown == HTTP2Settings.named.map { "\($0.name): \(settings[keyPath: $0.path])" })
  }

  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
}
