import Logging
import NIOCore
import TLS

extension ServerConfiguration {
  /// Every address to listen on, and what is spoken there.
  var doors: [(address: ListenAddress, door: ConnectionPipeline.Door)] {
    listen.map { ($0, $0.isUnix ? .unix : tls == nil ? .plain : .tls) }
      + plainListen.map { ($0, $0.isUnix ? .unix : .plain) }
  }
}

extension ListenAddress {
  fileprivate var isUnix: Bool { if case .unix = self { true } else { false } }
}

extension PosternServer {
  /// Reads the files of TLS; `nil` where no door speaks it.
  static func makeTLS(
    _ configuration: ServerConfiguration, _ logger: Logger, _ counts: TLSCounts
  ) throws -> TLSDoors? {
    guard let settings = configuration.tls else { return nil }
    do throws(TLSFileError) {
      return try TLSDoors(settings, logger, counts, now: { Int64(wallClockSeconds()) })
    } catch {
      throw ServerError.cannotUse(error)
    }
  }

  /// What every accepted connection gets.
  static func makePipeline(
    _ loops: [Loop], _ tls: TLSDoors?, handshakesPerLoop: Int, _ unixPeers: UnixPeers?, _ counts: TLSCounts
  ) async throws -> ConnectionPipeline {
    var parts: [ObjectIdentifier: ConnectionPipeline.Loop] = [:]
    for loop in loops {
      let handshakes = try await loop.eventLoop.submit {
        tls.map {
          NIOLoopBound($0.makeQueue(countMax: handshakesPerLoop), eventLoop: loop.eventLoop)
        }
      }.get()
      parts[ObjectIdentifier(loop.eventLoop)] = ConnectionPipeline.Loop(
        connections: loop.connections, handshakes: handshakes)
    }
    return ConnectionPipeline(loops: parts, tls: tls, unixPeers: unixPeers, counts: counts)
  }
}
