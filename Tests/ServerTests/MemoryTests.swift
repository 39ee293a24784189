import HTTP2
import Server
import TestSupport
import Testing
import Wire

extension ServerTests {
  @Suite(.enabled(if: givesMemoryBack)) struct MemoryTests {
    @Test func `a connection that rests gives the memory of large bodies back`() async {
      // In a process of its own: what other tests have left in the heap would be measured too.
      await #expect(processExitsWith: .success) {
        try await TestServer.run(configure: { $0.http2.heldByteCountMax = 64 << 20 }) { server in
          let client = try server.connect()
          let request = RawRequest.decide([UInt8](repeating: 1, count: 1 << 20))
          let streams = (0..<48).map { _ in client.takeStreamID() }
          let before = residentByteCount()
          var largest = 0
          for stream in streams {
            try client.send(request.headerFrames(on: stream, endStream: false))
            for frame in request.dataFrames(on: stream).dropLast() {
              #expect(try client.sendWithinWindow(frame))
            }
            largest = max(largest, residentByteCount() - before)
          }
          #expect(largest > 40 << 20, "the bodies are not there: this measures nothing")
          for stream in streams {
            #expect(try client.sendWithinWindow(request.dataFrames(on: stream).last!))
            #expect(try client.response(on: stream).status == 400)
          }
          #expect(try client.isUsable())
          #expect(try await server.eventually { residentByteCount() - before < 16 << 20 })
        }
      }
    }
  }
}
