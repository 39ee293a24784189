import Foundation
import Glibc
import NIOCore
import Synchronization
import Testing

@testable import Sockets

@Suite struct SocketChannelTests {
  private static func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
  }

  @Test func `what comes is read, and what is written goes`() async throws {
    try await SocketPair.run { pair in
      pair.send(Self.bytes(10_000))
      try await pair.wait { $0.bytes.count == 10_000 }
      #expect(pair.log.bytes == Self.bytes(10_000))
      try await pair.channel.writeAndFlush(ByteBuffer(bytes: Self.bytes(5000)))
      #expect(pair.receive(5000) == Self.bytes(5000))
      #expect(pair.log.events == ["registered", "active"])
    }
  }

  @Test func `what the socket does not take waits in its order, and the channel is full`() async throws {
    try await SocketPair.run { pair in
      let all = Self.bytes(3 << 20)
      let kept = Mutex<[Int]>([])
      try await pair.onLoop { channel in
        // As a handler does: at once what the socket takes, the rest by the channel, and nothing at once behind.
        let first = channel.writeNow(all.span.extracting(..<(2 << 20)))
        #expect(first > 0 && first < 2 << 20)
        let parts = [first..<(2 << 20), (2 << 20)..<(2 << 20), (2 << 20)..<(3 << 20)]
        for (number, range) in parts.enumerated() {
          channel.writeAndFlush(ByteBuffer(bytes: all[range])).assumeIsolated().whenSuccess {
            kept.withLock { $0.append(number) }
          }
        }
        #expect(channel.writeNow(all.span) == 0)
        #expect(!channel.isWritable)
      }
      #expect(kept.withLock(\.self) == [])
      #expect(pair.receive(all.count) == all)
      try await pair.wait { $0.events.last == "writable" }
      #expect(pair.log.events == ["registered", "active", "full", "writable"])
      #expect(kept.withLock(\.self) == [0, 1, 2])
      let two: [UInt8] = [1, 2]
      let written = try await pair.onLoop { $0.writeNow(two.span) }
      #expect(written == 2)
    }
  }

  @Test func `what waits when a channel is opened goes`() async throws {
    try await SocketPair.run(isOpen: false) { pair in
      let all = Self.bytes(3 << 20)
      try await pair.onLoop { $0.writeAndFlush(ByteBuffer(bytes: all), promise: nil) }
      try await pair.onLoop { try $0.open() }
      #expect(pair.receive(all.count) == all)
    }
  }

  @Test func `nothing is sent before it is flushed`() async throws {
    try await SocketPair.run { pair in
      try await pair.onLoop { channel in
        channel.write(ByteBuffer(bytes: [1]), promise: nil)
        channel.flush()
        channel.write(ByteBuffer(bytes: [3]), promise: nil)
      }
      #expect(pair.receive(1) == [1])
      try await pair.onLoop { $0.writeAndFlush(ByteBuffer(bytes: [4]), promise: nil) }
      #expect(pair.receive(2) == [3, 4])
    }
  }

  @Test func `a channel that does not read by itself reads when it is asked, once`() async throws {
    try await SocketPair.run { pair in
      try await pair.onLoop { try $0.syncOptions!.setOption(.autoRead, value: false) }
      let readsItself = try await pair.onLoop { try $0.syncOptions!.getOption(.autoRead) }
      #expect(readsItself == false)
      pair.send(Self.bytes(5000))
      try await Task.sleep(for: .milliseconds(20))
      #expect(pair.log.bytes.isEmpty)
      try await pair.onLoop { $0.read() }
      try await pair.wait { !$0.bytes.isEmpty }
      try await Task.sleep(for: .milliseconds(20))
      #expect(pair.log.bytes.count == 4096)
      try await pair.onLoop { try $0.syncOptions!.setOption(.autoRead, value: true) }
      try await pair.wait { $0.bytes.count == 5000 }
    }
  }

  @Test func `a peer that ends its side is answered where that is allowed`() async throws {
    try await SocketPair.run(halfClosure: true) { pair in
      pair.send([1, 2])
      pair.endOutput()
      try await pair.wait { $0.events.contains("inputClosed") }
      #expect(pair.log.bytes == [1, 2])
      try await pair.channel.writeAndFlush(ByteBuffer(bytes: [3]))
      // Nothing spins: nothing else is told.
      try await Task.sleep(for: .milliseconds(20))
      #expect(pair.log.events == ["registered", "active", "inputClosed"])
      try await pair.onLoop { $0.close(mode: .output, promise: nil) }
      #expect(pair.receive(2) == [3])
      try await pair.channel.closeFuture.get()
      #expect(pair.log.events.suffix(3) == ["inactive", "unregistered", "removed"])
    }
  }

  @Test func `a peer that ends its side ends the connection where it is not`() async throws {
    try await SocketPair.run { pair in
      pair.endOutput()
      try await pair.channel.closeFuture.get()
      #expect(pair.log.events == ["registered", "active", "inactive", "unregistered", "removed"])
      await #expect(throws: ChannelError.self) {
        try await pair.channel.writeAndFlush(ByteBuffer(bytes: [1]))
      }
      await #expect(throws: ChannelError.self) { try await pair.channel.close() }
    }
  }

  @Test func `the output ends behind all that waits`() async throws {
    try await SocketPair.run { pair in
      let all = Self.bytes(2 << 20)
      let isDone = Atomic(false)
      try await pair.onLoop { channel in
        channel.writeAndFlush(ByteBuffer(bytes: all), promise: nil)
        channel.close(mode: .output).assumeIsolated().whenSuccess { isDone.store(true, ordering: .relaxed) }
        channel.writeAndFlush(ByteBuffer(bytes: [9])).assumeIsolated().whenSuccess { Issue.record("written") }
      }
      #expect(isDone.load(ordering: .relaxed) == false)
      #expect(pair.receive(all.count + 1) == all)
      try await pair.wait { $0.events.contains("outputClosed") }
      #expect(isDone.load(ordering: .relaxed) == true)
      // The other direction is open.
      pair.send([5])
      try await pair.wait { $0.bytes == [5] }
    }
  }

  @Test func `all that a peer has sent which is gone is read, though nobody reads`() async throws {
    try await SocketPair.run(halfClosure: true) { pair in
      try await pair.onLoop { try $0.syncOptions!.setOption(.autoRead, value: false) }
      pair.send(Self.bytes(20_000))
      pair.close()
      try await pair.channel.closeFuture.get()
      #expect(pair.log.bytes == Self.bytes(20_000))
      #expect(pair.log.events.contains("inactive"))
    }
  }

  @Test func `that it cannot be answered any more loses nothing of what a peer has sent`() async throws {
    try await SocketPair.run(halfClosure: true) { pair in
      try await pair.onLoop {
        pair.log.answer = [7]
        try $0.syncOptions!.setOption(.autoRead, value: false)
      }
      pair.send(Self.bytes(20_000))
      // In one, so that the loop does not know that the peer is gone: what is written is refused.
      try await pair.onLoop {
        pair.close()
        $0.writeAndFlush(ByteBuffer(bytes: [1]), promise: nil)
      }
      try await pair.channel.closeFuture.get()
      #expect(pair.log.bytes == Self.bytes(20_000))
    }
  }

  @Test func `a peer that takes nothing and sends without end is closed`() async throws {
    try await SocketPair.run(halfClosure: true) { pair in
      pair.endInput()
      let sender = Thread { while pair.send(Self.bytes(4096)) {} }
      sender.start()
      try await pair.wait { !$0.bytes.isEmpty }
      try await pair.onLoop { $0.writeAndFlush(ByteBuffer(bytes: [1]), promise: nil) }
      try await pair.channel.closeFuture.get()
      while !sender.isFinished { try await Task.sleep(for: .milliseconds(1)) }
    }
  }

  @Test func `who writes when there is room again is called again, not within that call`() async throws {
    try await SocketPair.run { pair in
      let count = 100
      try await pair.onLoop { channel in
        pair.log.answer = Self.bytes(70 << 10)
        pair.log.refillCount = count
        channel.writeAndFlush(ByteBuffer(bytes: pair.log.answer), promise: nil)
      }
      let received = pair.receive((count + 1) * (70 << 10))
      #expect(received.count == (count + 1) * (70 << 10))
      try await pair.wait { $0.refillCount == 0 }
      // That it is full is told within telling that there was room.
      #expect(pair.log.depthMax == 2)
    }
  }

  @Test func `writes to a peer that is gone are told so, and close the channel`() async throws {
    try await SocketPair.run(halfClosure: true) { pair in
      let all = Self.bytes(2 << 20)
      let failed = Mutex(0)
      try await pair.onLoop { channel in
        for _ in 0..<3 {
          channel.writeAndFlush(ByteBuffer(bytes: all)).assumeIsolated().whenFailure { _ in
            failed.withLock { $0 += 1 }
          }
        }
      }
      pair.close()
      try await pair.channel.closeFuture.get()
      #expect(failed.withLock(\.self) == 3)
      let written = try await pair.onLoop { $0.writeNow(all.span) }
      #expect(written == 0)
    }
  }

  @Test func `a channel closed from within a promise or a read is left alone`() async throws {
    try await SocketPair.run { pair in
      try await pair.onLoop { channel in
        channel.write(ByteBuffer(bytes: [1])).assumeIsolated().whenSuccess { channel.close(promise: nil) }
        channel.write(ByteBuffer(bytes: [2])).assumeIsolated().whenSuccess { Issue.record("written") }
        channel.flush()
      }
      try await pair.channel.closeFuture.get()
      #expect(pair.receive(2) == [1])
    }
  }

  @Test func `a loop that ends closes its channels`() async throws {
    let log = Mutex<EventLog?>(nil)
    try await SocketPair.run { pair in log.withLock { $0 = pair.log } }
    #expect(log.withLock { $0!.events.suffix(3) } == ["inactive", "unregistered", "removed"])
  }

  @Test func `an option that it has not is refused`() async throws {
    try await SocketPair.run { pair in
      await #expect(throws: ChannelError.self) { try await pair.channel.setOption(.backlog, value: 1).get() }
      await #expect(throws: ChannelError.self) { try await pair.channel.getOption(.backlog).get() }
    }
  }

  @Test func `the peer of a unix socket has credentials`() async throws {
    try await SocketPair.run { pair in
      let peer = try #require(try await pair.onLoop { $0.peerCredentials })
      #expect(peer == (getpid(), getuid(), getgid()))
      let age = try await pair.onLoop { $0.receiveAge }
      #expect(age == nil)
    }
  }
}
