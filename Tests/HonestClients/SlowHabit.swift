import Foundation
import TestSupport

/// What honest clients on bad lines do that resembles a slow attack. None is as slow as a limit allows.
public enum SlowHabit: String, CaseIterable, Sendable {
  /// Each connection's first bytes come one by one (slow preface).
  case preface
  /// Each request's bytes come one by one (slowloris).
  case headers
  /// Twenty bodies at a time, in parts (slow bodies).
  case bodies
  /// Long replies are read bit by bit (slow reader).
  case replies
  /// Nothing for seconds, then a request (idle).
  case pauses

  /// Asks in this manner until then, once at least; throws where one request is not answered as it should
  /// be. Returns how many were.
  public func run(_ address: RawSocket.Address, until end: ContinuousClock.Instant) throws -> Int {
    var count = 0
    var client: RawClient?
    repeat {
      switch self {
      case .preface:
        let socket = try RawSocket(address)
        try Self.drip(Frame.preface + Frame.settings().bytes, into: socket)
        count += try Self.ask(RawClient(over: socket, isOpen: true))
        socket.close()
      case .headers:
        let open = try client ?? RawClient(address)
        client = open
        let stream = open.takeStreamID()
        try Self.drip(Self.ping.frames(on: stream).flatMap(\.bytes), into: open.socket)
        count += try Self.expect(on: [stream], open)
      case .bodies:
        let open = try client ?? RawClient(address)
        client = open
        count += try Self.sendSlowly(open)
      case .replies:
        let open = try client ?? RawClient(address, settings: [(id: 4, value: 0)])
        client = open
        count += try Self.readSlowly(open)
      case .pauses:
        let open = try client ?? RawClient(address)
        client = open
        count += try Self.ask(open)
        let left = (end - ContinuousClock.now) / .seconds(1)
        Thread.sleep(forTimeInterval: min(7, max(0, left)))
        count += try Self.ask(open)
      }
    } while ContinuousClock.now < end
    return count
  }

  private struct Failed: Error, CustomStringConvertible {
    var description: String
  }

  private static let ping = RawRequest("GET", "/v1/ping")

  private static func drip(_ bytes: [UInt8], into socket: RawSocket) throws {
    for byte in bytes {
      try socket.send([byte])
      Thread.sleep(forTimeInterval: 0.02)
    }
  }

  private static func ask(_ client: RawClient) throws -> Int {
    try expect(on: [client.send(ping)], client)
  }

  private static func expect(on streams: [UInt32], _ client: RawClient) throws -> Int {
    for stream in streams {
      let response = try client.response(on: stream)
      guard response.status == 200 else {
        throw Failed(description: "stream \(stream) got \(response.status)")
      }
      client.forget(stream)
    }
    guard client.goAway == nil else { throw Failed(description: "GOAWAY") }
    return streams.count
  }

  private static func sendSlowly(_ client: RawClient) throws -> Int {
    let body = decisions(1, userRisk: risk + ";risk=unp:432/H|ugp:ie/M;trust=utp:weekday_1;general=aci:T;allow=0")
    let request = RawRequest.decide(body)
    let streams = (0..<20).map { _ in client.takeStreamID() }
    try client.send(streams.flatMap { request.headerFrames(on: $0, endStream: false) })
    let parts = body.chunks(of: (body.count + 19) / 20)
    for (index, part) in parts.enumerated() {
      Thread.sleep(forTimeInterval: 0.05)
      let flags: UInt8 = index == parts.count - 1 ? Frame.endStream : 0
      try client.send(streams.map { Frame(.data, flags: flags, stream: $0, part) })
    }
    return try expect(on: streams, client)
  }

  private static func readSlowly(_ client: RawClient) throws -> Int {
    client.opensWindows = false
    let stream = try client.send(.decide(decisions(900, userRisk: risk)))
    while client.responses[stream]?.isComplete != true {
      try client.send([.windowUpdate(stream, 10_000), .windowUpdate(0, 10_000)])
      Thread.sleep(forTimeInterval: 0.2)
      try client.send([.ping(9)])
      while let kind = try client.receiveFrame()?.kind, kind != .ping {}
    }
    return try expect(on: [stream], client)
  }
}
