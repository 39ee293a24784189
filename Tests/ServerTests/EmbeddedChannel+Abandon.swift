import NIOCore
import NIOEmbedded

extension EmbeddedChannel {
  /// Ends it, whatever it waits for: TLS for the other end's good-bye.
  func abandon() {
    close(promise: nil)
    embeddedEventLoop.advanceTime(by: .minutes(1))
    _ = try? finish(acceptAlreadyClosed: true)
  }
}
