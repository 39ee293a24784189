import CEpoll
import Glibc
import NIOCore

/// A task that waits for its time.
final class LoopTimer: @unchecked Sendable {
  // SAFETY of `@unchecked`: what changes is used on its loop's thread only.

  let deadline: UInt64
  /// Those of one deadline run in the order in which they were made.
  let number: UInt64
  /// `nil` when it has run or was cancelled.
  fileprivate(set) var work: (() -> Void)?
  /// Tells who waits that it will not run.
  let abandon: () -> Void

  init(deadline: UInt64, number: UInt64, work: @escaping () -> Void, abandon: @escaping () -> Void) {
    self.deadline = deadline
    self.number = number
    self.work = work
    self.abandon = abandon
  }

  fileprivate func isBefore(_ other: LoopTimer) -> Bool {
    deadline == other.deadline ? number < other.number : deadline < other.deadline
  }
}

/// A loop's timers, and the descriptor by which the kernel tells that the first is due (timerfd_create(2)): a
/// turn in which none is looks at no clock.
final class TimerQueue: EventSource {
  /// LIMIT: cancelled timers that are kept until their time, where there are no more than that.
  private static let cancelledCountMin = 64

  /// A heap: none is before the one at half its place.
  private var heap: [LoopTimer] = []
  private var cancelledCount = 0
  /// For when the kernel was told, 0 for never.
  private var armedFor: UInt64 = 0
  /// The first may be due.
  private(set) var isDue = false

  init() throws(IOError) {
    let descriptor = timerfd_create(CLOCK_MONOTONIC, CInt(TFD_CLOEXEC) | CInt(TFD_NONBLOCK))
    guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "timerfd_create") }
    super.init(descriptor: descriptor)
  }

  deinit { _ = Glibc.close(descriptor) }

  override func ready(_ events: Epoll.Events) {
    var count: UInt64 = 0
    // SAFETY: a number of ours, of the size that is said.
    _ = unsafe read(descriptor, &count, MemoryLayout<UInt64>.size)
    armedFor = 0
    isDue = true
  }

  var count: Int { heap.count }

  /// O(log n).
  func add(_ timer: LoopTimer) {
    heap.append(timer)
    var place = heap.count - 1
    while place > 0, heap[place].isBefore(heap[(place - 1) / 2]) {
      heap.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
    arm()
  }

  /// O(1) over all: those that were cancelled are taken out when they are half of all.
  func cancel(_ timer: LoopTimer) {
    guard timer.work != nil else { return }
    timer.work = nil
    cancelledCount += 1
    guard cancelledCount > max(Self.cancelledCountMin, heap.count / 2) else { return }
    let left = heap.filter { $0.work != nil }
    heap = []
    cancelledCount = 0
    // Sorted is a heap.
    heap = left.sorted { $0.isBefore($1) }
    arm()
  }

  /// Runs what is due.
  func runDue() {
    isDue = false
    let now = NIODeadline.now().uptimeNanoseconds
    while let first = heap.first, first.deadline <= now {
      removeFirst()
      guard let work = first.work else {
        cancelledCount -= 1
        continue
      }
      first.work = nil
      work()
    }
    arm()
  }

  /// Empties it; tells all that they will not run.
  func abandonAll() {
    while let first = heap.first {
      removeFirst()
      guard first.work != nil else { continue }
      first.work = nil
      first.abandon()
    }
    cancelledCount = 0
  }

  private func removeFirst() {
    let last = heap.removeLast()
    guard !heap.isEmpty else { return }
    heap[0] = last
    var place = 0
    while true {
      var least = place
      for child in [2 * place + 1, 2 * place + 2]
      where child < heap.count && heap[child].isBefore(heap[least]) {
        least = child
      }
      guard least != place else { return }
      heap.swapAt(place, least)
      place = least
    }
  }

  /// Has the kernel tell when the first is due.
  private func arm() {
    guard let deadline = heap.first?.deadline, armedFor == 0 || deadline < armedFor else { return }
    // One of 0 is of no timer (timerfd_settime(2)).
    armedFor = max(1, deadline)
    var value = itimerspec()
    value.it_value.tv_sec = Int(armedFor / 1_000_000_000)
    value.it_value.tv_nsec = Int(armedFor % 1_000_000_000)
    // SAFETY: the kernel copies the time before the call returns.
    guard unsafe timerfd_settime(descriptor, CInt(TFD_TIMER_ABSTIME), &value, nil) != 0 else { return }
    // Not told: then each turn looks, and none waits.
    armedFor = 0
    isDue = true
  }
}
