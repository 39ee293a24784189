import Foundation
import HTTP2
import Logging
import NIOEmbedded
@testable import Server
import TLS
import Tables
import TestSupport
import Testing
import Wire

extension ServerTests {
  /// Connections on which nothing happens.
  @Suite struct RestTests {
    @Test func `a connection that has rested is looked after again when bytes come`() async throws {
      try await TestServer.run(configure: { $0.http2.headerSeconds = 1 }) { server in
        let client = try server.connect()
        #expect(try client.isUsable())
        // A round finds it at rest.
        try await Task.sleep(for: .milliseconds(2300))
        #expect(try client.isUsable())
        try await Task.sleep(for: .milliseconds(2300))
        let started = Date()
        try client.socket.send(Array(RawRequest.ping.frames(on: 99)[0].bytes[..<12]))
        try client.readToEnd()
        #expect((0.9...4).contains(Date().timeIntervalSince(started)))
        #expect(server.offenceCount(.slowHeaders) == 1)
      }
    }

    @Test func `a connection that rests is ended when it was idle for too long`() async throws {
      try await TestServer.run(configure: { $0.running.idleSeconds = 3 }) { server in
        let client = try server.connect()
        #expect(try client.isUsable())
        let started = Date()
        try client.readToEnd()
        #expect((2.5...8).contains(Date().timeIntervalSince(started)))
        #expect(client.goAway?.code == 0)
      }
    }

    private static func handlers(_ count: Int) -> [ConnectionHandler] {
      let configuration = ServerConfiguration()
      let service = LoopService(
        ServiceSettings(
          triggers: TriggerRegistry(), onMissing: .allow, trustedProxies: 0,
          compressedReplyByteCountMin: 0), TableStore())
      let connections = LoopConnections(
        service, on: EmbeddedEventLoop(), configuration, ConnectionLimit(count),
        TLSCounts(.quiet))
      return (0..<count).map { _ in ConnectionHandler(connections) }
    }

    @Test func `a round comes to every connection once, while others come and go`() {
      let handlers = Self.handlers(40)
      var list = ConnectionList()
      for handler in handlers[..<30] { list.add(handler) }
      for round in 0..<3 {
        list.beginRound()
        var seen: [ObjectIdentifier] = []
        while let handler = list.takeNext() {
          seen.append(ObjectIdentifier(handler))
          // One goes that is still to come, and another comes.
          if seen.count % 10 == 0 {
            let index = round * 3 + seen.count / 10
            let wasThere = list.remove(list.all[list.count - index % 2 - 1])
            #expect(wasThere)
            list.add(handlers[30 + index - 1])
          }
        }
        #expect(Set(seen).count == seen.count)
        #expect(Set(seen).isSuperset(of: list.all.map(ObjectIdentifier.init)))
        #expect(list.all.indices.allSatisfy { list.all[$0].place == $0 })
      }
    }

    @Test func `a connection that goes in the middle of a round takes no other with it`() {
      let handlers = Self.handlers(10)
      var list = ConnectionList()
      for handler in handlers { list.add(handler) }
      list.beginRound()
      for _ in 0..<4 { _ = list.takeNext() }
      let removals = [list.remove(handlers[1]), list.remove(handlers[1])]
      #expect(removals == [true, false])
      var left: [ObjectIdentifier] = []
      while let handler = list.takeNext() { left.append(ObjectIdentifier(handler)) }
      // The last one took its place, and waits for the next round.
      #expect(left == handlers[4..<9].map(ObjectIdentifier.init))
      list.beginRound()
      var all: Set<ObjectIdentifier> = []
      while let handler = list.takeNext() { all.insert(ObjectIdentifier(handler)) }
      #expect(all == Set(handlers.map(ObjectIdentifier.init)).subtracting([ObjectIdentifier(handlers[1])]))
    }
  }
}
