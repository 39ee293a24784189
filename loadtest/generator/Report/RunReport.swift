import Foundation

/// Everything a run of the generator found, as `--json` prints it.
public struct RunReport: Codable, Sendable {
  public var scenario: String
  public var about: String
  public var command: String
  public var server: String
  public var date: String
  public var machine: String
  public var measurements: [LoadResult]
  /// Why there are not more of them; `nil` when all that was wanted was measured.
  public var failure: String?

  public init(
    scenario: Scenario, command: String, server: String, measurements: [LoadResult],
    failure: String? = nil, date: Date = Date()
  ) {
    self.scenario = scenario.name
    about = scenario.about
    self.command = command
    self.server = server
    self.date = date.ISO8601Format()
    machine = Self.machineText()
    self.measurements = measurements
    self.failure = failure
  }

  public func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  private static func machineText() -> String {
    let information = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
    let model = information?.split(separator: "\n").first { $0.hasPrefix("model name") }?
      .split(separator: ":", maxSplits: 1).last?.trimmingCharacters(in: .whitespaces)
    let kernel = (try? String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8))?
      .trimmingCharacters(in: .whitespacesAndNewlines)
    let cores = ProcessInfo.processInfo.processorCount
    return [model ?? "unknown processor", "\(cores) cores", kernel.map { "Linux \($0)" }]
      .compactMap { $0 }.joined(separator: ", ")
  }
}
