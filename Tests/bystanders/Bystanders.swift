import ArgumentParser
import Foundation
import TestSupport

/// Do others notice an attack? Windows of rest, of an attack and of a busy client in turn, and an honest
/// client that asks all the time: the ratios of its 99th percentiles say it, however fast the machine is.
@main
struct Bystanders: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bystanders",
    abstract: "Measure what honest clients of a server of `ops/tables` notice of attacks.",
    discussion: """
      Attackers and the busy client come as often as they can, over a new connection each time. The \
      medians over the windows of the 99th percentiles are compared: with rest where this process has a \
      real-time priority (`chrt -r 20`), with a client that sends its requests a hundred at a time where \
      it has none, and rest would be compared with the scheduler. Exit status: 0 no attack is more than \
      the bound times as bad for others, 1 one is, or a connection was not ended as it should be.
      """)

  @Argument(help: "The server's port on 127.0.0.1.")
  var port: Int

  @Option(help: "How often each of the three kinds of window comes.")
  var windows = 9

  @Option(help: "Milliseconds of a window.")
  var milliseconds = 80

  @Option(help: "How many times as bad as what it is compared with an attack may be.")
  var ratio = 2.0

  /// LIMIT: what else runs on the machine can only make a ratio worse at random; a server that is to
  /// blame is found each time.
  private static let tries = 3

  func validate() throws {
    guard (1...65_535).contains(port), windows > 0, milliseconds > 0, ratio >= 1 else {
      throw ValidationError("a port, and numbers above 0, are needed")
    }
  }

  func run() throws {
    let address = RawSocket.Address.tcp(port: port)
    let bystander = try Bystander(address)
    _ = try bystander.p99(seconds: 0.3)  // Warm.
    var isGood = true
    for attack in Attack.all {
      var result = try measure(attack, bystander, address)
      var tried = 1
      while result.ratio > ratio, tried < Self.tries {
        result = try measure(attack, bystander, address)
        tried += 1
      }
      if result.ratio > ratio { isGood = false }
      print(
        "\(result.ratio > ratio ? "FAILED" : "ok"): \(attack.name): p99 of others "
          + String(
            format: "%.2f times that %@ (at rest %.0f us, beside a busy client %.0f, attacked %.0f)",
            result.ratio, Attacker.isRealTime ? "at rest" : "beside a busy client",
            result.quiet, result.busy, result.attacked)
          + ", \(result.count) attacks, try \(tried) of \(Self.tries)")
    }
    if !isGood { throw ExitCode(1) }
  }

  private struct Result {
    /// Microseconds, medians over the windows.
    var quiet: Double
    var busy: Double
    var attacked: Double
    var count: Int
    var ratio: Double { attacked / (Attacker.isRealTime ? quiet : busy) }
  }

  private func measure(
    _ attack: Attack, _ bystander: Bystander, _ address: RawSocket.Address
  ) throws -> Result {
    let attacker = Attacker(attack, on: address)
    let twin = Attacker(.busyTwin, on: address)
    defer {
      attacker.stop()
      twin.stop()
    }
    let seconds = Double(milliseconds) / 1000
    func beside(_ other: Attacker) throws -> Double {
      other.begin()
      let p99 = try bystander.p99(seconds: seconds)
      try other.pause()
      return p99
    }
    var (quiet, busy, attacked): ([Double], [Double], [Double]) = ([], [], [])
    for _ in 0..<windows {
      quiet.append(try bystander.p99(seconds: seconds))
      busy.append(try beside(twin))
      attacked.append(try beside(attacker))
    }
    guard min(attacker.count, twin.count) >= windows else {
      throw ValidationError("\(attack.name): \(attacker.count) attacks in \(windows) windows say nothing")
    }
    func median(_ values: [Double]) -> Double { values.sorted()[windows / 2] / 1000 }
    return Result(
      quiet: median(quiet), busy: median(busy), attacked: median(attacked), count: attacker.count)
  }
}
