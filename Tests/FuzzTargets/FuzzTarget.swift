/// One way in for bytes from outside, and what must hold whatever the bytes are.
///
/// The fuzzer calls it with bytes of its own making, `FuzzReplayTests` with those that are committed
/// in `Tests/FuzzCases`: both through `run`.
public struct FuzzTarget: Sendable, CustomStringConvertible {
  /// Also the name of its folder of cases.
  public let name: String
  /// The longest input worth trying. In bytes.
  public let byteCountMax: Int
  /// Good inputs to start from, beside the committed ones.
  public let seeds: [[UInt8]]
  private let body: @Sendable (_ input: [UInt8]) throws(Finding) -> Void

  public var description: String { name }

  init(
    _ name: String, upTo byteCountMax: Int, from seeds: [[UInt8]] = [],
    _ body: @escaping @Sendable (_ input: [UInt8]) throws(Finding) -> Void
  ) {
    self.name = name
    self.byteCountMax = byteCountMax
    self.seeds = seeds
    self.body = body
  }

  /// Feeds it one input. A trap or a thrown finding is a bug.
  public func run(_ input: [UInt8]) throws(Finding) { try body(input) }

  public static let all: [FuzzTarget] = [
    .serverFrames, .clientFrames, .signalHeaders, .temporalSignals, .messages, .lz4, .markdown, .csv, .dmn,
    .modelText, .listFile, .compiledTables, .bundle, .image, .g2o, .edgeProofFile,
  ] + service

  /// The names of those of what knows the service: a measurement of the core's coverage builds without it.
  public static let serviceNames = ["settings-file", "tls-files"]

  private static var service: [FuzzTarget] {
    #if SETTINGS
      [.settingsFile, .tlsFiles]
    #else
      []
    #endif
  }
}

/// A promise that was not kept.
public struct Finding: Error, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}

func require(_ condition: Bool, _ what: @autoclosure () -> String) throws(Finding) {
  if !condition { throw Finding(what()) }
}
