import ArgumentParser
import Foundation

extension ParsableArguments {
  /// As ArgumentParser's `exit(withError:)`, but a wrong command line is status 2, as in all commands of this
  /// repository.
  public static func exit(after error: any Error) -> Never {
    guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
    FileHandle.standardError.write(Data((fullMessage(for: error) + "\n").utf8))
    Foundation.exit(2)
  }
}
