import HTTP2
import Synchronization
import Testing
import Wire

#if DEBUG
  /// One allocation after the other is refused to a server, in an exchange that uses all there is.
  @Suite struct OutOfMemoryTests {
    /// Refuses one allocation, by its number.
    private final class Refusal: Sendable {
      private let number: Int
      private let asked = Atomic<Int>(0)

      init(of number: Int) { self.number = number }

      func isDue() -> Bool { asked.wrappingAdd(1, ordering: .relaxed).oldValue == number }

      var hasCome: Bool { asked.load(ordering: .relaxed) > number }
    }

    /// Values so long that tables of headers have to grow.
    private static let head = ClientRequestHead(
      method: "POST", path: "/v1/decide", authority: "localhost",
      (0..<40).map { (name: "x-\($0)", value: String(repeating: "v", count: 60 + $0)) })
    private static let ok = ResponseHead(
      status: 200, (0..<40).map { (name: "postern-\($0)", value: String(repeating: "w", count: 60 + $0)) })

    /// Requests longer than their windows, and a reply to each. Whether all came back, or `nil` where
    /// the server's session has ended.
    private func exchange() throws -> Bool? {
      var settings = HTTP2Settings()
      settings.streamWindow = 70_000
      settings.connectionWindow = 100_000
      let wires: Wires
      do {
        wires = try Wires(seed: 1, settings)
      } catch HTTP2Error.outOfMemory {
        return nil
      }
      let body = [UInt8](repeating: 5, count: 80_000)
      Wires.sparing {
        for tag in UInt64(1)...2 { _ = wires.client.submit(Self.head, body: body, tag: tag) }
      }
      do {
        try wires.settle { stream in
          stream.response.append(stream.body.span)
          wires.server.respond(to: stream, Self.ok)
        }
        wires.server.announceShutDown()
        try wires.settle { _ in }
        wires.server.shutDown()
        try wires.settle { _ in }
      } catch {
        // Header blocks for which libnghttp2 finds no memory are wrong to it, and end the connection too.
        #expect(wires.server.isOutOfMemory || wires.server.offence == .protocolError, "\(error)")
      }
      if wires.server.isOutOfMemory || wires.server.offence != nil {
        while wires.server.takeOutput(upTo: 4096, to: { _ in }) {}
        #expect(wires.server.isFinished)
        return nil
      }
      let bodies = wires.events().map { event in
        if case .response(_, let response) = event { response.body } else { [UInt8]() }
      }
      return bodies == [body, body] && wires.server.openStreamCount == 0
    }

    @Test func `a session that is refused memory ends, or has answered everything`() throws {
      var number = 0
      var endings = 0
      while true {
        let refusal = Refusal(of: number)
        let isAnswered = try AllocationFault.$isDue.withValue({ refusal.isDue() }) { try exchange() }
        guard refusal.hasCome else {
          #expect(isAnswered == true)
          break
        }
        // Nothing in between: who is not answered must not be left waiting.
        #expect(isAnswered != false, "allocation \(number)")
        if isAnswered == nil { endings += 1 }
        number += 1
      }
      #expect(number > 100 && endings > 50, "\(number) allocations, \(endings) endings")
    }
  }
#endif
