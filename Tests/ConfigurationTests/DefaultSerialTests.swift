import Bundles
import Foundation
import Testing

@testable import postern

/// `postern compile` without `--serial`.
@Suite struct DefaultSerialTests {
  private let file = FileManager.default.temporaryDirectory.appending(path: "serial-\(UUID().uuidString)").path

  private func write(serial: UInt64) throws {
    let draft = BundleDraft(serial: serial, created: 0, chains: [])
    try Data(try draft.encoded()).write(to: URL(filePath: file))
  }

  @Test func `two bundles of one second have two serials, above all that are seconds`() throws {
    let second = Date(timeIntervalSince1970: 1_900_000_000)
    let one = try #require(DefaultSerial.next(at: second, replacing: file))
    let two = try #require(DefaultSerial.next(at: second + 0.001, replacing: file))
    #expect(one == 1_900_000_000_000_000)
    #expect(two > one && two - one < 2_000)
    #expect(one > 4_102_444_800)
  }

  @Test func `what replaces a bundle is newer than it, whatever the clock says`() throws {
    defer { try? FileManager.default.removeItem(atPath: file) }
    let date = Date(timeIntervalSince1970: 1_900_000_000)
    try write(serial: 1_900_000_000_000_000)
    #expect(DefaultSerial.next(at: date, replacing: file) == 1_900_000_000_000_001)
    try write(serial: 1_899_999_999)
    #expect(DefaultSerial.next(at: date, replacing: file) == 1_900_000_000_000_000)
    try write(serial: .max)
    #expect(DefaultSerial.next(at: date, replacing: file) == nil)
    try Data("no bundle".utf8).write(to: URL(filePath: file))
    #expect(DefaultSerial.next(at: date, replacing: file) == 1_900_000_000_000_000)
  }
}
