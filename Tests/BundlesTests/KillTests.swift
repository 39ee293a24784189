import Bundles
import Foundation
import Rules
import Testing

/// A process that is killed while it keeps a bundle leaves the old one or the new one.
@Suite(.serialized) struct KillTests {
  @Test(arguments: DurableFile.Step.allCases)
  func `a kill at any step of a save leaves an old bundle or a new one`(
    step: DurableFile.Step
  ) async throws {
    let directory = "/tmp/postern-kill-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let state = try Fixture.state(directory)
    let store = LastGoodStore(in: state)
    let old = try Fixture.bundle("deny", serial: 1)
    try store.save(BundleBytes(old))
    state.release()
    let number = step.rawValue

    await #expect(processExitsWith: .signal(SIGKILL)) {
      [directory = directory as String, number = number as Int] in
      let new = BundleBytes(try Fixture.bundle("revoke", serial: 2, sources: KillTests.sources))
      var left = 2
      try LastGoodStore(in: try Fixture.state(directory)).save(new) { step in
        guard step.rawValue == number else { return }
        left -= 1
        // In the middle of the writes, the second of them.
        if left == 0 || step != .writing { kill(getpid(), SIGKILL) }
      }
      exit(0)
    }

    let kept = try #require(try store.load())
    let manifest = try TableBundle(kept, trust: Fixture.insecure).manifest
    let isNew = step.rawValue >= DurableFile.Step.renamed.rawValue
    #expect(manifest.serial == (isNew ? 2 : 1))
    // What the killed one left, its lock included, does not stand in the way of the next.
    #expect(try state.take())
    try store.save(BundleBytes(try Fixture.bundle("mfa", serial: 3)))
    let next = try TableBundle(try #require(try store.load()), trust: Fixture.insecure).manifest
    #expect(next.serial == 3)
    let names = try FileManager.default.contentsOfDirectory(atPath: directory)
    #expect(names.sorted() == ["last-good.bundle", "lock"])
  }

  /// Enough of them that the bundle takes several writes; no two compress alike.
  static var sources: [String] {
    (0..<60).map { index in
      var state = UInt64(index + 1)
      let noise = (0..<150).map { _ -> String in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return String(state, radix: 36)
      }
      return Fixture.source("deny", tenant: "t\(index)", reason: noise.joined(separator: " "))
    }
  }
}
