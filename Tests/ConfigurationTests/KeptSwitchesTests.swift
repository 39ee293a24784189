import Logging
import Synchronization
import Tables
import Testing
import Wire

@testable import Admin
@testable import postern

/// What `postern admin status` says of kills and pins and a restart.
@Suite struct KeptSwitchesTests {
  private struct DiskFull: Error, CustomStringConvertible { var description: String { "the disk is full" } }

  private final class Disk: Sendable {
    let isFull = Mutex(false)

    func write() throws { if isFull.withLock({ $0 }) { throw DiskFull() } }
  }

  private static let query = AdminQuery(trigger: "post-login")

  private static func operations(_ switches: SwitchKeeper?) throws -> AdminOperations {
    let store = TableStore()
    let table = TablePlan(
      name: "t", version: 1, mode: .enforce, columns: [],
      rules: [RulePlan(name: "r", number: 1, verdict: .deny, outputs: [])])
    let chain = try CompiledChain(ChainPlan(signals: [], tables: [table], onLate: .allow))
    try store.publish([TableKey(trigger: "post-login"): chain])
    return AdminOperations(store: store, logger: Logger(label: "test"), switches: switches)
  }

  @Test func `what could not be written down is not said to be kept, until it is`() throws {
    let disk = Disk()
    let operations = try Self.operations(SwitchKeeper { try disk.write() })
    _ = try operations.kill(Self.query)
    #expect(try operations.status(Self.query).survivesRestart)
    disk.isFull.withLock { $0 = true }
    #expect(throws: AdminProblem.self) { try operations.unkill(Self.query) }
    let lost = try operations.status(Self.query)
    #expect(!lost.survivesRestart && lost.notKept == "the disk is full" && !lost.chains[0].killed)
    #expect(AdminText.status(lost).contains("a restart brings back older kills and pins"))
    #expect(AdminText.status(lost).contains("(the disk is full)"))
    // The command itself has nothing left to do.
    disk.isFull.withLock { $0 = false }
    #expect(throws: AdminProblem.self) { try operations.unkill(Self.query) }
    let kept = try operations.status(Self.query)
    #expect(kept.survivesRestart && kept.notKept == nil)
    #expect(!AdminText.status(kept).contains("restart"))
  }

  @Test func `without a state directory a restart ends kills`() throws {
    let operations = try Self.operations(nil)
    _ = try operations.kill(Self.query)
    let status = try operations.status(Self.query)
    #expect(!status.survivesRestart && status.notKept == nil)
    #expect(AdminText.status(status).contains("a restart ends kills and pins: start the server with --state"))
  }
}
