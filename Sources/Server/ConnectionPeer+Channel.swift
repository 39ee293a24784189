import EdgeProof
import NIOCore
import Signals
import Wire

extension ConnectionPeer {
  /// Who is at the other end of a channel. A peer on a unix socket has no name.
  init(of channel: any Channel) {
    if channel.localAddress?.protocol == .unix {
      self = .local
    } else {
      let text = Array((channel.remoteAddress?.ipAddress ?? "").utf8)
      self.init(address: parseAddress(text.span, ByteRange(offset: 0, count: text.count)))
    }
  }
}
