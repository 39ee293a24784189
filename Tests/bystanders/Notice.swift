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
  /// Where it is attacked.
  let door: Door
  /// How many windows of each kind, and seconds of each.
  let windows: Int
  let seconds: Double

  func notice(of attack: Attack) throws -> Notice {
    try attack.isSlow ? ofCrowd(attack) : ofStrikes(attack)
  }

  private func ofStrikes(_ attack: Attack) throws -> Notice {
    let door = door
    return try notice(
      of: attack.name, beside: makeTwin(for: attack),
      windows: attack.isVariant ? (windows + 1) / 2 : windows) { _ = try Strike(attack, on: door) }
  }

  /// Of what a thread does again and again, compared with clients over TLS that make as many handshakes.
  func notice(ofHandshakes name: String, _ strike: @escaping @Sendable () throws -> Void) throws -> Notice {
    let door = door
    return try notice(of: name, beside: Attacker { try Self.beBusy(on: door) }, windows: windows, strike)
  }

  /// Windows of rest and of an attack in turn.
  private func notice(
    of name: String, beside twin: Attacker?, windows: Int, _ strike: @escaping @Sendable () throws -> Void
  ) throws -> Notice {
    let attacker = Attacker(strike)
    defer { attacker.stop() }
    defer { twin?.stop() }
    var (quiet, busy, attacked): ([Double], [Double], [Double]) = ([], [], [])
    for _ in 0..<windows {
      quiet.append(try bystander.p99(seconds: seconds))
      if let twin { busy.append(try p99(beside: twin)) }
      attacked.append(try p99(beside: attacker))
    }
    try require(attacker, name, windows)
    if let twin { try require(twin, "a busy client", windows) }
    return Notice(
      quiet: median(quiet), busy: twin == nil ? nil : median(busy), attacked: median(attacked))
  }

  /// As a client that asks as much as it may at once, and leaves with its answers.
  private static func beBusy(on door: Door) throws {
    let line = try door.connect()
    let requests = Attack.streams(200) { Bystander.request.frames(on: $0) }
    try line.send(Attack("an honest client", requests).bytes)
    var ending = Ending()
    while ending.answerCount < 200 {
      let bytes = try line.receive()
      guard !bytes.isEmpty else { throw NoAnswer() }
      ending.read(bytes)
    }
    line.close()
  }

  /// As a crowd that asks the same and takes its replies.
  private static func beBusy(asking bytes: [UInt8], crowd: Int, on door: Door) throws {
    let lines = try (0..<crowd).map { _ in try door.connect() }
    for line in lines {
      try line.send(bytes)
      line.finishSending()
    }
    for line in lines {
      while try !line.receive().isEmpty {}
      line.close()
    }
  }

  /// A busy client, which is nobody's fault: for processes that would compare rest with the scheduler, or with
  /// handshakes of TLS, and for requests that are decided.
  private func makeTwin(for attack: Attack) -> Attacker? {
    let door = door
    if let bytes = attack.twin { return Attacker { try Self.beBusy(asking: bytes, crowd: attack.crowd, on: door) } }
    let isAlone = Attacker.isRealTime && !attack.isAnswered && (door.tls == nil || attack.isSlow)
    return isAlone ? nil : Attacker { try Self.beBusy(on: door) }
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
    let crowd = CrowdThread(attack, on: door)
    defer { crowd.stop() }
    try crowd.awaitStart()
    let attacked = try (0..<windows).map { _ in try bystander.p99(seconds: seconds) }
    return Notice(quiet: median(quiet), busy: busy.map(median), attacked: median(attacked))
  }

  private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] / 1000 }

  struct NoAnswer: Error, CustomStringConvertible {
    var description: String { "the server ended the connection of an honest client" }
  }

  struct TooFew: Error, CustomStringConvertible {
    let name: String
    let count: Int
    let of: Int
    var description: String { "\(name): \(count) times in \(of) windows say nothing" }
  }
}
