import Bundles
import Foundation
import Rules
import Synchronization
import Tables
import Testing
import Wire

/// A server whose clock was ahead refuses what has not expired. Set right, it serves it.
@Suite struct WrongClockTests {
  private static let expires: Int64 = 2_000

  private final class Clock: Sendable {
    private let time = Mutex<Int64>(WrongClockTests.expires)
    func setBack() { time.withLock { $0 = WrongClockTests.expires - 1 } }
    func now() -> Int64 { time.withLock { $0 } }
  }

  private let clock = Clock()
  private let store = TableStore()

  private func reloader(_ lastGood: LastGoodStore? = nil) -> BundleReloader {
    let clock = clock
    return BundleReloader(
      policy: Fixture.insecure, store: store, lastGood: lastGood, now: { clock.now() })
  }

  private func isExpired(_ outcome: BundleReloader.Outcome?) -> Bool {
    if case .refused(let error)? = outcome { error.reason == .expired } else { false }
  }

  @Test func `what is offered again is served`() throws {
    let reloader = reloader()
    let bytes = BundleBytes(try Fixture.bundle(expires: Self.expires))
    #expect(isExpired(reloader.offer(bytes)))
    #expect(!reloader.forgetsExpired())
    guard case .refusedBefore = reloader.offer(bytes) else {
      Issue.record("it is refused by the same clock, and counted again")
      return
    }
    clock.setBack()
    #expect(reloader.forgetsExpired())
    #expect(reloader.offer(bytes).isPublished)
    #expect(try verdict(store) == .deny)
    #expect(!reloader.forgetsExpired(), "said once")
  }

  @Test func `a file that has not changed is looked at again`() throws {
    try Fixture.withDirectory { directory in
      try Data(try Fixture.bundle(expires: Self.expires))
        .write(to: directory.appendingPathComponent("1.bundle"))
      let reloader = reloader()
      let path = BundlePath(directory.path)
      #expect(isExpired(path.look(force: true, reloader).first?.outcome))
      #expect(path.look(force: false, reloader).isEmpty)
      clock.setBack()
      #expect(reloader.forgetsExpired())
      path.forget()
      #expect(path.look(force: false, reloader).map(\.outcome.isPublished) == [true])
      #expect(try verdict(store) == .deny)
    }
  }

  @Test func `a bundle that was kept is served without its source`() throws {
    try Fixture.withDirectory { directory in
      let kept = LastGoodStore(in: try Fixture.state(directory.path))
      try kept.save(BundleBytes(try Fixture.bundle(expires: Self.expires)))
      let reloader = reloader(kept)
      #expect(try isExpired(reloader.restore()))
      clock.setBack()
      #expect(reloader.forgetsExpired())
      #expect(try reloader.restore()?.isPublished == true)
      #expect(try verdict(store) == .deny)
    }
  }
}
