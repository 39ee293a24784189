import NIOCore
import NIOEmbedded
import TestSupport

@testable import Server

/// One client and its connection: HTTP/2 as a client speaks it, byte by byte under the world's hand.
final class SimulatedClient {
  let channel: EmbeddedChannel
  let socket: SimulatedSocket
  weak var handler: ConnectionHandler?

  /// What is on its way to the server.
  private(set) var outgoing: [UInt8] = []
  private var enqueuedCount = 0
  private(set) var deliveredCount = 0
  /// Frames of bodies that are not on their way yet, by stream.
  private(set) var uploads: [(stream: UInt32, frames: [Frame])] = []
  var requests: [UInt32: SimulatedRequest] = [:]
  private(set) var responses: [UInt32: RawResponse] = [:]
  /// When the server wrote the end of an answer.
  private(set) var writeTimes: [UInt32: UInt64] = [:]
  /// Streams whose answer is whole or given up, in the order of their ends.
  private(set) var ended: [UInt32] = []
  private(set) var goAway: RawClient.GoAway?
  /// Something that no server may send.
  private(set) var breach: String?
  private(set) var pingsSent = 0
  private(set) var pingsAnswered = 0
  /// Sends what no client may: nothing but its own doing is held against the server.
  var isHostile = false
  /// Went away without a word.
  var hasVanished = false
  /// Has ended its side of the connection: sends nothing more.
  private(set) var hasEndedSending = false
  /// Gives windows back as it reads, rather than at the end.
  let isGenerous: Bool
  /// FNV-1a of all that the server has said.
  private(set) var transcript: UInt64 = 0xcbf2_9ce4_8422_2325

  private let decoder = HeaderDecoder()
  private var received: [UInt8] = []
  private var block: [UInt8] = []
  private var blockFlags: UInt8 = 0
  private var nextStream: UInt32 = 1

  init(
    _ connections: LoopConnections, on loop: EmbeddedEventLoop, clock: WorldClock,
    using random: inout SplitMix64
  ) throws {
    isGenerous = random.chance(60)
    socket = SimulatedSocket(highWatermark: random.pick([200, 4_000, 65_536]), clock: clock)
    let handler = ConnectionHandler(connections)
    self.handler = handler
    channel = EmbeddedChannel(loop: loop)
    try channel.pipeline.syncOperations.addHandlers([socket, handler])
    channel.connect(to: try SocketAddress(ipAddress: "203.0.113.7", port: 4711), promise: nil)
    var settings: [(id: UInt16, value: UInt32)] = []
    // A small window holds answers back until it is opened.
    if random.chance(30) { settings.append((4, UInt32(random.pick([0, 1, 20, 300])))) }
    enqueue(Frame.preface + Frame.settings(settings).bytes)
  }

  var isOpen: Bool { channel.isActive }

  // MARK: Towards the server

  func enqueue(_ bytes: [UInt8]) {
    if hasEndedSending { return }
    outgoing += bytes
    enqueuedCount += bytes.count
  }

  func enqueue(_ frame: Frame) { enqueue(frame.bytes) }

  func ping() {
    pingsSent += 1
    enqueue(Frame(.ping, [0, 0, 0, 0, 0, 0, 0, UInt8(truncatingIfNeeded: pingsSent)]))
  }

  /// Sends a request's headers, in a few frames, and keeps its body for later.
  func begin(_ request: SimulatedRequest, using random: inout SplitMix64) {
    let stream = nextStream
    nextStream += 2
    var request = request
    request.startOffset = enqueuedCount
    let body = request.raw.body
    let byteCount = max(1, request.raw.headerBlock.count / (1 + random.below(4)))
    for frame in request.raw.headerFrames(
      on: stream, endStream: body.isEmpty, frameByteCount: byteCount)
    { enqueue(frame) }
    if body.isEmpty || request.hasIdleBody { request.endOffset = enqueuedCount }
    if !body.isEmpty {
      let size = max(1, body.count / (1 + random.below(4)))
      var frames = request.raw.dataFrames(on: stream, frameByteCount: min(size, 16_384))
      // One that carries nothing, before, between or behind the others.
      if random.chance(10) {
        let last = frames.removeLast()
        frames.append(Frame(.data, stream: stream, last.payload))
        frames.append(Frame(.data, flags: Frame.endStream, stream: stream))
      }
      uploads.append((stream, frames))
    }
    requests[stream] = request
  }

  /// Whether not all of its body has been sent, or is on its way.
  func isSending(_ stream: UInt32) -> Bool {
    uploads.contains { $0.stream == stream } || requests[stream]!.hasIdleBody && !outgoing.isEmpty
  }

