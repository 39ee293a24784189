import Foundation
import Rules
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
  }

  public init(_ path: String) { self.path = path }

  /// Offers the newest bundle when something has changed and nothing has moved since the last look:
  /// a file that is still being copied is left alone. With `force`, whatever is there, at once.
  ///
  /// In a directory, bundles are tried from the highest serial down to that which is served, until
  /// one is good. Returns what became of each that was tried.
  public func look(force: Bool, _ reloader: BundleReloader) -> [BundleReloader.Outcome] {
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
      return [
        reloader.refuse(
          BundleError(.unreachable, "no bundle at `\(path)`; give a file, or a directory of *.bundle"))
      ]
    }
    return offer(stamps, to: reloader)
  }

  /// Offers what is there at the next look, changed or not.
  public func forget() { state.withLock { $0.loaded = nil } }

  private func offer(
    _ stamps: [FileStamp], to reloader: BundleReloader
  ) -> [BundleReloader.Outcome] {
    var outcomes: [BundleReloader.Outcome] = []
    for candidate in candidates(stamps) {
      if let serial = candidate.serial, let served = reloader.served, stamps.count > 1,
        serial < served.serial
      {
        break
      }
      let outcome = offer(candidate.path, to: reloader)
      outcomes.append(outcome)
      switch outcome {
      case .published, .unchanged: return outcomes
      // It could not be used through no fault of its own: it is tried again at the next look.
      case .refused(let error) where error.reason == .notPublished || error.isTransient:
        state.withLock { $0.loaded = nil }
        return outcomes
      // So are all that would follow.
      case .refused(let error) where error.reason == .olderSerial: return outcomes
      case .refused, .refusedBefore: continue
      }
    }
    return outcomes
  }

  private func offer(_ file: String, to reloader: BundleReloader) -> BundleReloader.Outcome {
    do throws(BundleError) {
      return reloader.offer(try BundleBytes.reading(file))
    } catch {
      return reloader.refuse(error)
    }
  }

  /// By serial, highest first. What does not even begin as a bundle comes first: it is refused, and
  /// said so.
  private func candidates(_ stamps: [FileStamp]) -> [(path: String, serial: UInt64?)] {
    let serials = stamps.map { ($0.path, BundleHeader.serial(ofFile: $0.path)) }
    return serials.sorted { ($0.1 ?? .max, $0.0) > ($1.1 ?? .max, $1.0) }
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

/// What tells one version of a file from another without reading it.
private struct FileStamp: Equatable, Sendable {
  var path: String
  var byteCount: UInt64
  var modified: Date
  var inode: UInt64
  /// Who may read it: one that was forbidden and is not any more has changed.
  var access: [UInt64]

  /// Of a file, or of a directory's bundles, behind symbolic links; by name.
  static func stamps(of path: String) -> [FileStamp] {
    let names = (try? DirectoryListing.entries(of: resolved(path)))?.map(\.name)
    guard let names else { return [FileStamp(path)].compactMap(\.self) }
    return names.filter { $0.hasSuffix(BundlePath.fileSuffix) }.sorted()
      .suffix(BundlePath.fileCountMax).compactMap { FileStamp("\(path)/\($0)") }
  }

  private init?(_ path: String) {
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: Self.resolved(path))
    else { return nil }
    self.path = path
    byteCount = (attributes[.size] as? NSNumber)?.uint64Value ?? 0
    modified = attributes[.modificationDate] as? Date ?? .distantPast
    inode = (attributes[.systemFileNumber] as? NSNumber)?.uint64Value ?? 0
    access = [.posixPermissions, .ownerAccountID, .groupOwnerAccountID].map {
      (attributes[$0] as? NSNumber)?.uint64Value ?? 0
    }
  }

  private static func resolved(_ path: String) -> String {
    URL(fileURLWithPath: path).resolvingSymlinksInPath().path
  }
}
