import ArgumentParser
import Foundation
import PosternClient

/// `postern call`: one message over the wire.
struct CallCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "call",
    abstract: "Ask a running server for a decision.",
    discussion: """
        postern call http://127.0.0.1:8080 --trigger post-login \\
          --header 'Akamai-User-Risk: status=0;score=92' --signal user.id=42
        postern call unix:/run/postern.sock --trigger post-login --json
        postern call https://postern.internal:8443 --trigger post-login --ca roots.pem \\
          --certificate client.pem --key client.key

      A signal is a registered one (request.ip, session.mfaRequired, authentication.methods, ...), \
      whose type is known, or the deployment's own: a string, or name:type=value with the type \
      string, number, boolean, list or address. Booleans are true and false; list items are \
      separated by commas; a date, a time or a duration is a string, such as 2026-01-31 or P1DT2H.

      --json prints {"decisions": [...], "verdicts": {verdict: count}, "serverNanoseconds": n, \
      "roundTripMicroseconds": n}, each decision as `postern eval` prints it and with its \
      "correlationID" (a string); keys without a value are left out. In place of a decision it \
      prints {"error": {"message": ..., "code": ..., "offset": n}}.

      Exit status: 0 decided; 2 usage; 3 the server cannot be reached, refused, or gave no \
      readable reply.
      """)

  @Argument(help: "http://host:port, https://host:port or unix:/path. Not needed where nothing is sent.")
  var url: String?

  @Option(help: "The point in the login that asks, such as post-login.")
  var trigger: String?

  @Option(help: "Whose tables decide; empty for the default tenant.")
  var tenant = ""

  @Option(
    name: .customLong("header"),
    help: "A header of the edge, 'Akamai-Bot: value', or one that proves it. May be repeated.")
  var headers: [String] = []

  @Option(name: .customLong("signal"), help: "A signal, name=value. May be repeated.")
  var signals: [String] = []

  @Option(help: "How long the server may take, in microseconds; 0 for no limit.")
  var budget: UInt32 = 0

  @Flag(help: "Ask why: what each table did and what each signal was.")
  var explain = false

  @Flag(help: "Ask for the part of every table that had one: rule, verdict, whether it counted.")
  var parts = false

  @Option(help: "How long to wait for the answer, in milliseconds.")
  var timeout = 1000

  @OptionGroup var tls: TLSOptions

  @Flag(help: "Print JSON.")
  var json = false

  @Option(name: .customLong("repeat"), help: "How many times the decision is in the message.")
  var count = 1

  @Flag(help: "Compress the message.")
  var compress = false

  @Option(help: "Write the message to a file and send nothing.")
  var writeRequest: String?

  @Option(help: "Print the reply message in a file and send nothing.")
  var readReply: String?

  func validate() throws {
    guard readReply == nil else { return }
    guard let trigger, !trigger.isEmpty else { throw ValidationError("name a --trigger") }
    guard (1...1024).contains(count) else {
      throw ValidationError("`--repeat \(count)` is not 1 to 1,024 decisions")
    }
    guard (1...3_600_000).contains(timeout) else {
      throw ValidationError("`--timeout \(timeout)` is not 1 to 3,600,000 milliseconds")
    }
    guard url != nil || writeRequest != nil else {
      throw ValidationError("name the server, http://host:port, https://host:port or unix:/path")
    }
  }

  func run() async throws {
    do {
      if let readReply {
        try print(PosternMessage.decode(bytes(of: readReply)), roundTrip: nil)
      } else if let writeRequest {
        try writeFile(PosternMessage.encode(requests(), compressed: compress), to: writeRequest)
      } else {
        try await call()
      }
    } catch let failure as PosternFailure {
      try fail(failure)
    }
  }

  private func call() async throws {
    let requests = try requests()
    var configuration = PosternClient.Configuration(endpoint: try endpoint(), onFailure: .deny)
    configuration.deadline = .milliseconds(timeout)
    configuration.connectTimeout = .milliseconds(timeout)
    configuration.compressesRequests = compress
    configuration.tls = tls.files
    configuration.compressedRequestByteCountMin = 0
    let postern = PosternClient(configuration)
    let start = ContinuousClock.now
    let reply = try await postern.decideOrThrow(requests)
    let roundTrip = ContinuousClock.now - start
    await postern.close()
    try print(reply, roundTrip: roundTrip)
  }
}

extension CallCommand {
  private func endpoint() throws -> Endpoint {
    do {
      return try Endpoint(url ?? "")
    } catch {
      throw ValidationError("\(error)")
    }
  }

  private func requests() throws -> [LoginRequest] {
    var request = LoginRequest(
      trigger: trigger ?? "", tenant: tenant, budgetMicroseconds: budget, explains: explain,
      listsParts: parts)
    do {
      for header in headers { try request.addHeader(header) }
      for signal in signals { try request.setSignal(signal) }
    } catch {
      throw ValidationError("\(error)")
    }
    return [LoginRequest](repeating: request, count: count)
  }

  private func bytes(of path: String) throws -> [UInt8] {
    do {
      return [UInt8](try Data(contentsOf: URL(filePath: path)))
    } catch {
      complain("cannot read `\(path)`: \(error.localizedDescription)")
      throw ExitStatus.unavailable.code
    }
  }

  private func write(_ message: [UInt8], to path: String) throws {
    do {
      try Data(message).write(to: URL(filePath: path))
    } catch {
      complain("cannot write `\(path)`: \(error.localizedDescription)")
      throw ExitStatus.unavailable.code
    }
  }

  private func print(_ reply: Reply, roundTrip: Duration?) throws {
    let report = CallReport(reply, roundTrip: roundTrip)
    if json { try printJSON(report) } else { Swift.print(report.text) }
  }

  private func fail(_ failure: PosternFailure) throws -> Never {
    if case .invalidRequest(let problem) = failure { throw ValidationError(problem) }
    if json { try printJSON(CallError(failure)) } else { complain("\(failure)") }
    throw ExitStatus.unavailable.code
  }
}
