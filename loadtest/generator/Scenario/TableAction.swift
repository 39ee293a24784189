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

  private static let mark = "<!-- written by loadgen:"

  /// Does it for the `number`th time.
  public func perform(in directory: String, serverPID: Int32?, number: Int) throws {
    if let file {
      let url = URL(fileURLWithPath: directory).appendingPathComponent(file)
      if case .touch = change {
        try FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: url.path)
      } else {
        let text = try String(contentsOf: url, encoding: .utf8)
        let kept = text.range(of: Self.mark).map { text[..<$0.lowerBound] } ?? text + "\n"
        try Data((kept + "\(Self.mark) \(number) -->\n").utf8).write(to: url, options: .atomic)
      }
    }
    if reloads, let serverPID { kill(serverPID, SIGHUP) }
  }
}
