import NIOCore
import Sockets
import Synchronization

/// What becomes of all doors' connections: they are dealt out to the loops, one after the other, while there
/// are descriptors for more. Who wants in meanwhile waits in the kernel's queue, which costs none.
///
/// Used on the first loop's thread.
final class Reception: Sendable {
  private let loops: [PosternServer.Loop]
  private let limit: ConnectionLimit
  private let descriptors: DescriptorBudget
  private let pipeline: ConnectionPipeline
  private let nextLoop = Atomic(0)
  /// Accepted for other loops, which have not counted them yet.
  private let underWay = Atomic(0)

  init(
    _ loops: [PosternServer.Loop], _ limit: ConnectionLimit, _ descriptors: DescriptorBudget,
    _ pipeline: ConnectionPipeline
  ) {
    self.loops = loops
    self.limit = limit
    self.descriptors = descriptors
    self.pipeline = pipeline
  }

  func handling(at door: ConnectionPipeline.Door) -> SocketAcceptor.Handling {
    SocketAcceptor.Handling(mayAccept: mayAccept, paused: notePause) { self.accept($0, from: $1, at: door) }
  }

  private func mayAccept() -> Bool {
    limit.openCount + underWay.load(ordering: .relaxed) < descriptors.connectionCountMax
  }

  private func notePause() { loops[0].metrics.overload.add(1, at: OverloadEvent.acceptPaused.rawValue) }

  private func accept(_ descriptor: CInt, from peer: SocketAddress?, at door: ConnectionPipeline.Door) {
    let turn = nextLoop.wrappingAdd(1, ordering: .relaxed).oldValue
    let loop = loops[turn % loops.count].eventLoop
    if loop.inEventLoop { return pipeline.open(descriptor, from: peer, on: loop, at: door) }
    underWay.add(1, ordering: .relaxed)
    loop.execute {
      self.pipeline.open(descriptor, from: peer, on: loop, at: door)
      self.underWay.subtract(1, ordering: .relaxed)
    }
  }
}
