import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import Server

/// What waits for another turn when its peer is gone.
@Suite struct LeftUnreadTests {
  /// A world's offences so far.
  private static func offenceCount(_ world: World) -> UInt64 {
    MetricsSnapshot([world.connections.metrics], triggers: []).offences.reduce(0) { $0 + $1.count }
  }

  private static func rapidResets() -> [UInt8] {
    (0..<2000).flatMap { index in
      let stream = UInt32(2 * index + 1)
      return (RawRequest("GET", "/v1/ping").frames(on: stream) + [.reset(stream)]).flatMap(\.bytes)
    }
  }

  @Test(arguments: [false, true])
  func `an offence counts, whether or not its peer has left a way to say so`(isGone: Bool) throws {
    let world = try World(seed: 1)
    // Each look at the clock is the end of a connection's part of a turn.
    world.clock.step = 2_000_000
    let clock = world.clock
    try SimulatedClock.$nanoseconds.withValue({ clock.look() }) {
      for _ in 0..<2 { try world.connect() }
      let client = world.clients.last!
      client.isHostile = true
      client.enqueue(Self.rapidResets())
      try world.deliver(client, upTo: client.outgoing.count)
      #expect(Self.offenceCount(world) == 0)
      #expect(world.connections.turns.isWaiting)
      if isGone { client.channel.close(promise: nil) } else { client.endSending() }
      #expect(Self.offenceCount(world) == 0)
      world.loop.advanceTime(by: .milliseconds(100))
      #expect(Self.offenceCount(world) == 1)
      #expect(!world.connections.turns.isWaiting)
      try world.drain(client, upTo: .max)
      #expect(client.goAway?.code == (isGone ? nil : 11))
      for client in world.clients where client.isOpen { client.channel.close(promise: nil) }
      world.loop.run()
    }
  }
}
