import NIOCore
import NIOEmbedded
import NIOSSL
import Synchronization
import TestSupport
import Testing

@testable import Server

extension ServerTests {
  /// What TLS is handed of a read, and the memory in which it opens that.
  @Suite struct TLSRecordFeedTests {
    /// Any header's first bytes: the walk looks only at lengths.
    private static func record(_ fragmentByteCount: Int) -> [UInt8] {
      [23, 3, 3, UInt8(fragmentByteCount >> 8), UInt8(fragmentByteCount & 0xFF)]
        + [UInt8](repeating: 23, count: fragmentByteCount)
    }

    @Test(arguments: 0..<40)
    func `parts are as long as they may be, and open to no more than a record`(seed: UInt64) throws {
      var random = SplitMix64(seed: seed)
      let longest = [60, 4000, 16401][Int(seed % 3)]
      let lengths = (0..<400).map { _ in Int.random(in: 0...longest, using: &random) }
      var ends: [(at: Int, opened: Int)] = []
      var stream: [UInt8] = []
      for length in lengths {
        stream += Self.record(length)
        ends.append((stream.count, max(0, length - 17)))
      }
      var walk = TLSRecordWalk()
      var done = 0
      while done < stream.count {
        let count = min(Int.random(in: 1...16384, using: &random), stream.count - done)
        let buffer = ByteBuffer(bytes: stream[done..<(done + count)])
        var start = 0
        while start < count {
          let end = walk.advance(over: buffer, from: start)
          try #require(end > start && end <= count)
          let ended = ends.filter { $0.at > done + start && $0.at <= done + end }
          #expect(ended.map(\.opened).reduce(0, +) <= TLSRecordWalk.plaintextMax)
          if end < count {
            let next = try #require(ends.first { $0.at > done + end })
            #expect(next.at <= done + count)
            #expect(ended.map(\.opened).reduce(next.opened, +) > TLSRecordWalk.plaintextMax)
          }
          start = end
        }
        done += count
      }
    }

    /// Whatever lengths a peer gives its records, and however they arrive.
    @Test(arguments: 0..<12)
    func `what comes is opened whole, in two records' room`(seed: UInt64) throws {
      var random = SplitMix64(seed: seed)
      let certificates = try TestCertificates()
      let opened = OpenedBytes()
      let buffers = ReadBuffers(byteCount: 16 << 10)
      let server = EmbeddedChannel(handlers: [
        TLSRecordFeed(buffers), NIOSSLServerHandler(context: try Self.context(of: certificates)), opened,
      ])
      server.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
      let client = try CarriedTLSClient(certificates)
      func carry(by byteCount: () -> Int) throws {
        while true {
          let sealed = try client.takeSealed()
          var done = 0
          while done < sealed.count {
            let count = min(byteCount(), sealed.count - done)
            var buffer = buffers.take()
            buffer.writeBytes(sealed[done..<(done + count)])
            try server.writeInbound(buffer)
            done += count
          }
          var moved = !sealed.isEmpty
          while let buffer = try server.readOutbound(as: ByteBuffer.self) {
            moved = true
            _ = try client.open(Array(buffer.readableBytesView))
          }
          if !moved { return }
        }
      }
      try carry { 1000 }
      var sent: [UInt8] = []
      for _ in 0..<40 {
        // A record each, where it is no longer than the longest.
        for _ in 0..<Int.random(in: 1...30, using: &random) {
          let longest = Bool.random(using: &random) ? 200 : 20_000
          let bytes = (0..<Int.random(in: 1...longest, using: &random)).map {
            UInt8(truncatingIfNeeded: $0 ^ sent.count)
          }
          sent += bytes
          client.say(bytes)
        }
        let most = Bool.random(using: &random) ? 16 << 10 : 8 << 10
        try carry { Bool.random(using: &random) ? most : Int.random(in: 1...most, using: &random) }
      }
      #expect(opened.bytes == sent)
      #expect(opened.capacityMax == 2 * TLSRecordWalk.plaintextMax)
    }

    private static func context(of certificates: TestCertificates) throws -> NIOSSLContext {
      try NIOSSLContext(
        configuration: .makeServerConfiguration(
          certificateChain: try NIOSSLCertificate.fromPEMFile(certificates.certificate("server"))
            .map { .certificate($0) },
          privateKey: .privateKey(try NIOSSLPrivateKey(file: certificates.key("server"), format: .pem))))
    }
  }
}

/// Keeps what TLS has opened, and how large the memory was that it came in.
private final class OpenedBytes: ChannelInboundHandler, Sendable {
  typealias InboundIn = ByteBuffer

  private let state = Mutex<(bytes: [UInt8], capacityMax: Int)>(([], 0))

  var bytes: [UInt8] { state.withLock { $0.bytes } }
  var capacityMax: Int { state.withLock { $0.capacityMax } }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let buffer = unwrapInboundIn(data)
    state.withLock {
      $0.bytes += buffer.readableBytesView
      $0.capacityMax = max($0.capacityMax, buffer.capacity)
    }
  }
}
