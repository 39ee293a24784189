import ArgumentParser
import Foundation
import LoadGenerator

struct PaceOptions: ParsableArguments {
  @Option(help: "Open loop: requests a second, 20000, or a share of saturation, 50%.")
  var rate: Rate?

  @Option(help: "Open loops one after the other: rates between commas, 10%,50%,90%.")
  var sweep: RateList?

  @Option(help: "How requests of an open loop come: poisson or constant.")
  var arrivals = ArrivalKind.poisson

  @Option(help: "Connections that ask.")
  var connections = 8

  @Option(help: "Requests at once on each connection.")
  var streams = 8

  @Option(help: "Decisions in a request; what the scenario says without it.")
  var batch: Int?

  @Option(help: "Connections that ask once and then are only open; their memory is measured.")
  var idle = 0

  @Option(help: "Threads that send.")
  var loops = 1

  @Option(help: "How long it runs before it is measured: 500ms, 1s, 1m.")
  var warmUp = Seconds(1)

  @Option(help: "How long it is measured.")
  var duration = Seconds(5)

  @Option(help: "How long the last replies are waited for; what has not come then is missing.")
  var drain = Seconds(5)

  @Option(help: "The same seed gives the same requests at the same times.")
  var seed: UInt64 = 1

  func validate() throws {
    // LIMIT: a port has about 28,000 connections to one address; a thread is a core.
    let ranges: [(String, Int, ClosedRange<Int>)] = [
      ("connections", connections, 1...10_000), ("streams", streams, 1...4096),
      ("batch", batch ?? 1, 1...1024), ("idle", idle, 0...25_000), ("loops", loops, 1...64),
    ]
    for (name, value, range) in ranges where !range.contains(value) {
      throw ValidationError("--\(name) must be from \(range.lowerBound) to \(range.upperBound)")
    }
    guard loops <= connections else {
      throw ValidationError("--loops \(loops) needs as many --connections")
    }
    guard rate == nil || sweep == nil else {
      throw ValidationError("--rate is one rate and --sweep are several; name one of them")
    }
  }

  var rates: [Rate] { rate.map { [$0] } ?? sweep?.rates ?? [] }
}

struct ServerOptions: ParsableArguments {
  @Option(help: "A postern binary: it is started with the scenario's tables, and stopped.")
  var serve: String?

  @Option(help: "The CPU that --serve pins it to.")
  var serverCPU: Int?

  @Option(help: "Event loops of --serve, or of the running server: how many cores it can keep busy.")
  var serverLoops = 1

  @Option(help: "A directory of ops/dev-certs: --serve and its clients speak TLS with them.")
  var serverTLS: String?

  @Option(help: "The process whose CPU time is measured.")
  var serverPid: Int32?

  @Option(help: "The directory that the running server serves, for scenarios that change tables (and back).")
  var tables: String?

  @Option(help: "Where requests go. To /v1/stream: a connection has one stream, --streams messages at once.")
  var path = "/v1/decide"

  @Flag(help: "Send messages as LZ4 blocks to /v1/decide. Replies may be LZ4 too, and are checked as always.")
  var compress = false

  @Option(help: "verdicts, or status for a server that is no Postern.")
  var check = CheckKind.verdicts

  func validate() throws {
    guard serve == nil || (serverPid == nil && tables == nil) else {
      throw ValidationError("--serve knows its process and tables; leave out --server-pid and --tables")
    }
    guard serve != nil || serverCPU == nil else { throw ValidationError("--server-cpu needs --serve") }
    guard serve != nil || serverTLS == nil else {
      throw ValidationError("--server-tls needs --serve; name an https:// address otherwise")
    }
    guard (1...64).contains(serverLoops) else {
      throw ValidationError("--server-loops must be from 1 to 64")
    }
    guard !compress || path == "/v1/decide" else {
      throw ValidationError("--compress is for /v1/decide; leave out --path")
    }
    guard path.hasPrefix("/") else { throw ValidationError("--path begins with `/`") }
  }
}

struct TLSOptions: ParsableArguments {
  @Option(help: "PEM: the roots that the server is trusted by. The system's without it.")
  var ca: String?

  @Option(help: "PEM: the certificate to show to a server that asks for one.")
  var certificate: String?

  @Option(help: "PEM: its private key.")
  var key: String?
}

struct OutputOptions: ParsableArguments {
  @Option(help: "Write the numbers to a file as JSON; `-` prints them instead of text.")
  var json: String?

  @Option(help: "Write a report with charts to a file: one page that needs no network.")
  var html: String?
}

enum CheckKind: String, ExpressibleByArgument, CaseIterable {
  case verdicts, status
}

extension ArrivalKind: ExpressibleByArgument {}

/// A time such as `500ms`.
struct Seconds: ExpressibleByArgument {
  var value: Double

  init(_ value: Double) { self.value = value }

  init?(argument: String) {
    guard let value = TimeText.seconds(of: argument) else { return nil }
    self.value = value
  }

  var defaultValueDescription: String { "\(value.formatted())s" }
}

/// Requests a second, or a share of what the server can do.
enum Rate: ExpressibleByArgument {
  case perSecond(Double)
  case share(Double)

  init?(argument: String) {
    let isShare = argument.hasSuffix("%")
    guard let number = Double(isShare ? String(argument.dropLast()) : argument), number > 0,
      number <= (isShare ? 1000 : 1e8)
    else { return nil }
    self = isShare ? .share(number / 100) : .perSecond(number)
  }

  var isShare: Bool { if case .share = self { true } else { false } }
}

struct RateList: ExpressibleByArgument {
  var rates: [Rate]

  init?(argument: String) {
    let parts = argument.split(separator: ",").map { Rate(argument: String($0)) }
    // LIMIT: a chart is read by people.
    guard !parts.isEmpty, parts.count <= 50, !parts.contains(where: { $0 == nil }) else { return nil }
    rates = parts.compactMap { $0 }
  }
}
