import Dispatch
import Synchronization
import WatchedFiles

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A server's side of a takeover: the path at which it waits for its successor.
public final class TakeoverPoint: Sendable {
  /// What became of one successor.
  public enum Outcome: Sendable {
    /// It serves; the caller drains now, and calls `release` once it accepts nothing more.
    case handedOver
    /// It went away, or was not let in: the server goes on.
    case failed(String)
    /// `close` was called.
    case closed
  }

  /// LIMIT: how long a successor may load its tables before it is given up. In seconds.
  public static let patienceSeconds = 300

  private let listener: LocalSocket
  private let path: String
  /// Which file is ours: a successor puts its own in the same place.
  private let file: FileIdentity?
  private let queue = DispatchQueue(label: "postern.takeover")
  private let successor = Successor()

  /// Listens at `path`, in place of a socket that is there; anything else stays there and is an error.
  public init(at path: String) throws(TakeoverError) {
    do {
      (listener, file) = try LocalSocket.listen(at: path)
    } catch {
      throw TakeoverError(description: "cannot listen for a successor at `\(path)`: \(error)")
    }
    self.path = path
  }

  /// Waits for one successor, on a thread of its own, and hands it the sockets.
  public func serve(_ sockets: [HandedSocket]) async -> Outcome {
    await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: self.serveOne(sockets)) }
    }
  }

  private func serveOne(_ sockets: [HandedSocket]) -> Outcome {
    guard let connection = listener.accept() else { return .closed }
    guard connection.isOwn else {
      return .failed("a process of another user asked for the sockets, and got none")
    }
    do {
      let lines = [TakeoverWord.offer] + sockets.map(\.address)
      try connection.send(lines.joined(separator: "\n"), sockets.map(\.descriptor))
      connection.setPatience(Self.patienceSeconds)
      guard try connection.receive().text == TakeoverWord.ready else {
        return .failed("the successor went away before it was ready")
      }
    } catch {
      return .failed("the successor was given up: \(error)")
    }
    successor.keep(connection)
    return .handedOver
  }

  /// Tells the successor that nothing more is accepted here.
  public func release() {
    try? successor.take()?.send(TakeoverWord.draining)
  }

  /// Stops waiting. The path is removed unless it is a successor's by now.
  public func close() {
    listener.end()
    // SAFETY: the path is a C string for the call.
    if let file, FileIdentity(path) == file { unsafe unlink(path) }
  }
}

/// The successor that is ready and waits for an answer.
private final class Successor: Sendable {
  private let connection = Mutex<LocalSocket?>(nil)

  func keep(_ connection: LocalSocket) { self.connection.withLock { $0 = connection } }

  func take() -> LocalSocket? {
    connection.withLock { kept in
      defer { kept = nil }
      return kept
    }
  }
}
