import NIOCore
import NIOEmbedded
import TestSupport
import Testing
import Wire

@testable import Server

/// From when on a request's budget counts.
@Suite struct ArrivalTests {
  /// A message of one decision with a budget of 50 ms, or without one.
  private static func message(hasBudget: Bool) -> RawRequest {
    var random = SplitMix64(seed: 1)
    var login = Login(correlationID: 1, using: &random)
    login.tenant = ""
    login.trigger = "post-login"
    login.budgetMicroseconds = hasBudget ? 50_000 : 0
    var writer = RequestWriter()
    login.write(to: &writer)
    writer.finish()
    return .decide([UInt8](copying: writer.bytes.span))
  }

  private static func makeWorld() throws -> World {
    let world = try World(seed: 1)
    while world.version(of: World.keys[0], at: world.tick) == nil {
      world.tick += 1
      try world.publish(World.keys[0])
    }
    while world.connections.count < 2 { try world.connect() }
    // However long they wait, they are decided.
    var settings = world.connections.settings
    settings.latencyBoundMilliseconds = 0
    world.connections.use(settings)
    return world
  }

  /// Whether the one decision on a stream was late.
  private static func isLate(_ client: SimulatedClient, on stream: UInt32) throws -> Bool {
    let response = try #require(client.responses[stream], "stream \(stream) is not answered")
    return try Reply(reading: response.body.span).decisions[0].flags.contains(.late)
  }

  @Test func `what comes while others wait counts from when it came`() throws {
    let world = try Self.makeWorld()
    let clock = world.clock
    let client = world.clients.last!
    // It asks for more than it says.
    client.isHostile = true
    try SimulatedClock.$nanoseconds.withValue({ clock.look() }) {
      try world.deliver(client, upTo: .max)
      world.loop.run()
      // Each look at the clock is the end of a connection's part of a turn.
      clock.step = 2_000_000
      for stream: UInt32 in [1, 3, 5] {
        for frame in Self.message(hasBudget: stream > 1).frames(on: stream) { client.enqueue(frame) }
      }
      try world.deliver(client, upTo: .max)
      #expect(world.connections.turns.isWaiting)
      // The end of the loop's turn, and not yet the connection's next part of one.
      world.loop.run()
      #expect(client.responses[3] == nil)
      clock.advance(by: 100_000_000)
      for frame in Self.message(hasBudget: true).frames(on: 7) { client.enqueue(frame) }
      try world.deliver(client, upTo: .max)
      world.loop.advanceTime(by: .milliseconds(10))
      try world.drain(client, upTo: .max)
      #expect(try Self.isLate(client, on: 5))
      #expect(try !Self.isLate(client, on: 7))
      for client in world.clients where client.isOpen { client.channel.close(promise: nil) }
      world.loop.run()
    }
  }
}
