@testable import HTTP2
import Synchronization
import Testing
import Wire

/// A client session whose libnghttp2 finds no memory ends, says so, and is not asked again.
@Suite struct ClientMemoryTests {
  private static let head = ClientRequestHead(
    method: "POST", path: "/v1/decide", authority: "localhost",
    [(name: "content-type", value: "application/vnd.postern.v1")])

  /// Refuses allocations from a number on, or that one alone.
  private final class Refusal: Sendable {
    private let number: Int
    private let isLasting: Bool
    private let asked = Atomic<Int>(0)

    init(_ number: Int, isLasting: Bool) {
      self.number = number
      self.isLasting = isLasting
    }

    var askedCount: Int { asked.load(ordering: .relaxed) }

    func isDue() -> Bool {
      let own = asked.wrappingAdd(1, ordering: .relaxed).oldValue
      return isLasting ? own >= number : own == number
    }
  }

  /// A client and a server, back to back; only the client is refused memory.
  private struct Wires {
    let client: ClientSession
    let server: ServerSession
    let refusal: Refusal

    init(_ refusal: Refusal) throws {
      self.refusal = refusal
      server = try ServerSession(HTTP2Settings(), handling: { _ in .wholeWithHeaders })
      client = try AllocationFault.$isDue.withValue(refusal.isDue) { try ClientSession() }
    }

    func refusing<T>(_ body: (ClientSession) throws -> T) rethrows -> T {
      try AllocationFault.$isDue.withValue(refusal.isDue) { try body(client) }
    }

    /// Carries bytes to and fro until both sides are silent.
    func settle() throws {
      while true {
        var up: [UInt8] = []
        refusing { client in
          while client.takeOutput(upTo: 1 << 20, to: { up += [UInt8](copying: $0) }) {}
        }
        try server.receive(up.span)
        while let stream = server.takeRequest() {
          stream.response.append(stream.body.span)
          server.respond(to: stream, ClientMemoryTests.ok)
        }
        var down: [UInt8] = []
        while server.takeOutput(upTo: 1 << 20, to: { down += [UInt8](copying: $0) }) {}
        if !down.isEmpty { try refusing { try $0.receive(down.span) } }
        if up.isEmpty && down.isEmpty { return }
      }
    }
  }

  private static let ok = ResponseHead(status: 200)

  /// Everything that a session is asked for. Tags 1 to 5 are to be answered, 6 is given up.
  private func converse(_ wires: Wires) throws {
    try wires.settle()
    for tag in UInt64(1)...3 {
      _ = wires.client.submit(Self.head, body: [UInt8](repeating: 1, count: 20_000), tag: tag)
    }
    let growing = wires.client.open(Self.head, tag: 4)
    let cancelled = wires.client.open(Self.head, tag: 6)
    wires.refusing { $0.append([1, 2, 3], to: growing) }
    try wires.settle()
    wires.refusing { client in
      client.ping()
      client.append([4, 5], to: growing)
      client.cancel(cancelled)
    }
    try wires.settle()
    wires.refusing { $0.endRequest(growing) }
    _ = wires.client.submit(Self.head, body: [], tag: 5)
    try wires.settle()
    wires.refusing { $0.shutDown() }
    try wires.settle()
  }

  /// Whose requests ended, by tag, and how many of them with a response.
  private func ends(of client: ClientSession) -> (tags: [UInt64], answered: Int) {
    var tags: [UInt64] = []
    var answered = 0
    while let event = client.takeEvent() {
      switch event {
      case .response(let tag, _):
        tags.append(tag)
        answered += 1
      case .failure(let tag, _): tags.append(tag)
      case .began, .received: break
      }
    }
    return (tags.sorted(), answered)
  }

  @Test(arguments: [false, true])
  func `whichever allocation fails, the session ends or nothing is lost`(isLasting: Bool) throws {
    let whole = Refusal(.max, isLasting: false)
    let wires = try Wires(whole)
    try converse(wires)
    #expect(ends(of: wires.client) == ([1, 2, 3, 4, 5], 5))
    #expect(!wires.client.isOutOfMemory)
    #expect(whole.askedCount > 40)
    var endedCount = 0
    for number in 0..<whole.askedCount {
      let refusal = Refusal(number, isLasting: isLasting)
      let wires: Wires
      do {
        wires = try Wires(refusal)
      } catch {
        #expect(error as? HTTP2Error == .outOfMemory, "allocation \(number)")
        endedCount += 1
        continue
      }
      do {
        try converse(wires)
      } catch {
        #expect(error as? HTTP2Error == .outOfMemory, "allocation \(number)")
        #expect(wires.client.isOutOfMemory, "allocation \(number)")
      }
      let (tags, answered) = ends(of: wires.client)
      #expect(Set(tags).count == tags.count, "allocation \(number)")
      if wires.client.isOutOfMemory {
        endedCount += 1
        checkEnd(of: wires.client, number)
      } else {
        // A header that cannot be compressed ends the session with a GOAWAY, by libnghttp2 itself.
        #expect(tags.filter { $0 < 6 } == [1, 2, 3, 4, 5], "allocation \(number)")
        #expect(answered == 5 || wires.client.isFinished, "allocation \(number)")
      }
    }
    #expect(endedCount > whole.askedCount / 2, "\(endedCount) of \(whole.askedCount)")
  }

  /// Nothing more is asked of libnghttp2, and what is asked of the session fails at once.
  private func checkEnd(of client: ClientSession, _ number: Int) {
    #expect(client.isFinished && client.isDraining, "allocation \(number)")
    #expect(throws: HTTP2Error.outOfMemory) { try client.receive([0].span) }
    client.ping()
    client.cancel(client.submit(Self.head, body: [], tag: 8))
    _ = client.submit(Self.head, body: [], tag: 9)
    client.shutDown()
    #expect(!client.takeOutput(upTo: 100, to: { _ in Issue.record("output behind allocation \(number)") }))
    var failed: [ClientEvent] = []
    while let event = client.takeEvent() { failed.append(event) }
    #expect(failed.contains(.failure(tag: 9, .notProcessed)), "allocation \(number)")
  }

  @Test func `each call that is refused memory ends the session`() throws {
    let calls: [(String, (ClientSession, ClientStream) -> Void)] = [
      ("ping", { client, _ in client.ping() }),
      ("shutDown", { client, _ in client.shutDown() }),
      ("cancel", { client, stream in client.cancel(stream) }),
      ("submit", { client, _ in
        _ = client.submit(Self.head, body: [], tag: 2)
        _ = client.takeOutput(upTo: 1, to: { _ in })
      }),
    ]
    for (name, call) in calls {
      let wires = try Wires(Refusal(.max, isLasting: false))
      let stream = wires.client.open(Self.head, tag: 1)
      try wires.settle()
      #expect(!wires.client.isOutOfMemory)
      AllocationFault.$isDue.withValue({ true }) { call(wires.client, stream) }
      #expect(wires.client.isOutOfMemory, "\(name)")
    }
  }
}
