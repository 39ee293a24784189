import Foundation
import LoadGenerator

/// How far a run is, in one line of a terminal; nothing where standard error is none.
struct ProgressLine {
  private let isTerminal = isatty(STDERR_FILENO) == 1

  func show(_ pace: LoadPlan.Pace, share: Double, replies: Int) {
    let name =
      switch pace {
      case .saturation: "saturation"
      case .rate(let perSecond, let kind): "\(Int(perSecond)) requests/s, \(kind.rawValue)"
      }
    write("\(name): \(Int(share * 100)) %, \(replies) replies measured")
  }

  func clear() { write("") }

  private func write(_ text: String) {
    guard isTerminal else { return }
    FileHandle.standardError.write(Data("\r\u{1B}[K\(text)".utf8))
  }
}
