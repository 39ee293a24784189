/// Memory into which a loop reads from one channel after the other.
///
/// SAFETY, for all of it: ours alone from `init` to `deinit`.
@safe
final class ReadMemory {
  /// LIMIT: a read brings as much as several hundred requests have, in one call.
  private static let byteCount = 256 << 10

  private let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: byteCount)
  /// Somebody looks at what was read last.
  private var isInUse = false

  init() {}
  deinit { unsafe bytes.deallocate() }

  /// Reads from a socket, and lends what has come to `body`.
  func read(_ descriptor: CInt, _ body: (Span<UInt8>) -> Void) -> SocketResult {
    precondition(!isInUse, "a channel reads while another one does")
    isInUse = true
    defer { isInUse = false }
    let result = unsafe SocketCalls.receive(descriptor, into: UnsafeMutableRawBufferPointer(bytes))
    if case .done(let count) = result, count > 0 {
      // SAFETY: so many have been written, and nothing else is while `body` looks at them.
      body(unsafe Span(_unsafeElements: UnsafeBufferPointer(rebasing: bytes[..<count])))
    }
    return result
  }
}
