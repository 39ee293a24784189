import Bundles
import Foundation
import Rules
import Tables
import Testing
import Wire

/// A state directory is one server's at a time.
@Suite struct StateDirectoryTests {
  private static let login = TableKey(tenant: "", trigger: "post-login")

  /// Two servers of one state directory, the first of which has it.
  private func withTwo(_ body: (StateDirectory, StateDirectory) throws -> Void) throws {
    try Fixture.withDirectory { directory in
      let path = directory.appendingPathComponent("state").path
      try body(Fixture.state(path), StateDirectory(path))
    }
  }

  @Test func `a second server is refused, and undoes no kill of the first`() throws {
    try withTwo { first, second in
      let store = TableStore()
      try store.publish([Self.login: Fixture.chains([Fixture.source("deny")])[0].image])
      try store.kill(Self.login)
      try SwitchFile(in: first).save(store)
      #expect(try second.take() == false)
      #expect(try second.take() == false, "nor when it asks again")
      #expect(throws: BundleError.self) { try SwitchFile(in: second).save(TableStore()) }
      #expect(second.refusal.message.contains("`\(first.path)/lock`"))
      #expect(try SwitchFile(in: first).load().map(\.isKilled) == [true])
    }
  }

  @Test func `it goes over to a successor, and who left it writes there no more`() throws {
    try withTwo { first, second in
      #expect(try second.take() == false)
      #expect(try first.take(), "ours already")
      first.release()
      #expect(try second.take())
      #expect(throws: BundleError.self) { try SwitchFile(in: first).save(TableStore()) }
      try SwitchFile(in: second).save(TableStore())
      #expect(try first.take() == false)
    }
  }

  @Test func `it goes over when its owner is gone`() throws {
    try Fixture.withDirectory { directory in
      var first: StateDirectory? = try Fixture.state(directory.path)
      let second = StateDirectory(directory.path)
      #expect(try second.take() == false)
      withExtendedLifetime(first) {}
      first = nil
      #expect(try second.take())
    }
  }

  @Test func `a successor keeps what it serves once the directory is its own`() throws {
    try withTwo { first, second in
      let before = BundleReloader(
        policy: Fixture.insecure, store: TableStore(), lastGood: LastGoodStore(in: first))
      #expect(before.offer(BundleBytes(try Fixture.bundle("deny", serial: 1))).isPublished)
      let kept = LastGoodStore(in: second)
      let store = TableStore()
      let successor = BundleReloader(policy: Fixture.insecure, store: store, lastGood: kept)
      #expect(try successor.restore()?.isPublished == true)
      let two = try Fixture.bundle("review", serial: 2)
      guard case .published(_, saveFailure: nil) = successor.offer(BundleBytes(two)) else {
        Issue.record("what cannot be kept yet is no failure")
        return
      }
      #expect(try serial(kept) == 1, "it is not its own yet")
      first.release()
      #expect(try second.take())
      #expect(try successor.settle() == nil)
      #expect(try serial(kept) == 2)
      #expect(try verdict(store) == .review)
      #expect(try successor.settle() == nil, "nothing is left to do")
    }
  }

  @Test func `what the server before kept last is not lost to an older one`() throws {
    try withTwo { first, second in
      let kept = LastGoodStore(in: second)
      let store = TableStore()
      let successor = BundleReloader(policy: Fixture.insecure, store: store, lastGood: kept)
      #expect(try successor.restore() == nil)
      #expect(successor.offer(BundleBytes(try Fixture.bundle("review", serial: 2))).isPublished)
      try LastGoodStore(in: first).save(BundleBytes(try Fixture.bundle("revoke", serial: 3)))
      first.release()
      #expect(try second.take())
      #expect(try successor.settle()?.isPublished == true)
      #expect(try serial(kept) == 3)
      #expect(try verdict(store) == .revoke)
    }
  }

  /// In `/sys` nobody makes a file, root included.
  @Test func `a directory in which nothing can be made is told by that, not by a file that is not there`() {
    let error = #expect(throws: BundleError.self) { try StateDirectory("/sys").take() }
    let message = error?.message ?? ""
    let reasons = [EACCES, EROFS, EPERM].map { unsafe String(cString: strerror($0)) }
    #expect(reasons.contains { message.hasPrefix("cannot open `/sys/lock`: \($0)") }, "\(message)")
  }

  /// A link that leads in circles cannot be opened by anybody, root included.
  @Test func `a kept bundle that is there and cannot be read is not taken for none`() throws {
    try Fixture.withDirectory { directory in
      let kept = LastGoodStore(in: try Fixture.state(directory.path))
      try FileManager.default.createSymbolicLink(
        atPath: kept.path, withDestinationPath: "last-good.bundle")
      let reloader = BundleReloader(policy: Fixture.insecure, store: TableStore(), lastGood: kept)
      let error = #expect(throws: BundleError.self) { try reloader.restore() }
      #expect(error?.reason == .unreachable)
      #expect(error?.message.contains(kept.path) == true)
    }
  }

  private func serial(_ store: LastGoodStore) throws -> UInt64 {
    try TableBundle(try #require(try store.load()), trust: Fixture.insecure).manifest.serial
  }
}
