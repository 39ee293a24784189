import Foundation

/// Something that is done to the served tables again and again while the load runs.
public struct TableAction: Equatable, Sendable {
  public enum Change: Equatable, Sendable {
    /// The file has a new time and the same text: nothing must change.
    case touch(String)
    /// The file has a new text, and so a new version, that decides as the old one.
    case rewrite(String)
    /// No file changes.
    case none
  }

  public var everySeconds: Double
  public var change: Change
  /// The server is sent SIGHUP behind the change, and does not wait for the files to settle.
  public var reloads: Bool

  public init(everySeconds: Double, change: Change, reloads: Bool) {
    self.everySeconds = everySeconds
    self.change = change
    self.reloads = reloads
  }

  /// The file that is changed.
  public var file: String? {
    switch change {
    case .touch(let file), .rewrite(let file): file
    case .none: nil
    }
  }

  /// LIMIT: a reload under load is seen so soon; those that come closer to each other may be one.
  static let reloadSeconds = 1.0

  /// How many versions replies must come from, where tables were rewritten and reloaded at these times
  /// of a load.
  public static func versionsToSee(rewrites: [Double], loadSeconds: Double) -> Int {
    var seen = 1
    var last = -Double.infinity
    for time in rewrites where time - last >= 0.9 * reloadSeconds && time + reloadSeconds <= loadSeconds {
      seen += 1
      last = time
    }
    return seen
  }

  private static let mark = Data("\n<!-- written by loadgen:".utf8)

  /// Does it for the `number`th time.
  public func perform(in directory: String, serverPID: Int32?, number: Int) throws {
    if let file {
      let url = URL(fileURLWithPath: directory).appendingPathComponent(file)
      if case .touch = change {
        try FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: url.path)
      } else {
        let kept = Self.unmarked(try Data(contentsOf: url))
        try (kept + Self.mark + Data(" \(number) -->\n".utf8)).write(to: url, options: .atomic)
      }
    }
    if reloads, let serverPID { kill(serverPID, SIGHUP) }
  }

  /// Makes a file that was rewritten what it was, whoever else has changed it meanwhile, and lets the
  /// server know.
  public func undo(in directory: String, serverPID: Int32?) throws {
    guard case .rewrite(let file) = change else { return }
    let url = URL(fileURLWithPath: directory).appendingPathComponent(file)
    let data = try Data(contentsOf: url)
    let kept = Self.unmarked(data)
    guard kept.count < data.count else { return }
    try kept.write(to: url, options: .atomic)
    if reloads, let serverPID { kill(serverPID, SIGHUP) }
  }

  private static func unmarked(_ data: Data) -> Data {
    data.range(of: mark, options: .backwards).map { data[..<$0.lowerBound] } ?? data
  }
}
