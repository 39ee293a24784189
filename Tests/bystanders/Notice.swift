import Foundation
import Synchronization
import TestSupport

/// What others notice of an attack: microseconds, medians over windows of their 99th percentiles.
struct Notice {
  var quiet: Double
  /// Beside a client that is busy; `nil` where it was not asked.
  var busy: Double?
  var attacked: Double

  /// What an attack is compared with.
  var measure: Double { busy ?? quiet }
  var ratio: Double { attacked / measure }
}

/// Measures it, by one honest client that asks all the time.
struct NoticeMeter {
  let bystander: Bystander
  let address: RawSocket.Address
  /// How many windows of each kind, and seconds of each.
  let windows: Int
  let seconds: Double

  func notice(of attack: Attack) throws -> Notice {
    try attack.isSlow ? ofCrowd(attack) : ofStrikes(attack)
  }

  /// Nobody's fault: a client that asks as much as it may, and leaves. What others notice of it is what
  /// they must bear.
  private static func beBusy(_ address: RawSocket.Address) throws {
    let client = try RawClient(address)
    for _ in 0..<4 {
      let streams = (0..<100).map { _ in client.takeStreamID() }
      try client.send(streams.flatMap { Bystander.request.frames(on: $0) })
      for stream in streams {
        _ = try client.response(on: stream)
        client.forget(stream)
      }
    }
    client.socket.finishSending()
    try client.readToEnd()
  }

  /// Windows of rest and of an attack in turn.
  private func ofStrikes(_ attack: Attack) throws -> Notice {
    let door = Door(address: address, tls: nil)
    let attacker = Attacker { _ = try Strike(attack, on: door) }
    defer { attacker.stop() }
    let twin = makeTwin(for: attack)
    defer { twin?.stop() }
    let windows = attack.isVariant ? (windows + 1) / 2 : windows
    var (quiet, busy, attacked): ([Double], [Double], [Double]) = ([], [], [])
    for _ in 0..<windows {
      quiet.append(try bystander.p99(seconds: seconds))
      if let twin { busy.append(try p99(beside: twin)) }
      attacked.append(try p99(beside: attacker))
    }
    try require(attacker, attack.name, windows)
    if let twin { try require(twin, "a busy client", windows) }
    return Notice(
      quiet: median(quiet), busy: twin == nil ? nil : median(busy), attacked: median(attacked))
  }

  /// A busy client, for processes that would compare rest with the scheduler.
  private func makeTwin(for attack: Attack) -> Attacker? {
    let address = address
    return Attacker.isRealTime && !attack.isAnswered ? nil : Attacker { try Self.beBusy(address) }
  }

  private func p99(beside other: Attacker) throws -> Double {
    other.begin()
    let p99 = try bystander.p99(seconds: seconds)
    try other.pause()
    return p99
  }

  private func require(_ attacker: Attacker, _ name: String, _ windows: Int) throws {
    guard attacker.count >= windows else { throw TooFew(name: name, count: attacker.count, of: windows) }
  }

  /// Windows of rest, then as many beside a crowd, while the server is patient with it.
  private func ofCrowd(_ attack: Attack) throws -> Notice {
    let twin = makeTwin(for: attack)
    defer { twin?.stop() }
    let quiet = try (0..<windows).map { _ in try bystander.p99(seconds: seconds) }
    let busy = try twin.map { twin in try (0..<windows).map { _ in try p99(beside: twin) } }
    let crowd = CrowdThread(attack, on: Door(address: address, tls: nil))
    defer { crowd.stop() }
    try crowd.awaitStart()
    let attacked = try (0..<windows).map { _ in try bystander.p99(seconds: seconds) }
    return Notice(quiet: median(quiet), busy: busy.map(median), attacked: median(attacked))
  }

  private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] / 1000 }

  struct TooFew: Error, CustomStringConvertible {
    let name: String
    let count: Int
    let of: Int
    var description: String { "\(name): \(count) times in \(of) windows say nothing" }
  }
}
