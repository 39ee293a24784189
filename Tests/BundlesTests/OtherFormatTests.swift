import Foundation
import Tables
import Testing
import Wire

@testable import Bundles
@testable import Rules

/// A bundle of another version of Postern, whose images have another format.
@Suite struct OtherFormatTests {
  /// A bundle whose images have that format's number, and every digest is right.
  private func bundle(_ verdict: String, serial: UInt64, format: UInt8) throws -> [UInt8] {
    var bytes = try Fixture.bundle(verdict, serial: serial)
    let manifest = try TableBundle(BundleBytes(bytes), trust: Fixture.insecure).manifest
    var digests: [ContentDigest] = []
    for (index, image) in manifest.images.enumerated() {
      // An image's first bytes: LZ4 leaves them as they are, since nothing before is like them.
      let magic = Array("PSTN".utf8)
      let place = try #require(bytes[image.block].firstRange(of: magic)).upperBound
      #expect(bytes[place] == UInt8(ImageError.ownFormat))
      bytes[place] = format
      var restored = [UInt8](repeating: 0, count: image.byteCount)
      let block = Array(bytes[image.block])
      #expect(unsafe restored.withUnsafeMutableBytes { unsafe LZ4Block.restore(block.span, to: $0) })
      #expect(restored.starts(with: magic + [format, 0, 0, 0]))
      digests.append(ContentDigest(of: restored))
      let end = manifest.header.imagesOffset + (index + 1) * BundleLayout.imageByteCount
      bytes.replaceSubrange(end - ContentDigest.byteCount..<end, with: digests[index].bytes)
    }
    for (index, chain) in manifest.chains.enumerated() {
      let certificate = Certificate(
        chain.certificate.counts, image: digests[chain.image], sources: chain.tables.map(\.source))
      let end = manifest.header.chainsOffset + (index + 1) * BundleLayout.chainByteCount
      bytes.replaceSubrange(end - ContentDigest.byteCount..<end, with: certificate.digest.bytes)
    }
    let content = bytes.count - ContentDigest.byteCount
    bytes.replaceSubrange(content..., with: ContentDigest(of: Array(bytes.prefix(content))).bytes)
    return bytes
  }

  /// As after an update: what the images hold is not known of one side, so nothing is made up of the other.
  @Test func `beside one of this version it differs in its format, and in what the bundle says`() throws {
    func diff(_ verdict: String) throws -> [String] {
      let format = UInt8(ImageError.ownFormat) - 1
      return try BundleDiff(
        from: TableBundle(BundleBytes(bundle("deny", serial: 1, format: format)), trust: Fixture.insecure),
        to: TableBundle(BundleBytes(Fixture.bundle(verdict, serial: 2)), trust: Fixture.insecure)
      ).entries.flatMap(\.lines)
    }
    let own = ImageError.ownFormat
    let format = "    image format: \(own - 1), which this version of Postern does not look into -> \(own)"
    let same = try diff("deny")
    #expect(same.count == 2 && same.last == format, "\(same)")
    let other = try diff("revoke")
    #expect(other[1] == format && other.contains { $0.hasPrefix("    version: ") }, "\(other)")
    #expect(other.last?.hasSuffix(": not looked at") == true, "\(other)")
    #expect(!other.contains { $0.contains("nothing") }, "\(other)")
  }

  private func message(_ format: UInt8) -> String {
    "it was compiled by another version of Postern: its images have format \(format), this version reads"
      + " \(ImageError.ownFormat); compile it again with this version's `postern compile`"
  }

  @Test(arguments: [0, UInt8(ImageError.ownFormat) - 1, UInt8(ImageError.ownFormat) + 1, 255])
  func `it is refused, with what to do, and the old tables keep serving`(format: UInt8) throws {
    let key = PrivateKey()
    let store = TableStore()
    let reloader = BundleReloader(policy: BundlePolicy(trusting: [key.publicKey]), store: store)
    func offer(_ bytes: [UInt8]) throws -> BundleReloader.Outcome {
      reloader.offer(BundleBytes(try Fixture.signed(bytes, by: key)))
    }
    #expect(try offer(Fixture.bundle("deny", serial: 1)).isPublished)
    guard case .refused(let error) = try offer(bundle("revoke", serial: 2, format: format)) else {
      Issue.record("format \(format) was not refused")
      return
    }
    #expect(error.reason == .badImage)
    #expect(error.message == message(format))
    #expect(try verdict(store) == .deny)
    // It was the number alone.
    #expect(try offer(bundle("revoke", serial: 3, format: UInt8(ImageError.ownFormat))).isPublished)
    #expect(try verdict(store) == .revoke)
  }

  @Test func `one that an older Postern has kept as its last good one is refused as well`() throws {
    try Fixture.withDirectory { directory in
      let state = directory.appendingPathComponent("state").path
      try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
      let kept = LastGoodStore(in: try Fixture.state(state))
      try Data(bundle("deny", serial: 2, format: 5)).write(to: URL(fileURLWithPath: kept.path))
      let reloader = BundleReloader(policy: Fixture.insecure, store: TableStore(), lastGood: kept)
      guard case .refused(let error)? = try reloader.restore() else {
        Issue.record("it was restored")
        return
      }
      #expect(error.message == message(5))
      // Compiled again it is another bundle, of a higher serial.
      #expect(!reloader.offer(BundleBytes(try Fixture.bundle("deny", serial: 2))).isPublished)
      #expect(reloader.offer(BundleBytes(try Fixture.bundle("deny", serial: 3))).isPublished)
    }
  }
}
