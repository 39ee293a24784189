import CEpoll
import Glibc
import NIOConcurrencyHelpers
import NIOCore
import Synchronization

/// Tasks of other threads for a loop, and the descriptor that wakes it (eventfd(2)).
final class TaskQueue: EventSource, @unchecked Sendable {
  typealias Task = @Sendable () -> Void

  // SAFETY of `@unchecked`: what is inherited is the loop's thread's; the rest is behind the lock or atomic.
  private struct State {
    var tasks: [Task] = []
    var isClosed = false
  }

  /// NIO's, since ThreadSanitizer does not see who waits for a `Mutex`.
  private let state = NIOLockedValueBox(State())
  /// Tasks are there, and the loop has been woken for them.
  private let isAwaken = Atomic(false)

  init() throws(IOError) {
    let descriptor = eventfd(0, CInt(EFD_CLOEXEC) | CInt(EFD_NONBLOCK))
    guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "eventfd") }
    super.init(descriptor: descriptor)
  }

  deinit { _ = close() }

  /// From any thread. Returns whether the task will run: not once the loop has ended.
  @discardableResult
  func add(_ task: @escaping Task) -> Bool {
    state.withLockedValue { state in
      guard !state.isClosed else { return false }
      state.tasks.append(task)
      // Under the lock, since the descriptor is closed under it.
      if !isAwaken.exchange(true, ordering: .acquiringAndReleasing) { _ = eventfd_write(descriptor, 1) }
      return true
    }
  }

  /// Whether something has come since `takeAll`.
  var hasTasks: Bool { isAwaken.load(ordering: .relaxed) }

  /// What has come since this was asked last. On the loop's thread.
  func takeAll() -> [Task] {
    guard hasTasks else { return [] }
    return state.withLockedValue { state in
      isAwaken.store(false, ordering: .releasing)
      defer { state.tasks = [] }
      return state.tasks
    }
  }

  override func ready(_ events: Epoll.Events) {
    var count: eventfd_t = 0
    // SAFETY: a number of ours.
    _ = unsafe eventfd_read(descriptor, &count)
  }

  /// Takes nothing more. Returns what nobody has run.
  func close() -> [Task] {
    state.withLockedValue { state in
      if !state.isClosed { _ = Glibc.close(descriptor) }
      state.isClosed = true
      defer { state.tasks = [] }
      return state.tasks
    }
  }
}
