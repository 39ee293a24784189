import Bundles
import Foundation
import Rules
import Synchronization
import Tables
import TestSupport
import Testing
import Wire

/// A directory as the source of bundles.
@Suite struct BundleDirectoryTests {
  @Test func `of a directory's bundles the newest good one is served`() throws {
    try Watched.run { watched in
      #expect(watched.look() == [false], "an empty directory")
      try watched.write(try Fixture.bundle("deny", serial: 1), "z.bundle")
      try watched.write(try Fixture.bundle("review", serial: 2), "a.bundle")
      #expect(watched.look() == [true])
      #expect(try verdict(watched.store) == .review)
      #expect(watched.look(force: false).isEmpty, "nothing has changed")

      var broken = try Fixture.bundle("revoke", serial: 9)
      broken[broken.count - 40] ^= 1
      try watched.write(broken, "broken.bundle")
      try watched.write(try Fixture.bundle("mfa", serial: 3), "b.bundle")
      #expect(watched.look(force: false).isEmpty, "the first look only takes note")
      #expect(watched.look(force: false) == [false, true])
      #expect(try verdict(watched.store) == .mfa)
      #expect(watched.reloader.counts.refused[.badDigest] == 1)
      #expect(watched.look(force: false).isEmpty, "a refused file is not tried again")
    }
  }

  @Test func `a bundle that could not be read once is read at the next look`() throws {
    try Watched.run { watched in
      try watched.write(try Fixture.bundle("deny", serial: 1), "one.bundle")
      let file = BundlePath(watched.directory.appendingPathComponent("one.bundle").path)
      for count in 0..<3 {
        let outcomes = withoutDescriptors { file.look(force: false, watched.reloader) }
        #expect(outcomes.count == (count == 0 ? 0 : 1), "the first look only takes note")
      }
      #expect(watched.reloader.counts.refused[.unreachable] == 1, "it is said once")
      #expect(file.look(force: false, watched.reloader).map(\.outcome.isPublished) == [true])
      #expect(file.look(force: false, watched.reloader).isEmpty)
    }
  }

  @Test func `a bad file that stays does not hold up the bundles after it`() throws {
    try Watched.run { watched in
      try watched.write(try Fixture.bundle("deny", serial: 1), "1.bundle")
      #expect(watched.look() == [true])
      try watched.write([], "empty.bundle")
      #expect(watched.look() == [false, false])
      #expect(watched.reloader.counts.refusedTotal == 1)

      try watched.write(try Fixture.bundle("review", serial: 2), "2.bundle")
      #expect(watched.look() == [false, true])
      #expect(try verdict(watched.store) == .review)
      #expect(watched.reloader.counts.refusedTotal == 1, "the bad file is not counted again")
    }
  }

