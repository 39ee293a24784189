import ArgumentParser
import Foundation
import NIOSSL
import TestSupport

@main
struct Bystanders: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bystanders",
    abstract: "Measure what attacks on a server of `ops/tables` cost it, and what honest clients notice.",
    discussion: """
      Every row of the attack table, by many connections at once: how long each is let go on, the most \
      memory that the server holds for it while all are open, its processor time against the attackers', \
      and the 99th percentile of an honest client's answers: medians over windows, compared with rest \
      where this process has a real-time priority (`chrt -r 20`), with a client that sends its requests a \
      hundred at a time where it has none, and rest would be compared with the scheduler, or where the \
      attack's requests are answered. An attack is judged by its first try where that is within all bounds, \
      else by the medians of five, seconds later by those of five others where they are not, and so once \
      more. Tries in which others' answers are late while more than `--stolen` of the machine is taken away \
      say nothing of them; where all are such, that is said and not judged. What attacks cost that ask for \
      decisions is also held to `--ratio` times the server's time for the same requests of clients that read \
      their replies, where they are compressed to that alone, and what others notice to what they notice of \
      those. With `--tls` the attacks come over \
      TLS: neither side's handshakes are counted, and what others notice is compared with honest clients that \
      come over TLS and make as many; and half handshakes come, which are. What is not judged is tried again \
      behind all others. Exit status: 0 all is within the bounds, 1 something is not, or a connection was not \
      ended as it should be, 3 all that was judged is, and something was not judged.
      """)

  @Argument(
    parsing: .captureForPassthrough,
    help: "The command that starts a server on a port of 127.0.0.1 that the system chooses.")
  var command: [String]

  @Option(help: "Where the servers' log goes.")
  var log: String

  @Option(help: "How often each kind of window comes.")
  var windows = 5

  @Option(help: "Milliseconds of a window.")
  var milliseconds = 80

  @Option(help: "How many times as bad as what it is compared with an honest client's answers may be.")
  var ratio = 2.0

  // A tenth of what Envoy takes for a bug.
  @Option(help: "How many times an attack's processor time it may cost the server.")
  var cost = 10.0

  @Option(help: "KiB that a connection may make the server hold, beside the bodies that it has open.")
  var kibibytes = 64

  @Option(help: "Seconds in which an attack must be ended, from when it was enough.")
  var seconds = 2.0

  @Option(help: "The server's prefaceSeconds, headerSeconds, bodySeconds and stallSeconds.")
  var patience = 1.0

  @Flag(
    help: "Attack over TLS: the server's first address. Honest clients ask its last, over cleartext.")
  var tls = false

  @Flag(help: "Look only at one attack of each kind of flood.")
  var main = false

  @Option(help: "In place of attacks, for so many seconds: honest clients with every habit that resembles one.")
  var honest: Double?

  @Option(help: "Look only at attacks whose names contain this.")
  var only: String?

  // A processor that is shared with other machines can be slow for one side of an attack more than for the other,
  // for half a minute; a server that is to blame is found each time.
  @Option(help: "How often medians are taken, seconds apart, where the first are beyond a bound.")
  var medianCount = 3

  @Option(help: "How often what was not judged is tried again behind all others, half a minute apart.")
  var laterCount = 2

  // One request in a hundred is the 99th percentile.
  @Option(help: "Percent of the machine that others may have while latencies are judged.")
  var stolen = 1.0

  /// LIMIT: so many tries are judged by their median where the first is beyond a bound.
  private static let medianTries = 5
  /// LIMIT: before what was not judged is tried again: neighbours that compile are busy for minutes.
  private static let laterSeconds: UInt32 = 30

  func validate() throws {
    guard !command.isEmpty, windows > 0, milliseconds > 0, ratio > 0, medianCount > 0, laterCount >= 0
    else {
      throw ValidationError("a command, and numbers above 0, are needed")
    }
  }

  func run() throws {
    if let honest { return try beHonest(seconds: honest) }
    let context = try tls ? Door.makeContext() : nil
    let idle = try withServer { server, _ in
      let before = try server.processorTime()
      usleep(1_000_000)
      return Double(try server.processorTime() - before) / 1e9
    }
    let attacks = (Attack.floods + Attack.slow + Attack.unread + Attack.compressedBodies).filter {
      (only.map($0.name.contains) ?? true) && (!main || $0.isMain)
    }
    var rest: [(name: String, examine: () throws -> Found)] = attacks.map { attack in
      (attack.name, { try examine(attack, idle: idle, context) })
    }
    if tls, only.map(HalfHandshakes.name.contains) ?? true {
      rest.append((HalfHandshakes.name, { try examineHandshakes(idle: idle, context) }))
    }
    if rest.isEmpty, !main { throw ValidationError("there is no such attack") }
    var hasFailed = false
    for time in 0...laterCount where !rest.isEmpty {
      if time > 0 { sleep(Self.laterSeconds) }
      rest = try rest.filter { name, examine in
        let found = try examine()
        print("\(found.word.rawValue): \(name): \(found.text)")
        for complaint in found.complaints { print("  \(complaint)") }
        hasFailed = hasFailed || found.word == .failed
        return found.word == .unjudged
      }
    }
    for (name, _) in rest {
      print("NOT JUDGED: what others notice of \(name), for others had the machine")
    }
    if hasFailed { throw ExitCode(1) }
    if !rest.isEmpty {
      print("NOT JUDGED is no success: run this again while nothing else runs here, or on a machine of its own")
      throw ExitCode(Self.unjudgedStatus)
    }
  }

  private func beHonest(seconds: Double) throws {
    let server = try ServerProcess(command, ports: 1, log: log)
    defer { server.stop() }
    let (complaints, answerCount) = Honest.run(server.address, seconds: seconds)
    print("\(complaints.isEmpty ? "ok" : "FAILED"): honest clients of every habit at once: \(answerCount) answers")
    for complaint in complaints { print("  \(complaint)") }
    if !complaints.isEmpty { throw ExitCode(1) }
  }

  /// Not 2, which is usage.
  private static let unjudgedStatus: Int32 = 3

  private enum Word: String {
    case good = "ok"
    case unjudged = "NOT JUDGED"
    case failed = "FAILED"
  }

  private typealias Found = (word: Word, text: String, complaints: [String])

  /// One attack, as often as it takes.
  private func examine(_ attack: Attack, idle: Double, _ context: NIOSSLContext?) throws -> Found {
    var found = try examineOnce(attack, idle: idle, context)
    for _ in 1..<medianCount where found.word != .good {
      sleep(5)
      found = try examineOnce(attack, idle: idle, context)
    }
    return found
  }

  /// One try where it is within all bounds; else the medians of several.
  private func examineOnce(_ attack: Attack, idle: Double, _ context: NIOSSLContext?) throws -> Found {
    var costs: [Cost] = []
    var notices: [Judgement] = []
    var isGood = true
    repeat {
      if !isGood { sleep(1) }
      let (cost, notice) = try measure(attack, idle: idle, context)
      costs.append(cost)
      notices.append(notice)
      isGood = isGood && judge(attack, cost).isGood && notice.isGood
    } while !isGood && costs.count < Self.medianTries
    let (cost, notice) = (judge(attack, Cost(medianOf: costs)), Judgement(medianOf: notices))
    let complaints = cost.complaints + notice.complaints
    let word: Word = !complaints.isEmpty ? .failed : notice.isBlurred ? .unjudged : .good
    return (word, "\(cost.text)\(notice.text), tries: \(costs.count)", complaints)
  }

  /// What half handshakes cost, and what others notice of them, as often as it takes.
  private func examineHandshakes(idle: Double, _ context: NIOSSLContext?) throws -> Found {
    var costs: [Double] = []
    var notices: [Judgement] = []
    func median() -> Double { costs.sorted()[costs.count / 2] }
    func isEnough() -> Bool {
      guard costs.count == 1 || costs.count % Self.medianTries == 0 else { return false }
      return median() <= cost && Judgement(medianOf: notices).isGood
        || costs.count == Self.medianTries * medianCount
    }
    repeat {
      if !costs.isEmpty { sleep(UInt32(costs.count)) }
      try withServer { server, bystander in
        let door = Door(address: server.attacked, tls: context)
        let handshakes = try HalfHandshakes(on: door)
        costs.append(try handshakes.cost(to: server, idle: idle))
        let meter = NoticeMeter(
          bystander: bystander, door: door, windows: windows, seconds: Double(milliseconds) / 1000)
        let stolen = StolenTime()
        let found = try meter.notice(ofHandshakes: HalfHandshakes.name, handshakes.strike)
        notices.append(judge(found, stolenShare: stolen.share))
      }
    } while !isEnough()
    var notice = Judgement(medianOf: notices)
    if median() > cost {
      notice.complaints.append("they may cost the server \(cost) times what they cost the attacker")
    }
    let word: Word = !notice.complaints.isEmpty ? .failed : notice.isBlurred ? .unjudged : .good
    let text = String(format: "processor time %.1f times its own", median())
    return (word, "\(text)\(notice.text), tries: \(costs.count)", notice.complaints)
  }

  /// A server that is warm.
  private func withServer<R>(_ body: (ServerProcess, Bystander) throws -> R) throws -> R {
    let server = try ServerProcess(command, ports: tls ? 2 : 1, log: log)
    defer { server.stop() }
    let bystander = try Bystander(server.address)
    _ = try bystander.p99(seconds: 0.1)
    return try body(server, bystander)
  }

  private struct Judgement {
    var text = ""
    var complaints: [String] = []
    /// Others noticed too much, while the hypervisor gave the machine to somebody else.
    var isBlurred = false
    /// What others noticed, of a judgement of that.
    var ratio = 0.0
    var isGood: Bool { complaints.isEmpty && !isBlurred }

    init(text: String = "", complaints: [String] = []) {
      self.text = text
      self.complaints = complaints
    }

    /// Of what others noticed, by those that are not blurred, where there are any.
    init(medianOf all: [Judgement]) {
      let clear = all.filter { !$0.isBlurred }
      let judged = (clear.isEmpty ? all : clear).sorted { $0.ratio < $1.ratio }
      self = judged[judged.count / 2]
    }
  }

  /// What it costs, and what others notice of it, where that is looked at.
  private func measure(
    _ attack: Attack, idle: Double, _ context: NIOSSLContext?
  ) throws -> (Cost, Judgement) {
    try withServer { server, bystander in
      let door = Door(address: server.attacked, tls: context)
      let cost = try Cost(of: attack, on: door, of: server, idle: idle)
      let meter = NoticeMeter(
        bystander: bystander, door: door, windows: windows, seconds: Double(milliseconds) / 1000)
      let stolen = StolenTime()
      let notice = try meter.notice(of: attack)
      return (cost, judge(notice, stolenShare: stolen.share))
    }
  }

  private func judge(_ attack: Attack, _ found: Cost) -> Judgement {
    var result = Judgement(
      text: String(
        format: "ended after %.2f s, processor time %.1f times its own, %d KiB a connection",
        found.seconds.last, found.processorRatio, found.byteCount >> 10))
    let wait = attack.isSlow ? patience : 0
    if found.seconds.last > wait + seconds || found.seconds.first < 0.9 * wait {
      result.complaints.append(
        String(
          format: "it was ended after %.2f to %.2f s, which should be %.1f to %.1f", found.seconds.first,
          found.seconds.last, wait, wait + seconds))
    }
    if let twinRatio = found.twinRatio {
      result.text += String(format: ", %.2f times that for replies that are taken", twinRatio)
      if twinRatio > ratio {
        result.complaints.append("it may cost the server \(ratio) times what the same requests do")
      }
    }
    if found.processorRatio > cost, !attack.isCompressed {
      result.complaints.append("it may cost the server \(cost) times what it costs the attacker")
    }
    let bound = kibibytes << 10 + attack.openByteCount
    if found.byteCount > bound {
      result.complaints.append("a connection may hold \(bound >> 10) KiB")
    }
    return result
  }

  private func judge(_ notice: Notice, stolenShare: Double) -> Judgement {
    var result = Judgement(
      text: String(
        format: ", p99 of others %.2f times that %@ (%.0f us of %.0f)", notice.ratio,
        notice.busy == nil ? "at rest" : "beside a busy client", notice.attacked, notice.measure))
    result.ratio = notice.ratio
    if notice.ratio > ratio {
      result.isBlurred = 100 * stolenShare > stolen
      if result.isBlurred {
        result.text += String(format: ", %.0f %% of the machine was taken away", 100 * stolenShare)
      } else {
        result.complaints.append("others may notice \(ratio) times")
      }
    }
    return result
  }
}
