import NIOCore
import TLS

/// Lets a connection to a unix socket pass when its process may connect. What stands behind it sees
/// nothing of one that may not.
final class UnixPeerGate: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private let allowed: UnixPeers
  private let counts: TLSCounts
  private var isAdmitted = false

  init(_ allowed: UnixPeers, _ counts: TLSCounts) {
    self.allowed = allowed
    self.counts = counts
  }

  func channelActive(context: ChannelHandlerContext) {
    judge(PeerCredentials(of: context.channel), context)
  }

  private func judge(_ credentials: PeerCredentials?, _ context: ChannelHandlerContext) {
    guard let credentials, allowed.allows(credentials) else {
      let who = credentials.map { "uid=\($0.user) gid=\($0.group) pid=\($0.process)" }
      counts.refuse(.unixPeer, nil, detail: who ?? "the kernel does not tell who it is")
      return context.close(promise: nil)
    }
    isAdmitted = true
    context.fireChannelActive()
    context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if isAdmitted { context.fireChannelRead(data) }
  }

  func channelInactive(context: ChannelHandlerContext) {
    if isAdmitted { context.fireChannelInactive() }
  }
}
