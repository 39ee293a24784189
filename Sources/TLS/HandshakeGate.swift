import EdgeProof
import NIOCore
import NIOSSL
import NIOTLS

/// A peer's handshake is done, and it may connect. `channelActive` follows.
public struct PeerAdmitted: Sendable {
  /// The names in its certificate; none where it was not asked for one.
  public var names: [PeerName]
  /// It has shown one that our roots vouch for.
  public var hasCertificate: Bool
  /// When the peer is to be told to connect anew; `nil` for never.
  public var ends: NIODeadline?
}

/// Stands behind the TLS handler until the handshake is done, and looks at who came.
///
/// What stands behind it sees nothing of a connection before that: to it, the connection opens when the
/// peer is admitted. Then the gate takes itself out of the pipeline.
final class HandshakeGate: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  static let applicationProtocol = "h2"

  private let settings: TLSSettings
  private let tls: NIOSSLServerHandler
  private let queue: HandshakeQueue
  private let counts: TLSCounts
  /// Seconds since 1970.
  private let clock: @Sendable () -> Int64
  private(set) var started = NIODeadline.now()
  private var context: ChannelHandlerContext?
  private var number: UInt64?
  private var timeout: Scheduled<Void>?
  /// Nothing of this peer is passed on or counted any more.
  private(set) var isRefused = false

  init(
    _ settings: TLSSettings, _ tls: NIOSSLServerHandler, _ queue: HandshakeQueue, _ counts: TLSCounts,
    clock: @escaping @Sendable () -> Int64
  ) {
    self.settings = settings
    self.tls = tls
    self.queue = queue
    self.counts = counts
    self.clock = clock
  }

  func channelActive(context: ChannelHandlerContext) {
    self.context = context
    started = .now()
    let source = HandshakeSource(context.channel.remoteAddress)
    guard let number = queue.enter(self, from: source) else { return crowdOut() }
    self.number = number
    let limit = TimeAmount.seconds(Int64(settings.handshakeSeconds))
    timeout = context.eventLoop.assumeIsolated().scheduleTask(in: limit) {
      self.refuse(.timeout)
      self.abort()
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case TLSUserEvent.handshakeCompleted(let negotiated) = event else { return }
    guard !isRefused else { return }
    guard negotiated == Self.applicationProtocol else { return refuse(.noHTTP2) }
    var names: [PeerName] = []
    if settings.clientCA != nil {
      // A resumed session brings the certificate that was verified when it began.
      guard let certificate = tls.peerCertificate else { return refuse(.noCertificate) }
      guard certificate.isValid(at: clock()) else { return refuse(.expiredCertificate) }
      names = certificate.peerNames
      guard settings.clients.isEmpty || settings.clients.match(names) else {
        return refuse(.nameNotAllowed, detail: "\(names.prefix(4))")
      }
    }
    admit(names, context)
  }

  private func admit(_ names: [PeerName], _ context: ChannelHandlerContext) {
    leave()
    counts.countHandshake()
    let seconds = Int64(settings.connectionSeconds)
    context.fireUserInboundEventTriggered(
      PeerAdmitted(
        names: names, hasCertificate: settings.clientCA != nil,
        ends: seconds > 0 ? .now() + .seconds(seconds) : nil))
    context.fireChannelActive()
    context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
  }

  /// Makes room for another connection.
  func crowdOut() {
    refuse(.crowdedOut)
    abort()
  }

  private func refuse(_ refusal: TLSRefusal, detail: @autoclosure () -> String = "") {
    guard !isRefused, let context else { return }
    isRefused = true
    timeout?.cancel()
    counts.refuse(refusal, context.channel.remoteAddress, detail: detail())
    // It keeps its place in the queue until it is closed: TLS waits some seconds for the peer's good-bye.
    context.close(promise: nil)
  }

  /// Closes the connection now, past TLS.
  private func abort() {
    leave()
    guard let context else { return }
    if let beforeTLS = try? context.pipeline.syncOperations.context(handler: tls) {
      beforeTLS.close(promise: nil)
    } else {
      context.close(promise: nil)
    }
  }

  private func leave() {
    timeout?.cancel()
    timeout = nil
    if let number { queue.leave(number) }
    number = nil
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    // From a peer that was refused: nothing else comes before the handshake is done.
  }

  func channelReadComplete(context: ChannelHandlerContext) {}

  func channelWritabilityChanged(context: ChannelHandlerContext) {}

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    self.context = self.context ?? context
    var refusal = TLSRefusal(error)
    if refusal == .unknownCA, let certificate = tls.peerCertificate,
      !certificate.isValid(at: clock())
    {
      refusal = .expiredCertificate
    }
    refuse(refusal, detail: refusal == .other ? TLSRefusal.words(of: error) : "")
  }

  func channelInactive(context: ChannelHandlerContext) {
    refuse(.gone)
    leave()
  }

  /// A context keeps its handler, and this one TLS with its buffers: each connection would stay for ever.
  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }
}
