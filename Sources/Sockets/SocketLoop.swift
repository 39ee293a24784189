import CEpoll
import Dispatch
import Glibc
import NIOConcurrencyHelpers
import NIOCore
import Synchronization

/// An event loop: a thread that waits for its sockets, its timers and its tasks.
///
/// A turn is one look at all sockets; then what is due runs, then tasks. SwiftNIO's own loop and sockets take
/// several times the instructions for a read (`loadtest/profile`). As with NIO's, who asks a loop that has
/// ended waits for ever.
public final class SocketLoop: EventLoop, @unchecked Sendable {
  // SAFETY of `@unchecked`: what changes is used on the loop's thread, but for `thread`, `lastTimer` and
  // `tasks`, which are made for others.

  /// LIMIT: tasks of one turn, so that sockets have theirs where tasks make tasks without end.
  private static let taskCountMax = 4096

  /// Who the thread is; 0 when it has ended.
  private let thread = Atomic<UInt>(0)
  private let epoll: Epoll
  private let tasks: TaskQueue
  private let timers: TimerQueue
  private let lastTimer = Atomic<UInt64>(0)
  /// Tasks of the loop's own thread.
  private var ownTasks: [TaskQueue.Task] = []
  private var isStopping = false
  private var whenStopped: [() -> Void] = []
  /// Where its channels read into that have a `SocketReader`.
  let readMemory = ReadMemory()
  // Private, with functions to ask: the compiler guards each look at what others might change.
  private var turnCount: UInt64 = 0
  private var lastNotedEnd: UInt64 = 0
  private var notesEnd = false

  /// Starts a thread and its loop. Returns when it runs.
  ///
  /// The thread makes what it uses: memory that others have asked for may lie in the cache lines of another
  /// loop's.
  ///
  /// - Parameter name: of the thread, 15 bytes at most.
  public static func start(name: String) throws(IOError) -> SocketLoop {
    let birth = Birth(name)
    var thread = pthread_t()
    // SAFETY: the thread gets the one reference that is made for it; where there is no thread it is given
    // back here.
    let reference = unsafe Unmanaged.passRetained(birth)
    let status = unsafe pthread_create(
      &thread, nil,
      { reference in
        unsafe Unmanaged<Birth>.fromOpaque(reference!).takeRetainedValue().live()
        return nil
      }, reference.toOpaque())
    guard status == 0 else {
      unsafe reference.release()
      throw IOError(errnoCode: status, reason: "pthread_create")
    }
    pthread_detach(thread)
    return try birth.wait()
  }

  /// What the thread that starts a loop and the loop's own have in common, for a moment.
  private final class Birth: Sendable {
    private let name: String
    private let result = NIOLockedValueBox<Result<SocketLoop, IOError>?>(nil)
    private let isDone = DispatchSemaphore(value: 0)

    init(_ name: String) { self.name = name }

    func wait() throws(IOError) -> SocketLoop {
      isDone.wait()
      return try result.withLockedValue { $0.take()! }.get()
    }

    /// On the loop's thread, until the loop ends.
    func live() {
      // SAFETY: a C string for the call.
      unsafe postern_name_thread(name)
      do throws(IOError) {
        let loop = try SocketLoop()
        result.withLockedValue { $0 = .success(loop) }
        isDone.signal()
        loop.run()
      } catch {
        result.withLockedValue { $0 = .failure(error) }
        isDone.signal()
      }
    }
  }

  private init() throws(IOError) {
    epoll = try Epoll()
    tasks = try TaskQueue()
    timers = try TimerQueue()
    try epoll.add(tasks, for: .input)
    try epoll.add(timers, for: .input)
    thread.store(UInt(pthread_self()), ordering: .releasing)
  }

  // MARK: Its thread

  private func run() {
    while !isStopping {
      epoll.look(waits: ownTasks.isEmpty && !timers.isDue)
      turnCount &+= 1
      for index in 0..<epoll.readyCount {
        if let (source, events) = epoll.ready(index) { source.ready(events) }
      }
      if notesEnd {
        notesEnd = false
        lastNotedEnd = NIODeadline.now().uptimeNanoseconds
      }
      if timers.isDue { timers.runDue() }
      if tasks.hasTasks || !ownTasks.isEmpty { runTasks() }
    }
    end()
  }

