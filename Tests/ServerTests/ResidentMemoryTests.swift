import Server
import TestSupport
import Testing
import Wire

/// Memory that is in use, every page of it.
private func makeBallast(_ byteCount: Int) -> UnsafeMutableRawBufferPointer {
  let ballast = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 4096)
  unsafe ballast.initializeMemory(as: UInt8.self, repeating: 1)
  return unsafe ballast
}

extension ServerTests {
  /// The memory of the whole process has a bound.
  @Suite(.enabled(if: givesMemoryBack)) struct ResidentMemoryTests {
    @Test func `requests are refused while the process has too much memory, and served again`() async {
      // In a process of its own: other tests' memory would count too.
      await #expect(processExitsWith: .success) {
        let bound = residentByteCount() + (64 << 20)
        try await TestServer.run(configure: { $0.running.residentByteCountMax = bound }) { server in
          let client = try server.connect()
          let check = RawRequest.check("post-login")
          #expect(try client.exchange(check).status != 503)
          #expect(server.server.metrics().overload.residentShortages == 0)

          let ballast = unsafe makeBallast(128 << 20)
          #expect(try await server.eventually { try client.exchange(check).status == 503 })
          let refused = try server.connect().exchange(.decide([UInt8](repeating: 0, count: 100_000)))
          #expect(refused.status == 503 && refused["retry-after"] == "1")
          #expect(try refused.refusal().code == .overloaded)
          #expect(try client.exchange(.ping).status == 200)
          let overload = server.server.metrics().overload
          #expect(overload.residentShortages == 1)
          #expect(overload.residentByteCount > UInt64(bound))
          #expect(overload.shed.contains { $0.reason == "memory" && $0.count >= 2 })

          unsafe ballast.deallocate()
          #expect(try await server.eventually { try client.exchange(check).status != 503 })
          #expect(server.server.metrics().overload.residentShortages == 1)
        }
      }
    }

    @Test func `a bound that is taken back refuses nobody any more`() async {
      await #expect(processExitsWith: .success) {
        var running = RunningSettings()
        running.latencyBoundMilliseconds = 0
        running.residentByteCountMax = 1 << 20
        let bounded = running
        try await TestServer.run(configure: { $0.running = bounded }) { server in
          let client = try server.connect()
          let check = RawRequest.check("post-login")
          #expect(try await server.eventually { try client.exchange(check).status == 503 })
          var free = bounded
          free.residentByteCountMax = 0
          server.server.use(free)
          #expect(try await server.eventually { try client.exchange(check).status != 503 })
          #expect(try client.isUsable())
        }
      }
    }
  }
}
