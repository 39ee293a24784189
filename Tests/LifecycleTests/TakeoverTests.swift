import Foundation
import Lifecycle
import Testing

@Suite struct TakeoverTests {
  private static func path() -> String {
    NSTemporaryDirectory() + "postern-\(getpid())-\(UInt32.random(in: 0 ... .max))"
  }

  private static func listeningSocket() -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    listen(descriptor, 1)
    return descriptor
  }

  private static func port(of descriptor: Int32) -> UInt16 {
    var address = sockaddr_in()
    var byteCount = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = unsafe withUnsafeMutablePointer(to: &address) {
      // SAFETY: the address has the size that the call is told.
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe getsockname(descriptor, $0, &byteCount)
      }
    }
    return address.sin_port
  }

  @Test func `where nobody listens there is nothing to take over`() throws {
    let path = Self.path()
    #expect(try Takeover.begin(at: path) == nil)
  }

  @Test func `a place that cannot be had is said, and nothing is left beside it`() throws {
    let path = Self.path()
    let manager = FileManager.default
    try manager.createDirectory(atPath: path + "/within", withIntermediateDirectories: true)
    defer { try? manager.removeItem(atPath: path) }
    #expect(throws: TakeoverError.self) { try TakeoverPoint(at: path) }
    let names = try manager.contentsOfDirectory(atPath: NSTemporaryDirectory())
    let own = String(path.split(separator: "/").last!)
    #expect(names.filter { $0.hasPrefix(own) } == [own])
  }

  /// As in `serve --config p.yaml --takeover p.yaml`.
  @Test func `a file or a link at the path stays, and is an error that says so`() throws {
    let path = Self.path()
    let link = Self.path()
    let manager = FileManager.default
    defer { for name in [path, link] { try? manager.removeItem(atPath: name) } }
    try "kept".write(toFile: path, atomically: true, encoding: .utf8)
    try manager.createSymbolicLink(atPath: link, withDestinationPath: path)
    for name in [path, link] {
      let error = #expect(throws: TakeoverError.self) { try TakeoverPoint(at: name) }
      #expect(error?.description.contains("`\(name)` is there") == true, "\(String(describing: error))")
      #expect(!manager.fileExists(atPath: "\(name).\(getpid())"))
    }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "kept")
    #expect(try manager.destinationOfSymbolicLink(atPath: link) == path)
  }

  @Test func `what another has put at the path is left there at the end`() throws {
    let path = Self.path()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let point = try TakeoverPoint(at: path)
    try FileManager.default.removeItem(atPath: path)
    try "kept".write(toFile: path, atomically: false, encoding: .utf8)
    point.close()
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "kept")
  }

  @Test func `the socket of a server before is replaced, and the last one's removed`() throws {
    let path = Self.path()
    let first = try TakeoverPoint(at: path)
    let second = try TakeoverPoint(at: path)
    first.close()
    #expect(FileManager.default.fileExists(atPath: path))
    second.close()
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func `a successor is given the sockets, and the server is told when it is ready`() async throws
  {
    let path = Self.path()
    let point = try TakeoverPoint(at: path)
    let descriptors = (0..<3).map { _ in Self.listeningSocket() }
    async let outcome = point.serve(
      descriptors.enumerated().map { HandedSocket(address: "a:\($0)", descriptor: $1) })
    let takeover = try #require(try Takeover.begin(at: path))
    #expect(takeover.sockets.map(\.address) == ["a:0", "a:1", "a:2"])
    #expect(takeover.sockets.map { Self.port(of: $0.descriptor) } == descriptors.map(Self.port))
    #expect(takeover.sockets.allSatisfy { !descriptors.contains($0.descriptor) })
    for socket in takeover.sockets {
      #expect(fcntl(socket.descriptor, F_GETFD) & FD_CLOEXEC != 0)
    }
    let finish = Task.detached { try takeover.finish() }
    guard case .handedOver = await outcome else {
      Issue.record("the server was not told")
      return
    }
    point.release()
    try await finish.value
    point.close()
    #expect(!FileManager.default.fileExists(atPath: path))
    for descriptor in descriptors + takeover.sockets.map(\.descriptor) { close(descriptor) }
  }

  /// Whole machines are held up for as long.
  @Test func `a server that takes six seconds to answer hands over all the same`() async throws {
    let path = Self.path()
    let point = try TakeoverPoint(at: path)
    let begin = Task.detached { try Takeover.begin(at: path) }
    try await Task.sleep(for: .seconds(6))
    async let outcome = point.serve([])
    let takeover = try #require(try await begin.value)
    let finish = Task.detached { try takeover.finish() }
    guard case .handedOver = await outcome else {
      Issue.record("the successor has given up")
      return
    }
    try await Task.sleep(for: .seconds(6))
    point.release()
    try await finish.value
    point.close()
  }

  @Test func `a successor that goes away is a failure, and the next one is served`() async throws {
    let path = Self.path()
    let point = try TakeoverPoint(at: path)
    do {
      async let outcome = point.serve([])
      var takeover = try Takeover.begin(at: path)
      #expect(takeover != nil)
      takeover = nil
      guard case .failed = await outcome else {
        Issue.record("it counts as a takeover")
        return
      }
    }
    async let outcome = point.serve([])
    let takeover = try #require(try Takeover.begin(at: path))
    #expect(takeover.sockets.isEmpty)
    let finish = Task.detached { try takeover.finish() }
    guard case .handedOver = await outcome else {
      Issue.record("the second successor was not served")
      return
    }
    point.release()
    try await finish.value
    point.close()
  }

  @Test func `a server that dies when its successor is ready is told of as gone`() async throws {
    let path = Self.path()
    let finish: Task<Void, any Error>
    do {
      let point = try TakeoverPoint(at: path)
      async let outcome = point.serve([])
      let takeover = try #require(try Takeover.begin(at: path))
      finish = Task.detached { try takeover.finish() }
      guard case .handedOver = await outcome else {
        Issue.record("the server was not told")
        return
      }
    }
    let error = await #expect(throws: TakeoverError.self) { try await finish.value }
    #expect(error?.description.contains("ended before it answered") == true, "\(error as Any)")
    try FileManager.default.removeItem(atPath: path)
  }

  /// The kernel resets the connection of a successor whom the server has not accepted.
  @Test func `of a server that dies before it answers there is nothing to take over`() async throws {
    let path = Self.path()
    var point: TakeoverPoint? = try TakeoverPoint(at: path)
    #expect(point != nil)
    let begin = Task.detached { try Takeover.begin(at: path) }
    try await Task.sleep(for: .milliseconds(200))
    point = nil
    #expect(try await begin.value == nil)
    try FileManager.default.removeItem(atPath: path)
  }

  @Test func `a successor behind another one takes over from that one`() async throws {
    let path = Self.path()
    var old: TakeoverPoint? = try TakeoverPoint(at: path)
    #expect(old != nil)
    let isServed = Task.detached { try Takeover.begin(at: path) != nil }
    try await Task.sleep(for: .milliseconds(200))
    let new = try TakeoverPoint(at: path)
    async let outcome = new.serve([])
    old = nil
    #expect(try await isServed.value)
    _ = await outcome
    new.close()
  }

  @Test func `a point that is closed waits no more, and leaves another's file alone`() async throws {
    let path = Self.path()
    let first = try TakeoverPoint(at: path)
    async let outcome = first.serve([])
    let second = try TakeoverPoint(at: path)
    first.close()
    guard case .closed = await outcome else {
      Issue.record("it still waits")
      return
    }
    #expect(FileManager.default.fileExists(atPath: path))
    second.close()
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func `only the server's user may connect`() throws {
    let path = Self.path()
    let point = try TakeoverPoint(at: path)
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    point.close()
  }

  @Test func `a path that is too long is refused with its name`() {
    let path = "/" + String(repeating: "x", count: 200)
    let error = #expect(throws: TakeoverError.self) { _ = try TakeoverPoint(at: path) }
    #expect(error?.description.contains(path) == true)
  }

  @Test func `what listens there and is no server is an error`() async throws {
    let path = Self.path()
    // A server that offers fewer sockets than addresses: one line, no descriptor.
    let point = try TakeoverPoint(at: path)
    async let outcome = point.serve([HandedSocket(address: "a\nb", descriptor: 0)])
    let error = #expect(throws: TakeoverError.self) { _ = try Takeover.begin(at: path) }
    #expect(error?.description.contains("offers no sockets") == true)
    _ = await outcome
    point.close()
  }
}
