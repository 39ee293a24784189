import Dispatch
import NIOCore
import NIOPosix
import Testing

@testable import Server

@Suite struct LoopPulseTests {
  @Test func `a loop that does not move is found, and forgiven when it moves again`() async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    let loops = Array(group.makeIterator())
    let pulse = LoopPulse(loops)
    #expect(pulse.stuckLoops().isEmpty)
    for loop in loops { try await loop.submit {}.get() }
    #expect(pulse.stuckLoops().isEmpty)

    let gate = DispatchSemaphore(value: 0)
    for loop in loops { try await loop.submit {}.get() }
    loops[1].execute { gate.wait() }
    #expect(pulse.stuckLoops().isEmpty)
    try await loops[0].submit {}.get()
    #expect(pulse.stuckLoops() == [1])
    #expect(pulse.stuckLoops() == [1])
    let probed = LoopPulse(loops)
    #expect(await probed.hungLoops(patience: .milliseconds(500)) == [1])
    #expect(await probed.hungLoops(patience: .milliseconds(500)) == [1])

    gate.signal()
    #expect(await probed.hungLoops(patience: .seconds(20)).isEmpty)
    #expect(await probed.hungLoops(patience: .seconds(20)).isEmpty)
    try await loops[1].submit {}.get()
    #expect(pulse.stuckLoops().isEmpty)
    try await group.shutdownGracefully()
  }

  @Test func `many that ask at once do not hide a loop that does not move`() async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    let loops = Array(group.makeIterator())
    let pulse = LoopPulse(loops)
    await withTaskGroup(of: Void.self) { tasks in
      for _ in 0..<8 {
        tasks.addTask { for _ in 0..<2000 { _ = pulse.stuckLoops() } }
      }
    }
    #expect(await pulse.hungLoops(patience: .seconds(20)).isEmpty)
    let gate = DispatchSemaphore(value: 0)
    loops[1].execute { gate.wait() }
    #expect(await pulse.hungLoops(patience: .milliseconds(500)) == [1])
    gate.signal()
    #expect(await pulse.hungLoops(patience: .seconds(20)).isEmpty)
    try await group.shutdownGracefully()
  }
}
