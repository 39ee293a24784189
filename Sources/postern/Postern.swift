import ArgumentParser
import Foundation
import Wire

/// `postern`: the service and the tools around its tables.
@main
struct Postern: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "postern",
    abstract: "Decide at the login path by decision tables.",
    discussion: """
      Exit status: 0 good; 1 tables or examples failed; 2 usage; 3 cannot reach or load.

      A first session:
        postern check ops/tables            validate and analyse tables
        postern test ops/tables             run the examples in them
        postern diff old ops/tables         where two versions decide differently
        postern serve --tables ops/tables   answer on 127.0.0.1:8080
        postern call http://127.0.0.1:8080 --trigger post-login \\
          --header 'Akamai-User-Risk: status=0;score=92'
      """,
    version: "postern 0.1.0 (protocol \(MessageHeader.version))",
    subcommands: [
      ServeCommand.self, CheckCommand.self, TestCommand.self, DiffCommand.self,
      FormatCommand.self, ConvertCommand.self, EvalCommand.self, CallCommand.self,
      CompileCommand.self, BundleCommand.self, AdminCommand.self,
    ])

  static func main() async {
    var command: any ParsableCommand
    do {
      command = try parseAsRoot()
    } catch {
      exit(after: error, saying: fullMessage(for: error))
    }
    do {
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      exit(after: error, saying: "error: \(message(for: error))")
    }
  }

  /// As ArgumentParser's `exit(withError:)`, but a wrong command line is status 2.
  private static func exit(after error: any Error, saying message: String) -> Never {
    guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
    FileHandle.standardError.write(Data((message + "\n").utf8))
    Foundation.exit(ExitStatus.usage.rawValue)
  }
}

/// What the process's exit status says.
enum ExitStatus: Int32, Error {
  case good = 0
  case failed = 1
  case usage = 2
  case unavailable = 3

  /// To be thrown out of a command's `run`.
  var code: ExitCode { ExitCode(rawValue) }
}

/// One line on standard error, for what is wrong at no place of a file.
func complain(_ message: String) { printError("error: \(message)") }

/// One line on standard error, as it is.
func printError(_ line: String) { FileHandle.standardError.write(Data("\(line)\n".utf8)) }

/// Whether a path leads to a file or a directory.
func isThere(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

/// Prints a value as JSON, keys in order, for machines.
func printJSON(_ value: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  print(String(decoding: try encoder.encode(value), as: UTF8.self))
}
