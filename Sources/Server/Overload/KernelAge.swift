import NIOCore
import NIOPosix

/// How many nanoseconds ago the kernel had the last bytes of a connection, to the millisecond; `nil` where
/// it does not say: on a unix socket.
func kernelAge(of channel: any Channel) -> UInt64? {
  guard channel.localAddress?.protocol != .unix, let options = channel as? any SocketOptionProvider
  else { return nil }
  #if os(Linux)
    // On the channel's own loop the answer is there at once.
    var milliseconds: UInt32?
    options.getTCPInfo().assumeIsolated().whenSuccess {
      milliseconds = $0.tcpi_last_data_recv
    }
    return milliseconds.map { UInt64($0) * 1_000_000 }
  #else
    return nil
  #endif
}