  @Test func `a name that cannot be opened holds up no bundle, and is refused once`() throws {
    try Watched.run { watched in
      #expect(watched.look() == [false], "an empty directory")
      let loop = watched.directory.appendingPathComponent("loop.bundle")
      try FileManager.default.createSymbolicLink(atPath: loop.path, withDestinationPath: "loop.bundle")
      try watched.makeSocket("s.bundle")
      try watched.write(try Fixture.bundle("deny", serial: 1), "1.bundle")
      #expect(watched.look() == [false, false, true])
      #expect(watched.reloader.counts.refused[.unreachable] == 3, "the empty directory is one")
      for _ in 0..<3 { #expect(watched.look(force: false).isEmpty, "nothing is tried each second") }

      try watched.write(try Fixture.bundle("review", serial: 2), "2.bundle")
      #expect(watched.look() == [false, false, true])
      #expect(try verdict(watched.store) == .review)
      #expect(watched.reloader.counts.refused[.unreachable] == 3, "nothing is counted again")
    }
  }

  @Test func `each bad file is named, and counted once however often the directory changes`() throws {
    try Watched.run { watched in
      try watched.write(try Fixture.bundle("deny", serial: 1), "1.bundle")
      for name in ["a.bundle", "b.bundle"] {
        var broken = try Fixture.bundle("revoke", serial: 9)
        broken[broken.count - 40] ^= 1
        try watched.write(broken, name)
      }
      let refused = watched.results(force: true).filter { !$0.outcome.isPublished }
      #expect(refused.map { URL(fileURLWithPath: $0.file).lastPathComponent } == ["b.bundle", "a.bundle"])
      #expect(watched.reloader.counts.refused[.badDigest] == 2)
      for serial in 2...4 {
        try watched.write(try Fixture.bundle("deny", serial: UInt64(serial)), "\(serial).bundle")
        #expect(watched.look() == [false, false, true])
      }
      #expect(watched.reloader.counts.refusedTotal == 2)
      try watched.write([1, 2, 3], "a.bundle")
      #expect(watched.look() == [false, false, false])
      #expect(watched.reloader.counts.refusedTotal == 3, "another file of that name is another file")
    }
  }

  @Test func `an older bundle beside a newer one is refused once, what was served is not`() throws {
    try Watched.run { watched in
      for serial in 1...3 {
        try watched.write(try Fixture.bundle("deny", serial: UInt64(serial)), "\(serial).bundle")
      }
      #expect(watched.look() == [true])
      try watched.write(try Fixture.bundle("review", serial: 5), "5.bundle")
      #expect(watched.look() == [true])
      #expect(watched.reloader.counts.refusedTotal == 0, "what was served before is not refused")

      try watched.write(try Fixture.bundle("revoke", serial: 4), "4.bundle")
      #expect(watched.results().isEmpty, "the first look only takes note")
      let results = watched.results()
      #expect(results.map { URL(fileURLWithPath: $0.file).lastPathComponent } == ["4.bundle"])
      guard case .refused(let error)? = results.first?.outcome else {
        Issue.record("it is passed over in silence")
        return
      }
      #expect(error.reason == .olderSerial)
      #expect(error.message.contains("serial 4 is older than 5, which is served"))
      try watched.write(try Fixture.bundle("mfa", serial: 6), "6.bundle")
      #expect(watched.look() == [true])
      #expect(watched.reloader.counts.refused[.olderSerial] == 1, "it is said once")
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a pipe by a bundle's name is refused and holds up nothing`() throws {
    try Watched.run { watched in
      try watched.write(try Fixture.bundle("deny", serial: 1), "1.bundle")
      #expect(watched.makePipe("pipe.bundle"))
      // A look that waits for somebody to write into the pipe would never end.
      let isDone = DispatchSemaphore(value: 0)
      let outcomes = Mutex<[Bool]>([])
      Thread.detachNewThread {
        let found = watched.look()
        outcomes.withLock { $0 = found }
        isDone.signal()
      }
      #expect(isDone.wait(timeout: .now() + 10) == .success)
      #expect(outcomes.withLock { $0 } == [false, true])
      #expect(try verdict(watched.store) == .deny)
    }
  }

  @Test func `of bundles that are all too old one is refused, not each`() throws {
    try Watched.run(lastGood: try Fixture.bundle(serial: 5, expires: 1_999), now: 2_000) { watched in
      for serial in 1...4 {
        try watched.write(try Fixture.bundle(serial: UInt64(serial)), "\(serial).bundle")
      }
      #expect(try watched.reloader.restore()?.isPublished == false)
      #expect(watched.look().count == 1)
      #expect(watched.reloader.counts.refused[.olderSerial] == 1)
    }
  }

  @Test func `a bundle that could not be published is tried again, and no older one in its place`() throws {
    try Watched.run { watched in
      try watched.write(try Fixture.bundle("deny", serial: 1), "1.bundle")
      try watched.write(try Fixture.bundle("review", serial: 2), "2.bundle")
      let store = watched.store
      let other = try Fixture.chains([Fixture.source("deny", trigger: "checkout")])[0]
      let stuck = store.makeReader()
      let outcomes = store.read(stuck) { _ in
        for _ in 0...TableStore.retiredCountMax {
          _ = try? store.publish([other.key: other.image])
        }
        return watched.look()
      }
      store.remove(stuck)
      #expect(outcomes.count == 1)
      #expect(watched.reloader.counts.refused[.notPublished] == 1)
      #expect(try verdict(store) == nil)

      #expect(watched.look(force: false) == [true])
      #expect(try verdict(store) == .review)
      #expect(watched.look(force: false).isEmpty)
    }
  }
}

/// A directory that is looked at, and what its bundles are offered to.
private struct Watched: Sendable {
  let store = TableStore()
  let reloader: BundleReloader
  let directory: URL
  private let path: BundlePath

  /// `lastGood` was kept before; `now` in seconds since 1970.
  static func run(
    lastGood: [UInt8]? = nil, now: Int64? = nil, _ body: (Watched) throws -> Void
  ) throws {
    try Fixture.withDirectory { directory in
      let kept = LastGoodStore(in: try Fixture.state(directory.appendingPathComponent("state").path))
      if let lastGood { try kept.save(BundleBytes(lastGood)) }
      try body(Watched(directory, lastGood == nil ? nil : kept, now))
    }
  }

  private init(_ directory: URL, _ kept: LastGoodStore?, _ now: Int64?) {
    self.directory = directory
    path = BundlePath(directory.path)
    let time = now ?? Int64(Date().timeIntervalSince1970)
    reloader = BundleReloader(policy: Fixture.insecure, store: store, lastGood: kept, now: { time })
  }

  func write(_ bytes: [UInt8], _ name: String) throws {
    try Data(bytes).write(to: directory.appendingPathComponent(name))
  }

  func makePipe(_ name: String) -> Bool {
    unsafe mkfifo(directory.appendingPathComponent(name).path, 0o600) == 0
  }

  /// What `bind` leaves behind: nobody can open it.
  func makeSocket(_ name: String) throws {
    let path = directory.appendingPathComponent(name).path
    try #require(unsafe mknod(path, S_IFSOCK | 0o600, 0) == 0, "\(path)")
  }

  /// Of each bundle that was offered: whether it was published.
  func look(force: Bool = true) -> [Bool] { results(force: force).map(\.outcome.isPublished) }

  func results(force: Bool = false) -> [BundlePath.Result] { path.look(force: force, reloader) }
}
