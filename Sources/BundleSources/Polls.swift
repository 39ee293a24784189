import Synchronization

/// The pauses between the polls of one address. Who asks it in between, and gets an answer, ends what earlier
/// failures made long.
public final class Polls: Sendable {
  private let state: Mutex<State>

  private struct State {
    var schedule: PollSchedule
    /// Returns whether it slept to its end.
    var sleeper: Task<Bool, Never>?
  }

  public init(interval: Duration) { state = Mutex(State(schedule: PollSchedule(interval: interval))) }

  public func succeeded() {
    state.withLock { state in
      guard state.schedule.hasFailed else { return }
      state.schedule.succeeded()
      state.sleeper?.cancel()
    }
  }

  public func failed() { state.withLock { $0.schedule.failed() } }

  /// Waits until it is time to ask again; `false` where the task is cancelled meanwhile.
  public func pause() async -> Bool {
    while !Task.isCancelled {
      let sleeper = state.withLock { state in
        let delay = state.schedule.delay()
        let sleeper = Task { (try? await Task.sleep(for: delay)) != nil }
        state.sleeper = sleeper
        return sleeper
      }
      let isOver = await withTaskCancellationHandler {
        await sleeper.value
      } onCancel: {
        sleeper.cancel()
      }
      // A success has ended it: it begins anew, and is as long as after a success.
      if isOver { return !Task.isCancelled }
    }
    return false
  }
}
