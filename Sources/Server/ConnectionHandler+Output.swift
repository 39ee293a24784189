import HTTP2
import NIOCore
import Sockets
import Wire

/// What a connection's session has to say, on its way out.
extension ConnectionHandler {
  /// Writes the session's output to the socket, and hands what that does not take to the channel, as far
  /// as the channel takes it.
  func write(_ context: ChannelHandlerContext) {
    guard let session, !isEnding, isWritable else { return }
    let start = loop.timer.start()
    defer { _ = loop.timer.lap(.write, since: start) }
    var hasMore = true
    var isCounted = admitted != nil
    while hasMore, isWritable {
      let socket = admitted == nil ? self.socket : nil
      var rest: ByteBuffer?
      hasMore = session.takeOutput(upTo: Self.outputByteCount) { bytes in
        loop.metrics.count(.writtenBytes, bytes.count)
        // The last of it: what the kernel does with it is no time of ours.
        if bytes.count < Self.outputByteCount, admitted == nil {
          loop.countWritten()
          isCounted = true
        }
        let count = socket?.writeNow(bytes) ?? 0
        guard count < bytes.count else { return }
        rest = makeOutput(bytes.extracting(count...), context.channel.allocator)
      }
      guard let rest else { continue }
      hasUnflushed = true
      context.write(wrapOutboundOut(rest), promise: nil)
      // Under TLS the channel knows of what is written only when it is flushed.
      if hasMore, admitted != nil { flush(context) }
    }
    if !isCounted { loop.countWritten() }
    if session.isOutOfMemory { return close(context) }
    closeIfDrained(context)
  }

  /// A copy of the session's output: in a buffer of the loop, unless the channel still has the last one.
  /// Then in one of their own size: what a peer does not read is to take no more memory than it has bytes.
  private func makeOutput(_ bytes: Span<UInt8>, _ allocator: ByteBufferAllocator) -> ByteBuffer {
    returnOutput()
    let isLoops = output == nil
    var buffer =
      isLoops ? loop.outputs.take(bytes.count, allocator) : allocator.buffer(capacity: bytes.count)
    // SAFETY: the raw view of the bytes is copied before the function returns.
    unsafe buffer.writeBytes(bytes.bytes)
    if isLoops { output = buffer }
    return buffer
  }

  /// Hands what was written to the socket, and the buffer back to the loop when that has taken all.
  func flush(_ context: ChannelHandlerContext) {
    if hasUnflushed {
      hasUnflushed = false
      context.flush()
      // Under TLS only now: it is sealed and sent in one.
      if admitted != nil { loop.countWritten() }
    }
    if output != nil { returnOutput() }
  }

  func returnOutput() {
    // Not by a copy: there would be two.
    guard output?.modifyIfUniquelyOwned({ _ in }) != nil, let free = output.take() else { return }
    loop.outputs.giveBack(free)
  }
}
