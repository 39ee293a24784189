import TLS

/// Looks at the files of TLS now and then, and has them read again when one has changed.
struct TLSWatch {
  /// `nil` where no door speaks TLS.
  let doors: TLSDoors?
  /// How often it looks; 0 is never.
  let seconds: Int

  /// Looks until the task is cancelled.
  func run() async {
    guard let doors, seconds > 0 else { return }
    while (try? await Task.sleep(for: .seconds(seconds))) != nil { doors.look(force: false) }
  }

  /// Reads whatever is there.
  func force() { doors?.look(force: true) }
}
