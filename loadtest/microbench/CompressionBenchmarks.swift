import Foundation
import Signals
import Tables
import Wire

/// LZ4 of whole messages: what it saves and what it costs, by decisions in a message.
struct CompressionBenchmarks {
  private struct Sample {
    let name: String
    let kind: MessageKind
    let plain: [UInt8]
    let packed: [UInt8]
  }

  private let samples: [Sample]

  /// Random logins as requests, and the replies that a chain of 64 rules gives them.
  init() throws {
    let logins = try (0..<4).map { try RandomLogins(seed: 11 + $0).message }
    let chain = try CompiledChain(RandomChain.plan(ruleCount: 64, columnCount: 8, seed: 64))
    var samples: [Sample] = []
    for count in [1, 4, 16, 64, 256, 1024] {
      let request = Self.request(of: logins, count: count)
      let reply = try Self.reply(to: request, by: chain)
      samples.append(try Self.sample("request of \(count)", .request, request))
      samples.append(try Self.sample("reply of \(count)", .reply, reply))
    }
    self.samples = samples
  }

  /// Both ways, as benchmarks.
  func measure(_ meter: inout Meter) {
    var target = ByteWriter(capacity: 2 << 20)
    for sample in samples {
      let runs = max(1, 4_000_000 / sample.plain.count / 20)
      meter.measure("lz4/compress/\(sample.name)", runs: runs) { _ in
        do {
          try target.compress(sample.plain.span, sample.kind)
        } catch { preconditionFailure("our own message was refused: \(error)") }
        return UInt64(target.count)
      }
      guard sample.packed.count < sample.plain.count else { continue }
      meter.measure("lz4/decompress/\(sample.name)", runs: runs) { _ in
        do {
          try target.decompress(sample.packed.span, sample.kind)
        } catch { preconditionFailure("our own message was refused: \(error)") }
        return UInt64(target.count)
      }
    }
  }

  /// A table: from which speed of a link down a message arrives sooner compressed, both ends' work
  /// included. Needs what `measure` has found.
  func text(_ report: Report) -> String {
    func nanoseconds(_ name: String) -> Double? {
      report.results.first { $0.name == name }?.nanosecondsMedian
    }
    var lines = ["message            plain B  packed B  compress ns  decompress ns  pays below Mbit/s"]
    for sample in samples {
      let compress = nanoseconds("lz4/compress/\(sample.name)") ?? 0
      let name = sample.name.padding(toLength: 17, withPad: " ", startingAt: 0)
      guard let decompress = nanoseconds("lz4/decompress/\(sample.name)") else {
        lines.append(
          name + String(format: "%9d         =  %11.0f  not smaller", sample.plain.count, compress))
        continue
      }
      let savedBits = Double(8 * (sample.plain.count - sample.packed.count))
      lines.append(
        name
          + String(
            format: "%9d  %8d  %11.0f  %13.0f  %17.0f", sample.plain.count, sample.packed.count,
            compress, decompress, savedBits / (compress + decompress) * 1000))
    }
    return lines.joined(separator: "\n")
  }

  private static func sample(
    _ name: String, _ kind: MessageKind, _ plain: [UInt8]
  ) throws -> Sample {
    var packed = ByteWriter()
    try packed.compress(plain.span, kind)
    return Sample(name: name, kind: kind, plain: plain, packed: [UInt8](copying: packed.span))
  }

  /// The first `count` decisions of several messages as one message.
  private static func request(of messages: [[UInt8]], count: Int) -> [UInt8] {
    var writer = ByteWriter()
    writer.beginMessage(.request)
    var left = count
    for message in messages {
      var start = MessageHeader.byteCount
      while left > 0, start < message.count {
        // A decision begins with its length (proto-spec 3.2).
        let end = start + Int(message.span.load(UInt32.self, at: start))
        writer.append(message.span.extracting(start..<end))
        start = end
        left -= 1
      }
    }
    writer.finishMessage(decisionCount: count)
    return [UInt8](copying: writer.span)
  }

  private static func reply(to message: [UInt8], by chain: CompiledChain) throws -> [UInt8] {
    var reader = try RequestReader(message.span)
    var request = DecisionRequest()
    var evaluator = Evaluator()
    var reply = ByteWriter()
    reply.beginMessage(.reply)
    let count = reader.remaining
    while try reader.next(into: &request) {
      evaluator.vector.fill(from: &request, in: message.span, reading: chain.view.schema)
      let decision = evaluator.evaluate(chain.view, in: message.span, fallback: .allow)
      chain.view.write(
        decision, of: &evaluator, correlationID: request.correlationID, in: message.span, to: &reply)
    }
    reply.finishMessage(decisionCount: count, serverNanoseconds: 123_456)
    return [UInt8](copying: reply.span)
  }
}
