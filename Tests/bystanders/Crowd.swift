import Foundation
import TestSupport

/// Many connections at once that all make the same attack, from one thread.
final class Crowd {
  private final class Member {
    let line: Line
    var unsent: ArraySlice<UInt8>
    var ending = Ending()
    let start: ContinuousClock.Instant
    /// Seconds from connect, or the end of TLS's handshake, to the end.
    var seconds: Double?

    init(_ attack: Attack, on door: Door) throws {
      let connecting = ContinuousClock.now
      line = try door.connect()
      start = door.tls == nil ? connecting : .now
      unsent = attack.bytes[...]
    }
  }

  /// LIMIT: in so many steps all send what they have, so that all are open for most of the time.
  private static let stepCount = 16
  /// LIMIT: those that are slow send a byte of what drips in so long.
  private static let dripMicroseconds = 100_000
  /// LIMIT: parts of a crowd that drip one after the other, as clients do that know nothing of each other:
  /// all at once they would be a flood.
  static let spreadPartCount = 16

  /// LIMIT: of connections over TLS: while the last make their handshakes the first wait, and none may be kept
  /// from its attack for long.
  private static let sealedCountMax = 256

  private let attack: Attack
  private let members: [Member]
  private let stepByteCount: Int
  private var dripped = -1

  /// Connects, and says nothing.
  init(_ attack: Attack, on door: Door) throws {
    self.attack = attack
    stepByteCount = attack.bytes.count / (attack.isSlow ? 1 : Self.stepCount) + 1
    let count = door.tls == nil ? attack.crowd : min(attack.crowd, Self.sealedCountMax)
    members = try (0..<count).map { _ in try Member(attack, on: door) }
  }

  var count: Int { members.count }

  /// Seconds to the end, of the connection that was ended first, and of the last.
  var seconds: (first: Double, last: Double) {
    let all = members.map { $0.seconds ?? .infinity }
    return (all.min() ?? 0, all.max() ?? 0)
  }

  /// Attacks until all are ended, or so many seconds have passed. Throws where an end was wrong.
  func run(seconds: Double) throws {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end, members.contains(where: { $0.seconds == nil }) { try step() }
  }

  /// What is to be sent next by each, and read. Then a pause; where they are slow, one behind each part.
  func step(parts: Int = 1) throws {
    for part in 0..<parts {
      for member in members[members.count * part / parts..<members.count * (part + 1) / parts]
      where member.seconds == nil { try go(on: member) }
      usleep(attack.isSlow ? UInt32(Self.dripMicroseconds / parts) : 500)
    }
    if members.allSatisfy(\.unsent.isEmpty) { dripped += 1 }
  }

  private func go(on member: Member) throws {
    var hasEnded = false
    if !member.unsent.isEmpty {
      // A connection that is ended while it sends says why in what is read below.
      let sent = (try? member.line.sendSome(member.unsent.prefix(stepByteCount))) ?? member.unsent.count
      member.unsent = member.unsent.dropFirst(sent)
    } else if attack.drip.indices.contains(dripped) {
      _ = try? member.line.sendSome(attack.drip[dripped...dripped])
    }
    while !hasEnded, let bytes = try member.line.receiveSome() {
      member.ending.read(bytes)
      hasEnded = bytes.isEmpty || attack.end.isReset && member.ending.resetCode != nil
    }
    guard hasEnded else { return }
    member.seconds = (ContinuousClock.now - member.start) / .seconds(1)
    guard attack.end.allows(member.ending) else {
      throw Strike.WrongEnd(attack: attack, ending: member.ending)
    }
    if attack.end.isReset { member.line.finishSending() }
  }

  func close() {
    for member in members { member.line.close() }
  }
}
