import NIOCore
import NIOPosix

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A connection's socket, for writing what it takes at once without the channel's queue, and for asking when
/// bytes came without its futures.
///
/// A channel allocates and counts for every write, which is as much as the rest of a reply costs. Only
/// what the socket does not take goes its way: then it waits for the socket.
///
/// INVARIANT (socket-open): used only while its channel is active, which ends when the channel closes
/// the descriptor: on the channel's event loop, so between two looks nothing else does.
@safe
struct DirectSocket {
  private let descriptor: CInt

  /// `nil` where the channel has no socket of its own.
  init?(of context: ChannelHandlerContext) {
    let descriptor = try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(
      of: NIOBSDSocket.Handle.self
    ) { $0 }
    guard let descriptor = descriptor ?? nil else { return nil }
    self.descriptor = descriptor
  }

  /// Writes the first bytes; returns how many the socket has taken: none where it would have to wait,
  /// and where it is broken, which the channel finds out by itself.
  func write(_ bytes: Span<UInt8>) -> Int {
    // SAFETY: (socket-open); the call reads as many bytes as there are.
    unsafe bytes.withUnsafeBytes {
      max(0, unsafe sendto(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL), nil, 0))
    }
  }

  /// How many nanoseconds ago the kernel had the last bytes of the connection, to the millisecond; `nil`
  /// where it does not say: of a unix socket.
  var receiveAge: UInt64? {
    #if os(Linux)
      var info = tcp_info()
      var byteCount = socklen_t(MemoryLayout<tcp_info>.size)
      // SAFETY: (socket-open); the call writes no more bytes than it is told there is room for.
      let status = unsafe getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_INFO, &info, &byteCount)
      return status == 0 ? UInt64(info.tcpi_last_data_recv) * 1_000_000 : nil
    #else
      return nil
    #endif
  }
}