  private func runTasks() {
    var count = 0
    repeat {
      let taken = tasks.takeAll()
      ownTasks.append(contentsOf: taken)
      if ownTasks.isEmpty { return }
      let batch = ownTasks
      ownTasks = []
      for task in batch { task() }
      count += batch.count
    } while count < Self.taskCountMax
  }

  /// Ends what is left. Whoever waits is told.
  private func end() {
    epoll.remove(tasks)
    epoll.remove(timers)
    abandonAll()
    for task in tasks.close() { task() }
    // Tasks of the last moment may have opened others. Nobody else can any more.
    abandonAll()
    for call in whenStopped { call() }
    whenStopped = []
    thread.store(0, ordering: .releasing)
  }

  /// Closes all sources, and runs the tasks that come of it, which may open others.
  private func abandonAll() {
    repeat {
      for source in epoll.sources { source.abandon() }
      runTasks()
      timers.abandonAll()
    } while !ownTasks.isEmpty || !epoll.sources.isEmpty
  }

  /// How many looks at all sockets there have been. On its own thread.
  public var turn: UInt64 { turnCount }

  /// When all had been read that was ready in the last turn whose end was to be noted, by the monotonic
  /// clock. On its own thread.
  public var notedEnd: UInt64 { lastNotedEnd }

  /// Notes the end of this turn's reading.
  public func noteEnd() { notesEnd = true }

  // MARK: Its sources

  func add(_ source: EventSource, for events: Epoll.Events) throws(IOError) {
    try epoll.add(source, for: events)
  }

  func change(_ source: EventSource, to events: Epoll.Events) throws(IOError) {
    try epoll.change(source, to: events)
  }

  func remove(_ source: EventSource) { epoll.remove(source) }

  /// Timers that wait, cancelled ones among them that are still kept.
  var timerCount: Int { timers.count }

  // MARK: EventLoop

  public var inEventLoop: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

  public func execute(_ task: @escaping @Sendable () -> Void) {
    if inEventLoop { ownTasks.append(task) } else { tasks.add(task) }
  }

  @discardableResult
  public func scheduleTask<T>(
    deadline: NIODeadline, _ task: @escaping @Sendable () throws -> T
  ) -> Scheduled<T> {
    let promise = makePromise(of: T.self)
    let timer = LoopTimer(
      deadline: deadline.uptimeNanoseconds, number: lastTimer.wrappingAdd(1, ordering: .relaxed).newValue
    ) {
      promise.assumeIsolated().completeWith(Result { try task() })
    } abandon: {
      promise.fail(EventLoopError.shutdown)
    }
    onLoop { self.timers.add(timer) }
    return Scheduled(promise: promise) { self.onLoop { self.timers.cancel(timer) } }
  }

  @discardableResult
  public func scheduleTask<T>(
    in delay: TimeAmount, _ task: @escaping @Sendable () throws -> T
  ) -> Scheduled<T> {
    scheduleTask(deadline: .now() + delay, task)
  }

  /// Runs a task at once or, from another thread, soon. Returns whether it will.
  @discardableResult
  private func onLoop(_ task: @escaping @Sendable () -> Void) -> Bool {
    guard inEventLoop else { return tasks.add(task) }
    task()
    return true
  }

  public func next() -> any EventLoop { self }
  public func any() -> any EventLoop { self }
  public func makeIterator() -> EventLoopIterator { EventLoopIterator([self]) }

  public func preconditionInEventLoop(file: StaticString, line: UInt) {
    precondition(inEventLoop, file: file, line: line)
  }

  public func preconditionNotInEventLoop(file: StaticString, line: UInt) {
    precondition(!inEventLoop, file: file, line: line)
  }

  /// Closes all sockets, runs what there is of tasks, and ends the thread.
  public func shutdownGracefully(
    queue: DispatchQueue, _ callback: @escaping @Sendable ((any Error)?) -> Void
  ) {
    let isOn = onLoop {
      self.isStopping = true
      self.whenStopped.append { queue.async { callback(nil) } }
    }
    if !isOn { queue.async { callback(nil) } }
  }
}
