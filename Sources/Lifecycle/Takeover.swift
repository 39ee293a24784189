#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What goes between a server and its successor, over a unix socket that only their user can use:
///
///     successor                          server
///       connects                  ->
///                                 <-     "postern takeover 1", addresses; the listening sockets
///       loads, listens, is ready
///       "ready"                   ->
///                                 <-     "draining"
///       listens at the path              drains and exits
///
/// A connection reaches one of the two at every moment: the sockets are never closed by both. If the
/// successor goes away before "ready" the server goes on as if nothing had been.
enum TakeoverWord {
  static let offer = "postern takeover 1"
  static let ready = "ready"
  static let draining = "draining"
}

/// Why sockets could not be taken over.
public struct TakeoverError: Error, CustomStringConvertible {
  public var description: String
}

/// A successor's side.
public final class Takeover: Sendable {
  /// LIMIT: the server answers at once, or it hangs; or its machine does, for seconds. It goes on serving
  /// while its successor waits, and drains once that is ready: to give up then would leave nobody.
  private static let patienceSeconds = 30

  private let socket: LocalSocket
  /// What the server listens on; the caller's from now on.
  public let sockets: [HandedSocket]

  /// LIMIT: how often whoever listens is asked again after it ended without a word.
  private static let connectionCountMax = 5

  /// Asks the server that listens at `path` for its sockets; `nil` when there is none, or when it died
  /// before it handed them over.
  ///
  /// It blocks for some milliseconds, at most `patienceSeconds`.
  public static func begin(at path: String) throws(TakeoverError) -> Takeover? {
    do {
      for _ in 0..<connectionCountMax {
        guard let socket = try LocalSocket.connect(to: path) else { return nil }
        guard socket.isOwn else {
          throw TakeoverError(description: "`\(path)` belongs to another user; nothing was taken")
        }
        socket.setPatience(patienceSeconds)
        let (text, descriptors) = try socket.receive()
        // A server that dies now ends the connection; who connects next finds nobody, or its successor.
        if text.isEmpty { continue }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard lines.first == TakeoverWord.offer, lines.count == descriptors.count + 1 else {
          for descriptor in descriptors { close(descriptor) }
          break
        }
        return Takeover(
          socket,
          zip(lines.dropFirst(), descriptors).map { HandedSocket(address: $0, descriptor: $1) })
      }
    } catch let error as TakeoverError {
      throw error
    } catch {
      throw TakeoverError(description: "cannot take over at `\(path)`: \(error)")
    }
    throw TakeoverError(
      description: "what listens at `\(path)` offers no sockets; is it a server, of this version?")
  }

  private init(_ socket: LocalSocket, _ sockets: [HandedSocket]) {
    self.socket = socket
    self.sockets = sockets
  }

  /// Tells the server that its work is done. It stops accepting before this returns. Where this throws, it
  /// may be gone: who has the sockets serves on, or nobody does.
  public func finish() throws(TakeoverError) {
    do {
      try socket.send(TakeoverWord.ready)
      let answer = try socket.receive().text
      guard !answer.isEmpty else {
        throw TakeoverError(description: "the server before has ended before it answered")
      }
      guard answer == TakeoverWord.draining else {
        throw TakeoverError(
          description: "the server before does not say that it drains; both may be serving")
      }
    } catch let error as TakeoverError {
      throw error
    } catch {
      throw TakeoverError(
        description: "the server before does not answer; both may be serving: \(error)")
    }
  }
}
