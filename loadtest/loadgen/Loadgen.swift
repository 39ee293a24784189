import ArgumentParser
import Foundation
import LoadGenerator
import PosternClient
import UsageStatus

@main
struct Loadgen: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "loadgen",
    abstract: "Ask a server for decisions, as fast as it can or at a set rate, and check every reply.",
    discussion: """
      Start a server of our own on CPU 0, find out what it can do, from CPU 1:

        taskset -c 1 loadgen loadtest/scenarios/normal.yaml --serve .build/release/postern --server-cpu 0

      Then how long callers wait at half of that, and a report with charts over several rates:

        … --rate 50%
        … --sweep 10%,25%,50%,75%,90% --html report.html

      Ask a server that runs already, over a unix socket, 64 decisions a request:

        loadgen loadtest/scenarios/normal.yaml unix:/run/postern.sock --batch 64 --server-pid 4711

      What LZ4 costs the server, and what it saves on the wire; and the same without --compress:

        loadgen loadtest/scenarios/batches.yaml --serve .build/release/postern --streams 2 --compress

      What TLS costs, with certificates of ops/dev-certs, and over TLS to a server that runs already:

        ops/dev-certs /tmp/certs
        loadgen loadtest/scenarios/normal.yaml --serve .build/release/postern --server-tls /tmp/certs
        loadgen loadtest/scenarios/normal.yaml https://localhost:8443 --ca roots.pem

      Without --rate and --sweep it is a closed loop: each stream asks again as soon as it was \
      answered. With them it is an open loop: requests are sent at their times whatever became of \
      those before, and latency counts from the time at which a request was to be sent, so that a \
      server that stalls shows all of its stall. Percents are of what a closed loop reached just before.

      A scenario says what is asked, how often each, what the reply must say, which tables the server \
      must serve, and what happens to them meanwhile. The first wrong reply ends the run. Replies that \
      have not come --drain after its end are missing and fail it, whenever they were asked for. Of a sweep \
      that fails, the rates measured before are reported, and why it ended.

      Exit status: 0 measured; 1 a reply was wrong or missing or a request failed, it says what was sent \
      and what came; 2 usage, a scenario that cannot be read, or a file of results that cannot be written; \
      3 the server cannot be reached or started.
      """)

  @Argument(help: "A file of loadtest/scenarios.")
  var scenario: String

  @Argument(help: "http://host:port, https://host:port or unix:/path of the server. Not needed with --serve.")
  var url: String?

  @OptionGroup(title: "How hard") var pace: PaceOptions
  @OptionGroup(title: "The server") var server: ServerOptions
  @OptionGroup(title: "TLS, for https://") var tls: TLSOptions
  @OptionGroup(title: "Results") var output: OutputOptions

  func validate() throws {
    guard (url == nil) != (server.serve == nil) else {
      throw ValidationError("name the server to ask, or start one with --serve BINARY")
    }
    try pace.validate()
    try server.validate()
    let speaksTLS = server.serverTLS != nil || url?.hasPrefix("https://") == true
    guard speaksTLS || (tls.ca ?? tls.certificate ?? tls.key) == nil else {
      throw ValidationError("--ca, --certificate and --key are for https:// addresses and --server-tls")
    }
  }

  func run() throws {
    do {
      try Session(self).run()
    } catch let failure as LoadFailure {
      complain("loadgen: \(failure)")
      if case .unreachable = failure { throw ExitCode(3) }
      throw ExitCode(1)
    } catch let problems as ScenarioProblems {
      complain(problems.description)
      throw ExitCode(2)
    } catch let error as OutputFiles.Failure {
      complain("loadgen: \(error)")
      throw ExitCode(2)
    } catch let error as ServerProcess.Failure {
      complain("loadgen: \(error)")
      throw ExitCode(3)
    }
  }

  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      exit(after: error)
    }
  }
}

func complain(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
