import HTTP2
import NIOCore
import Synchronization

/// One message on its way: what the asking task and the event loop share.
final class Call: Sendable {
  let id: UInt64
  let message: [UInt8]
  /// The correlation id of its first decision: by that a reply on a stream is known.
  let firstID: UInt64
  let deadline: NIODeadline
  /// Set by the asking task before it tells the loop: a cancellation that overtakes its own call
  /// is not lost.
  let isCancelled = Atomic<Bool>(false)

  init(id: UInt64, message: [UInt8], firstID: UInt64, deadline: NIODeadline) {
    self.id = id
    self.message = message
    self.firstID = firstID
    self.deadline = deadline
  }
}

/// What the event loop knows of a call that has no answer yet.
struct PendingCall {
  let call: Call
  let answer: CheckedContinuation<Result<ClientResponse, PosternFailure>, Never>
  let timer: Scheduled<Void>
  /// LIMIT: one more try after a server that was leaving had not looked at it.
  static let attemptCountMax = 2
  var attemptCount = 0
  /// Where it is being asked; `nil` while it waits for a connection. `stream` is its own; `nil` on
  /// the one that calls share.
  var place: (connection: Connection, stream: ClientStream?)?
}
