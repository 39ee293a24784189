import Foundation
import HTTP2
import Server
import TestSupport
import Testing

/// An attack and what must come of it: the connection is told so and ended in time, it is counted, and
/// others go on. What it costs is judged where a release runs: `Tests/bystanders`.
struct Attack {
  var offence: HTTP2Offence
  /// The code of the GOAWAY.
  var code: UInt32 = 11
  /// The peer's settings.
  var settings: [(id: UInt16, value: UInt32)] = []
  /// How long the server may take, its own patience included.
  var seconds = 2.0

  /// Runs `body` with a client of its own. The server may end the connection while it sends.
  func run(on server: TestServer, _ body: (RawClient) throws -> Void) throws {
    let other = try server.connect()
    #expect(try other.isUsable())
    let counted = server.offenceCount(offence)
    let client = try server.connect(settings: settings)
    let started = ContinuousClock.now
    try? body(client)
    client.socket.finishSending()
    try client.readToEnd()
    let elapsed = (ContinuousClock.now - started) / .seconds(1)
    #expect(client.goAway?.code == code, "\(offence)")
    #expect(elapsed < seconds, "\(offence) took \(elapsed) s")
    #expect(server.offenceCount(offence) == counted + 1, "\(offence)")
    #expect(try other.isUsable(), "\(offence)")
    #expect(try server.connect().isUsable(), "\(offence)")
  }
}

extension RawRequest {
  /// The request that costs the least to answer.
  static let ping = RawRequest("GET", "/v1/ping")
}
