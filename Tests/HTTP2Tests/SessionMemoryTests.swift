import CNghttp2
@testable import HTTP2
import Testing

/// Memory that libnghttp2 asks for, by the functions that it is given.
@Suite struct SessionMemoryTests {
  /// The functions over a memory of their own.
  private func withMemory(
    _ body: (nghttp2_mem, UnsafeMutablePointer<SessionMemory>) throws -> Void
  ) rethrows {
    let memory = UnsafeMutablePointer<SessionMemory>.allocate(capacity: 1)
    unsafe memory.initialize(to: SessionMemory())
    defer {
      unsafe memory.deinitialize(count: 1)
      unsafe memory.deallocate()
    }
    unsafe try body(SessionMemory.functions(memory), memory)
  }

  @unsafe private func fill(_ object: UnsafeMutableRawPointer, _ count: Int) {
    for offset in 0..<count {
      let byte = UInt8(truncatingIfNeeded: offset &* 7)
      unsafe object.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
    }
  }

  /// Whether the first `count` bytes are those of `fill`.
  @unsafe private func isFilled(_ object: UnsafeMutableRawPointer, _ count: Int) -> Bool {
    (0..<count).allSatisfy {
      unsafe object.load(fromByteOffset: $0, as: UInt8.self) == UInt8(truncatingIfNeeded: $0 &* 7)
    }
  }

  @Test func `an object that grows keeps its bytes, from class to class and beyond`() throws {
    unsafe try withMemory { functions, _ in
      for step in [1, 31, 100, 1000] {
        var count = 1
        var object = unsafe try #require(functions.realloc(nil, count, functions.mem_user_data))
        while count < 40_000 {
          unsafe fill(object, count)
          let larger = count + step + count / 3
          unsafe object = try #require(functions.realloc(object, larger, functions.mem_user_data))
          #expect(unsafe isFilled(object, count), "\(count) bytes to \(larger)")
          #expect(unsafe UInt(bitPattern: object) % 16 == 0)
          count = larger
        }
        unsafe functions.free(object, functions.mem_user_data)
      }
    }
  }

  @Test func `what is freed is what comes next of its size`() throws {
    unsafe try withMemory { functions, _ in
      let first = unsafe try #require(functions.malloc(100, functions.mem_user_data))
      unsafe functions.free(first, functions.mem_user_data)
      unsafe functions.free(nil, functions.mem_user_data)
      let other = unsafe try #require(functions.malloc(200, functions.mem_user_data))
      #expect(unsafe other != first)
      unsafe fill(first, 100)
      let second = unsafe try #require(functions.calloc(10, 10, functions.mem_user_data))
      #expect(unsafe second == first)
      #expect(unsafe (0..<100).allSatisfy { unsafe second.load(fromByteOffset: $0, as: UInt8.self) == 0 })
      unsafe functions.free(second, functions.mem_user_data)
      unsafe functions.free(other, functions.mem_user_data)
    }
  }

  @Test func `a number of bytes that there cannot be is refused`() {
    unsafe withMemory { functions, _ in
      #expect(unsafe functions.calloc(.max, 2, functions.mem_user_data) == nil)
    }
  }

  @Test func `sessions have one buffer for frames, and one that needs a larger has its own`() throws {
    unsafe try withMemory { functions, memory in
      let byteCount = 16 << 10
      func newSession(_ byteCount: Int) throws -> UnsafeMutableRawPointer {
        unsafe memory.pointee.beginSession()
        defer { unsafe memory.pointee.endSession() }
        return unsafe try #require(functions.malloc(byteCount, functions.mem_user_data))
      }
      let first = unsafe try newSession(byteCount)
      let second = unsafe try newSession(byteCount)
      #expect(unsafe first == second)
      let large = unsafe try newSession(byteCount + 1)
      #expect(unsafe large != first)
      unsafe fill(first, byteCount)
      let own = unsafe try #require(functions.realloc(first, byteCount + 32, functions.mem_user_data))
      #expect(unsafe own != first && isFilled(own, byteCount))
      // It stays for the others.
      unsafe functions.free(first, functions.mem_user_data)
      #expect(unsafe try newSession(byteCount) == first)
      unsafe functions.free(own, functions.mem_user_data)
      unsafe functions.free(large, functions.mem_user_data)
    }
  }
}
