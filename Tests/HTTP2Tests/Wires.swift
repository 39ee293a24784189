@testable import HTTP2
import Wire

extension RequestHandling {
  /// All of a request, for who looks at all of it.
  static let wholeWithHeaders = RequestHandling(form: .whole, keepsHeaders: true, route: 0)
}

/// A client session and a server session, back to back in memory.
final class Wires {
  let client: ClientSession
  let server: ServerSession
  private var random: SplitMix64
  /// The largest number of requests that the server had open at a time.
  private(set) var openMax = 0

  init(
    seed: UInt64, _ settings: HTTP2Settings = HTTP2Settings(), client: ClientSettings = ClientSettings(),
    handling: RequestHandling = .wholeWithHeaders
  ) throws {
    self.client = try Self.sparing { try ClientSession(client) }
    server = try ServerSession(settings, handling: { _ in handling })
    random = SplitMix64(seed: seed)
  }

  /// Carries bytes to and fro, cut at random places, until both sides are silent.
  func settle(_ answer: (HTTP2Stream) -> Void) throws {
    var isSilent = false
    while !isSilent {
      let up = Self.sparing { output { client.takeOutput(upTo: 1 << 20, to: $0) } }
      try deliver(up) { (bytes) throws(HTTP2Error) in try server.receive(bytes) }
      openMax = max(openMax, server.openStreamCount)
      while let stream = server.takeRequest() { answer(stream) }
      let down = output { server.takeOutput(upTo: 1 << 20, to: $0) }
      try Self.sparing {
        try deliver(down) { (bytes) throws(HTTP2Error) in try client.receive(bytes) }
      }
      isSilent = up.isEmpty && down.isEmpty
    }
  }

  /// Runs what the client does: where a test refuses memory, it refuses the server's.
  static func sparing<T>(_ body: () throws -> T) rethrows -> T {
    #if DEBUG
      try AllocationFault.$isDue.withValue(nil, operation: body)
    #else
      try body()
    #endif
  }

  private func output(_ take: ((Span<UInt8>) -> Void) -> Bool) -> [UInt8] {
    var bytes: [UInt8] = []
    while take({ bytes += [UInt8](copying: $0) }) {}
    return bytes
  }

  private func deliver(
    _ bytes: [UInt8], _ receive: (Span<UInt8>) throws(HTTP2Error) -> Void
  ) throws {
    var start = 0
    while start < bytes.count {
      let count = Int.random(in: 1...max(1, (bytes.count - start) / 2), using: &random)
      try receive(bytes.span.extracting(start..<(start + count)))
      start += count
    }
  }

  func events() -> [ClientEvent] {
    var events: [ClientEvent] = []
    while let event = client.takeEvent() { events.append(event) }
    return events
  }
}
