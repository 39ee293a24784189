import NIOCore
import Sockets

/// When a loop's turns begin, and which connections wait for their next part of one.
///
/// A turn is one look at all sockets: the loop reads and answers each that has bytes, then asks the
/// kernel again. The bytes of the last were there as long as those of the first, so all that is read in
/// one turn is counted from its beginning. Bytes that come during a turn wait in the kernel for the
/// next one, or come to those that are yet to be read in it: where turns are long the kernel is asked when.
final class LoopTurns {
  /// LIMIT: how long the loop lets sockets go first before it goes on with connections that wait.
  /// Long enough that it does ask the kernel, which it does not before its tasks are done.
  private static let interval = TimeAmount.microseconds(20)
  /// LIMIT: a turn that was shorter kept nobody waiting: the kernel counts in milliseconds.
  private static let longTurnNanoseconds: UInt64 = 2_000_000
  /// LIMIT: a loop that reads so soon after its turn did not wait for bytes; they were there.
  private static let sleeplessNanoseconds: UInt64 = 1_000_000

  private let eventLoop: any EventLoop
  private var start: UInt64 = 0
  private var end: UInt64 = 0
  private var isOpen = false
  /// How long bytes that are read in this turn may have waited for it, at most.
  private var waitMax: UInt64 = 0
  private var waiting: [ConnectionHandler] = []
  /// When the first connection was answered in this turn.
  private var workStart: UInt64 = 0
  private var workTurn: UInt64 = 0
  /// LIMIT: the least part of a turn. With a fifth of it a crowd that asks for 250 things each has 0.2 MiB
  /// half answered each; with this, one is answered after the other.
  private static let partNanosecondsMin: UInt64 = 500_000
  private var isScheduled = false
  /// Bytes have been read since connections that waited had their last part of a turn.
  private var hasRead = false

  /// The loop, where it counts its turns by itself.
  private let socketLoop: SocketLoop?
  /// Its number of the turn that began last.
  private var turn: UInt64 = 0

  init(_ eventLoop: any EventLoop) {
    self.eventLoop = eventLoop
    socketLoop = eventLoop as? SocketLoop
  }

  /// When the turn began in which bytes are read `now`. Where a connection is the `only` one nothing
  /// has been before it.
  func start(now: UInt64, only: Bool) -> UInt64 {
    guard !only else {
      start = now
      waitMax = 0
      return now
    }
    if let socketLoop {
      if socketLoop.turn != turn { begin(now, on: socketLoop) }
    } else if !isOpen {
      isOpen = true
      begin(now)
      // Tasks run when all that was ready has been read.
      eventLoop.assumeIsolated().execute {
        self.isOpen = false
        self.end = monotonicNanoseconds()
      }
    }
    return start
  }

  /// When bytes came that are read `now`, in the turn that began at `start`. `age` asks the kernel how many
  /// nanoseconds ago it had the last of them; where it does not say (`nil`), they have waited as long as they
  /// can have: who asked a moment ago may be called late, and nobody in time who is not.
  func arrival(in start: UInt64, now: UInt64, age: () -> UInt64?) -> UInt64 {
    guard waitMax > 0 || now &- start > Self.longTurnNanoseconds else { return start }
    return max(now &- min(age() ?? now, now), start &- waitMax)
  }

  private func begin(_ now: UInt64, on loop: SocketLoop) {
    turn = loop.turn
    end = max(end, loop.notedEnd)
    begin(now)
    loop.noteEnd()
  }

  /// How long a connection may be answered that begins `now`, where others are to wait for `turn`: what is
  /// left of it, and little in any case. Were it all for each, who asks little would wait for as many turns
  /// as there are others.
  func part(of turn: UInt64, from now: UInt64) -> UInt64 {
    if let socketLoop, socketLoop.turn != workTurn { (workTurn, workStart) = (socketLoop.turn, now) }
    guard turn < .max else { return turn }
    let left = turn - min(now &- workStart, turn)
    return min(turn, max(left, Self.partNanosecondsMin))
  }

  private func begin(_ now: UInt64) {
    if socketLoop == nil { workStart = now }
    let length = end &- start
    let isSleepless = now &- end < Self.sleeplessNanoseconds
    waitMax = isSleepless && length > Self.longTurnNanoseconds ? now &- start : 0
    start = now
    hasRead = true
  }

  /// Whether connections wait for another turn.
  var isWaiting: Bool { !waiting.isEmpty }

  /// Goes on with a connection in another turn, in the order in which they came here.
  func wait(_ handler: ConnectionHandler) {
    waiting.append(handler)
    schedule()
  }

  private func schedule() {
    guard !isScheduled else { return }
    isScheduled = true
    eventLoop.assumeIsolated().scheduleTask(in: Self.interval) {
      self.isScheduled = false
      let handlers = self.waiting
      self.waiting.removeAll(keepingCapacity: true)
      // The sockets were looked at since, and had nothing: what comes now did not wait for what was before.
      if !self.hasRead { self.start = self.end }
      self.hasRead = false
      for handler in handlers { handler.goOn() }
      // What came meanwhile has waited as for a turn.
      self.end = monotonicNanoseconds()
    }
  }
}
