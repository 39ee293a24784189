import Foundation
import TestSupport

/// An honest client: one request at a time, over one connection, with a pause behind each answer.
final class Bystander {
  struct WrongAnswer: Error, CustomStringConvertible {
    let status: Int
    var description: String { "a bystander was answered \(status)" }
  }

  /// LIMIT: a few hundred requests in a window, and a core that is not busy with asking.
  private static let pauseMicroseconds: UInt32 = 250
  static let request = RawRequest.check(
    "post-login", [HeaderField("akamai-user-risk", "status=0;score=92")])

  private let client: RawClient

  init(_ address: RawSocket.Address) throws { client = try RawClient(address) }

  /// Asks for so long. Returns the 99th percentile of the nanoseconds to each answer.
  func p99(seconds: Double) throws -> Double {
    var latencies: [Double] = []
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
      let started = ContinuousClock.now
      let stream = try client.send(Self.request)
      let response = try client.response(on: stream)
      latencies.append((ContinuousClock.now - started) / .nanoseconds(1))
      guard response.status == 401 else { throw WrongAnswer(status: response.status) }
      client.forget(stream)
      usleep(Self.pauseMicroseconds)
    }
    latencies.sort()
    return latencies[latencies.count * 99 / 100]
  }
}