  /// Sends the next frame of a body that has begun.
  func continueUpload(using random: inout SplitMix64) {
    guard !uploads.isEmpty else { return }
    let index = random.below(uploads.count)
    enqueue(uploads[index].frames.removeFirst())
    guard uploads[index].frames.isEmpty else { return }
    let stream = uploads.remove(at: index).stream
    if !requests[stream]!.hasIdleBody { requests[stream]!.endOffset = enqueuedCount }
  }

  /// Gives a request up that has not been answered.
  func cancelOne(using random: inout SplitMix64) {
    let open = requests.keys.filter { !ended.contains($0) && !requests[$0]!.isCancelled }.sorted()
    guard !open.isEmpty else { return }
    let stream = random.pick(open)
    requests[stream]!.isCancelled = true
    uploads.removeAll { $0.stream == stream }
    enqueue(.reset(stream))
  }

  /// Takes the next bytes for the server off the way.
  func takeOutgoing(_ count: Int) -> [UInt8] {
    let bytes = Array(outgoing.prefix(count))
    outgoing.removeFirst(bytes.count)
    deliveredCount += bytes.count
    return bytes
  }

  /// Ends its side of the connection, once the server has all.
  func endSending() {
    guard outgoing.isEmpty, !hasEndedSending else { return }
    hasEndedSending = true
    channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
  }

  /// Opens every window as far as it can be needed.
  func openWindows() {
    enqueue(.windowUpdate(0, 1 << 20))
    for stream in requests.keys.sorted() where !ended.contains(stream) {
      enqueue(.windowUpdate(stream, 1 << 20))
    }
  }

  // MARK: From the server

  func receive(_ bytes: [UInt8]) throws {
    for byte in bytes { transcript = (transcript ^ UInt64(byte)) &* 0x100_0000_01b3 }
    received += bytes
    while let frame = Frame.take(from: &received) { try handle(frame) }
    socket.forgetWrites(beforeLast: received.count)
  }

  private func handle(_ frame: Frame) throws {
    switch frame.kind {
    case .settings where frame.flags & Frame.acknowledgement == 0:
      enqueue(Frame(.settings, flags: Frame.acknowledgement))
    case .ping where frame.flags & Frame.acknowledgement != 0: pingsAnswered += 1
    case .goAway:
      let payload = frame.payload
      goAway = RawClient.GoAway(
        lastStream: UInt32(bigEndian: payload[0..<4]), code: UInt32(bigEndian: payload[4..<8]))
    case .rstStream:
      responses[frame.stream, default: .init()].resetCode = UInt32(bigEndian: frame.payload[...])
      // Behind a whole answer it only says that no more of the request is wanted.
      if responses[frame.stream]?.isComplete != true { end(frame.stream) }
      uploads.removeAll { $0.stream == frame.stream }
    case .headers, .continuation: try handleHeaders(frame)
    case .data: handleData(frame)
    default: break
    }
  }

  private func handleHeaders(_ frame: Frame) throws {
    if frame.kind == .headers { blockFlags = frame.flags }
    block += frame.payload
    guard frame.flags & Frame.endHeaders != 0 else { return }
    if responses[frame.stream] != nil { breach = "stream \(frame.stream) is answered twice" }
    responses[frame.stream, default: .init()].headers += try decoder.decode(block)
    block = []
    if blockFlags & Frame.endStream != 0 { complete(frame.stream) }
  }

  private func handleData(_ frame: Frame) {
    if responses[frame.stream]?.isComplete != false {
      breach = "stream \(frame.stream) has data outside of an answer"
    }
    responses[frame.stream, default: .init()].body += frame.payload
    if frame.flags & Frame.endStream != 0 { complete(frame.stream) }
    guard isGenerous, !frame.payload.isEmpty else { return }
    enqueue(.windowUpdate(0, UInt32(frame.payload.count)))
    if frame.flags & Frame.endStream == 0 {
      enqueue(.windowUpdate(frame.stream, UInt32(frame.payload.count)))
    }
  }

  private func complete(_ stream: UInt32) {
    responses[stream]!.isComplete = true
    writeTimes[stream] = socket.writeTime(beforeLast: received.count)
    end(stream)
  }

  private func end(_ stream: UInt32) {
    if requests[stream] == nil { breach = "stream \(stream) was never asked for" }
    // A body that is answered early need not travel to its end.
    if requests[stream]?.hasIdleBody != true { uploads.removeAll { $0.stream == stream } }
    ended.append(stream)
  }
}

extension UInt32 {
  init(bigEndian bytes: ArraySlice<UInt8>) { self = bytes.reduce(0) { $0 << 8 | UInt32($1) } }
}
