import Foundation
import Synchronization

/// A file, or a directory of `*.bundle` files, as a source of bundles.
public final class BundlePath: Sendable {
  public static let fileSuffix = ".bundle"
  /// LIMIT: old bundles are kept by the hundred, not by the thousand.
  public static let fileCountMax = 1000

  private let path: String
  private let state = Mutex(State())

  private struct State {
    /// Of the files at the last look, and at the last load.
    var seen: [FileStamp]?
    var loaded: [FileStamp]?
    /// What is known of each file that was there at the last load, by path.
    var known: [String: Known] = [:]
  }

  private struct Known {
    var stamp: FileStamp
    /// Why it was refused, which was said then.
    var refusal: BundleError.Reason?
    /// Whether it was the one that is served.
    var isServed = false
  }

  /// What became of a file that was tried.
  public struct Result: Sendable {
    public var file: String
    public var outcome: BundleReloader.Outcome
  }

  public init(_ path: String) { self.path = path }

  /// Offers the newest bundle when something has changed and nothing has moved since the last look:
  /// a file that is still being copied is left alone. With `force`, whatever is there, at once.
  ///
  /// In a directory, bundles are tried from the highest serial down to that which is served, until
  /// one is good. One that came when it was too old already is refused; one that became too old, because a
  /// newer one is served, is history. Returns what became of each that was tried.
  public func look(force: Bool, _ reloader: BundleReloader) -> [Result] {
    let stamps = FileStamp.stamps(of: path)
    let isDue = state.withLock { state in
      let isSettled = state.seen == stamps
      state.seen = stamps
      guard force || (isSettled && state.loaded != stamps) else { return false }
      state.loaded = stamps
      return true
    }
    guard isDue else { return [] }
    guard !stamps.isEmpty else {
      let error = BundleError(
        .unreachable, "no bundle at `\(path)`; give a file, or a directory of *.bundle")
      return [Result(file: path, outcome: reloader.refuse(error))]
    }
    return offer(stamps, force, to: reloader)
  }

  /// Offers what is there at the next look, changed or not.
  public func forget() { state.withLock { $0.loaded = nil } }

  private func offer(_ stamps: [FileStamp], _ force: Bool, to reloader: BundleReloader) -> [Result] {
    let before = state.withLock { $0.known }
    var load = Load(candidates(stamps), before, reloader, isForced: force)
    load.run()
    state.withLock { state in
      state.known = load.known
      if load.isToBeRepeated { state.loaded = nil }
    }
    return load.results
  }

  /// By serial, highest first. What does not even begin as a bundle comes first: it is refused, and
  /// said so.
  private func candidates(_ stamps: [FileStamp]) -> [Candidate] {
    let candidates = stamps.map { Candidate(stamp: $0, serial: BundleHeader.serial(ofFile: $0.path)) }
    return candidates.sorted { ($0.serial ?? .max, $0.stamp.path) > ($1.serial ?? .max, $1.stamp.path) }
  }

  private struct Candidate {
    var stamp: FileStamp
    /// `nil` where it does not begin as a bundle does.
    var serial: UInt64?
  }

  /// The files of one look, tried one after the other.
  private struct Load {
    let candidates: [Candidate]
    let before: [String: Known]
    let reloader: BundleReloader
    let isForced: Bool
    /// Below it nothing was served when the look began, and what became of the bundle that has it.
    let serialMin: UInt64
    let role: String
    var known: [String: Known] = [:]
    var results: [Result] = []
    /// One could not be used through no fault of its own: all are tried again at the next look.
    var isToBeRepeated = false
    /// No other is to be served in this look.
    var isOver = false

    init(
      _ candidates: [Candidate], _ before: [String: Known], _ reloader: BundleReloader, isForced: Bool
    ) {
      self.candidates = candidates
      self.before = before
      self.reloader = reloader
      self.isForced = isForced
      serialMin = reloader.serialMin
      role = reloader.served?.serial == serialMin ? "is served" : "was served before the restart"
    }

    mutating func run() {
      let highest = candidates.lazy.compactMap(\.serial).first
      for candidate in candidates {
        let file = candidate.stamp.path
        var now = before[file] ?? Known(stamp: candidate.stamp)
        let isNew = before[file]?.stamp != candidate.stamp
        if isNew { now = Known(stamp: candidate.stamp) }
        defer { known[file] = now }
        if candidates.count > 1, let serial = candidate.serial, serial < serialMin {
          now.isServed = false
          // At the first look older ones are what a directory keeps, unless there is nothing else.
          guard isNew, !before.isEmpty || serial == highest else { continue }
          say(.older(serial, than: serialMin, which: role), of: &now)
        } else if !isOver {
          offer(&now)
        }
      }
    }

    private mutating func offer(_ file: inout Known) {
      if file.isServed, !isForced {
        isOver = true
        return
      }
      file.isServed = false
      let bytes: BundleBytes
      do throws(BundleError) {
        bytes = try BundleBytes.reading(file.stamp.path)
      } catch {
        if error.isTransient || error.reason == .notPublished { isToBeRepeated = true }
        return say(error, of: &file)
      }
      let outcome = reloader.consider(bytes)
      switch outcome {
      case .published, .unchanged:
        isOver = true
        file.isServed = true
        file.refusal = nil
        results.append(Result(file: file.stamp.path, outcome: outcome))
      case .refused(let error):
        // None can be published just now, and an older one is not served in its place.
        if error.reason == .notPublished {
          isOver = true
          isToBeRepeated = true
        }
        say(error, of: &file)
      case .refusedBefore:
        results.append(Result(file: file.stamp.path, outcome: outcome))
      }
    }

    /// Refuses a file. What was said of it before is neither said nor counted again.
    private mutating func say(_ error: BundleError, of file: inout Known) {
      let outcome = file.refusal == error.reason ? .refusedBefore : reloader.refuse(error)
      file.refusal = error.reason
      results.append(Result(file: file.stamp.path, outcome: outcome))
    }
  }
}

extension BundleHeader {
  /// The serial that a file claims; `nil` where it begins as no bundle does. Reads the header only.
  public static func serial(ofFile path: String) -> UInt64? {
    // Not by its path: to open a pipe takes until somebody writes into it.
    guard let file = try? OpenFile(path) else { return nil }
    defer { file.close() }
    let handle = FileHandle(fileDescriptor: file.descriptor, closeOnDealloc: false)
    guard let start = try? handle.read(upToCount: BundleLayout.headerByteCount) else { return nil }
    let bytes = [UInt8](start)
    guard bytes.count == BundleLayout.headerByteCount, bytes.starts(with: BundleLayout.magic) else {
      return nil
    }
    return bytes[24..<32].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
