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
      attack's requests are answered. Where others' answers are late and more than 1 % of the machine was \
      taken away meanwhile, that is said and not judged; where they are late for another reason, it is tried \
      again. What an attack costs is judged by the median of five tries where the first is not within the \
      bounds, by that of five others where the median is not, and so once more. Attacks that ask for \
      decisions are held to `--ratio` times the server's time for the same requests of a client that reads \
      its replies. With `--tls` the attacks come over TLS: neither side's handshakes are counted, and what \
      others notice is compared with honest clients that come over TLS and make as many; and half handshakes \
      come, which are. Exit status: 0 all is within the bounds, 1 something is not, or a \
      connection was not ended as it should be.
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

  @Option(help: "Look only at attacks whose names contain this.")
  var only: String?

  // What else runs on the machine can only make others' answers late at random, for some seconds; a server that
  // is to blame is found each time.
  @Option(help: "How often it is looked at what others notice, where it is too much.")
  var tries = 6

  /// LIMIT: so many tries are judged by their median where one has broken a bound of what an attack costs.
  private static let medianTries = 5
  /// LIMIT: so often medians are taken, seconds apart: a processor that is shared with other machines can be
  /// slow for one side of an attack more than for the other, for half a minute; what costs too much always does.
  private static let medianCount = 3
  /// LIMIT: stolen time from which latencies say nothing: one request in a hundred is the 99th percentile.
  private static let stolenShareMax = 0.01

  func validate() throws {
    guard !command.isEmpty, windows > 0, milliseconds > 0, ratio > 0, tries > 0 else {
      throw ValidationError("a command, and numbers above 0, are needed")
    }
  }

  func run() throws {
    let context = try tls ? Door.makeContext() : nil
    let idle = try withServer { server, _ in
      let before = try server.processorTime()
      usleep(1_000_000)
      return Double(try server.processorTime() - before) / 1e9
    }
    var failed = 0
    var unjudged: [String] = []
    let attacks = (Attack.floods + Attack.slow + Attack.unread).filter {
      (only.map($0.name.contains) ?? true) && (!main || $0.isMain)
    }
    let handshakes = tls && (only.map(HalfHandshakes.name.contains) ?? true)
    if attacks.isEmpty, !main, !handshakes { throw ValidationError("there is no such attack") }
    func tell(_ name: String, _ found: Found) {
      switch found.word {
      case .good: break
      case .unjudged: unjudged.append(name)
      case .failed: failed += 1
      }
      print("\(found.word.rawValue): \(name): \(found.text)")
      for complaint in found.complaints { print("  \(complaint)") }
    }
    for attack in attacks { tell(attack.name, try examine(attack, idle: idle, context)) }
    if handshakes { tell(HalfHandshakes.name, try examineHandshakes(idle: idle, context)) }
    for name in unjudged {
      print("NOT JUDGED: what others notice of \(name), for others had the machine")
    }
    if failed > 0 { throw ExitCode(1) }
  }

  private enum Word: String {
    case good = "ok"
    case unjudged = "NOT JUDGED"
    case failed = "FAILED"
  }

  private typealias Found = (word: Word, text: String, complaints: [String], isDear: Bool)

  /// One attack, as often as it takes.
  private func examine(_ attack: Attack, idle: Double, _ context: NIOSSLContext?) throws -> Found {
    var found = try examineOnce(attack, idle: idle, context)
    for _ in 1..<Self.medianCount where found.isDear {
      sleep(5)
      found = try examineOnce(attack, idle: idle, context)
    }
    return found
  }

  /// Late answers of others are tried again; what it costs is judged by the median of all tries.
  private func examineOnce(_ attack: Attack, idle: Double, _ context: NIOSSLContext?) throws -> Found {
    var costs: [Cost] = []
    var notice = Judgement()
    var isDear = false
    repeat {
      if !notice.isGood { sleep(UInt32(costs.count)) }
      let (cost, next) = try measure(attack, idle: idle, context)
      if costs.isEmpty || !notice.isGood { notice = next }
      costs.append(cost)
      isDear = isDear || !judge(attack, cost).isGood
    } while isDear && costs.count < Self.medianTries || !notice.isGood && costs.count < tries
    let cost = judge(attack, Cost(medianOf: costs))
    let complaints = cost.complaints + notice.complaints
    let word: Word = !complaints.isEmpty ? .failed : notice.isBlurred ? .unjudged : .good
    return (word, "\(cost.text)\(notice.text), tries: \(costs.count)", complaints, !cost.isGood)
  }

  /// What half handshakes cost, and what others notice of them, as often as it takes.
  private func examineHandshakes(idle: Double, _ context: NIOSSLContext?) throws -> Found {
    var costs: [Double] = []
    var notice = Judgement()
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
        notice = judge(found, stolenShare: stolen.share)
      }
    } while (costs.sorted()[costs.count / 2] > cost || !notice.isGood) && costs.count < tries
    let median = costs.sorted()[costs.count / 2]
    if median > cost {
      notice.complaints.append("they may cost the server \(cost) times what they cost the attacker")
    }
    let word: Word = !notice.complaints.isEmpty ? .failed : notice.isBlurred ? .unjudged : .good
    let text = String(format: "processor time %.1f times its own", median)
    return (word, "\(text)\(notice.text), tries: \(costs.count)", notice.complaints, median > cost)
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
    var isGood: Bool { complaints.isEmpty && !isBlurred }
  }

  /// What it costs, and what others notice of it, where that is looked at.
  private func measure(
    _ attack: Attack, idle: Double, _ context: NIOSSLContext?
  ) throws -> (Cost, Judgement) {
    try withServer { server, bystander in
      let door = Door(address: server.attacked, tls: context)
      let cost = try Cost(of: attack, on: door, of: server, idle: idle)
      if attack.twin != nil { return (cost, Judgement()) }
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
    } else if found.processorRatio > cost, attack.twin == nil {
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
    if notice.ratio > ratio {
      result.isBlurred = stolenShare > Self.stolenShareMax
      if result.isBlurred {
        result.text += String(format: ", %.0f %% of the machine was taken away", 100 * stolenShare)
      } else {
        result.complaints.append("others may notice \(ratio) times")
      }
    }
    return result
  }
}
