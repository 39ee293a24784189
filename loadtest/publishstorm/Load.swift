import PosternClient
import Server
import Synchronization
import Tables

/// Callers over real sockets: each asks, checks the replies, and asks again.
final class Load: Sendable {
  enum Phase: Int, Sendable {
    /// Calls that begin in it are made and not counted.
    case warmUp, quiet, storm
  }

  struct Outcome: Sendable {
    fileprivate var byPhase: [Phase: Latencies] = [:]
    var decisions = 0
    var failures = 0
    var wrong = 0
    var versionsSeen = 0
    /// What was wrong first.
    var complaints: [String] = []

    func latencies(_ phase: Phase) -> Latencies { byPhase[phase] ?? Latencies() }
  }

  private let clients: [PosternClient]
  private let calls: Int
  private let batch: Int
  private let phase = Atomic(Phase.warmUp.rawValue)
  private let isRunning = Atomic(true)
  private let tasks = Mutex<[Task<Outcome, Never>]>([])

  init(_ address: ListenAddress, connections: Int, calls: Int, batch: Int) throws {
    let endpoint = try Endpoint("http://\(address)")
    clients = (0..<connections).map { _ in
      var configuration = PosternClient.Configuration(endpoint: endpoint, onFailure: .deny)
      // LIMIT: what takes so long has failed; a slow machine has not.
      configuration.deadline = .seconds(5)
      return PosternClient(configuration)
    }
    self.calls = calls
    self.batch = batch
  }

  func start() {
    tasks.withLock { tasks in
      for (index, client) in clients.enumerated() {
        for call in 0..<calls {
          tasks.append(Task { await self.ask(client, index * self.calls + call) })
        }
      }
    }
  }

  func enter(_ phase: Phase) { self.phase.store(phase.rawValue, ordering: .sequentiallyConsistent) }

  /// Waits for the last replies.
  func stop() async -> Outcome {
    isRunning.store(false, ordering: .sequentiallyConsistent)
    var total = Outcome()
    for task in tasks.withLock({ $0 }) {
      let outcome = await task.value
      total.decisions += outcome.decisions
      total.failures += outcome.failures
      total.wrong += outcome.wrong
      total.versionsSeen = max(total.versionsSeen, outcome.versionsSeen)
      total.complaints = Array((total.complaints + outcome.complaints).prefix(3))
      for (phase, latencies) in outcome.byPhase { total.byPhase[phase, default: .init()].add(latencies) }
    }
    for client in clients { await client.close() }
    return total
  }

  private func ask(_ client: PosternClient, _ number: Int) async -> Outcome {
    var outcome = Outcome()
    let key = SelfCheckingChain.keys[number % SelfCheckingChain.keys.count]
    let values = (0..<batch).map { ($0 + number) % SelfCheckingChain.ruleCount }
    let requests = values.map { value in
      var request = LoginRequest(trigger: key.trigger, tenant: key.tenant)
      request.context.loginsCount = Double(value)
      return request
    }
    var lastVersion: UInt64 = 0
    while isRunning.load(ordering: .relaxed) {
      let phase = Phase(rawValue: phase.load(ordering: .relaxed)) ?? .warmUp
      let start = ContinuousClock.now
      do throws(PosternFailure) {
        let reply = try await client.decideOrThrow(requests)
        outcome.byPhase[phase, default: .init()].add(ContinuousClock.now - start)
        outcome.decisions += reply.decisions.count
        for (decision, value) in zip(reply.decisions, values) {
          if !SelfCheckingChain.isRight(decision, forValue: value) {
            outcome.complain("\(decision) for \(value)")
          }
          if decision.tableVersion < lastVersion {
            outcome.complain("version \(decision.tableVersion) came after \(lastVersion)")
          }
          if decision.tableVersion != lastVersion { outcome.versionsSeen += 1 }
          lastVersion = decision.tableVersion
        }
      } catch {
        outcome.failures += 1
        outcome.complaints.append("\(error)")
      }
    }
    return outcome
  }
}

extension Load.Outcome {
  fileprivate mutating func complain(_ what: String) {
    wrong += 1
    if complaints.count < 3 { complaints.append(what) }
  }
}
