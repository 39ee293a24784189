import Bundles
import Foundation
import Testing

/// A bundle that there is no memory for is refused, and is no fault of the bundle.
@Suite struct BundleMemoryTests {
  @Test func `a file larger than the memory that is left is refused and tried again`() throws {
    try Fixture.withDirectory { directory in
      let path = directory.appendingPathComponent("large.bundle").path
      let byteCount = BundleLimits.fileByteCount
      #expect(FileManager.default.createFile(atPath: path, contents: nil))
      #expect(unsafe truncate(path, off_t(byteCount)) == 0)
      guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8),
        let pageCount = text.split(separator: " ").first.flatMap({ UInt($0) })
      else { return }
      // Of addresses: as much as there is, and half of what the file takes.
      var before = rlimit()
      unsafe getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &before)
      var limit = before
      limit.rlim_cur = pageCount * UInt(sysconf(Int32(_SC_PAGESIZE))) + UInt(byteCount / 2)
      unsafe setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
      defer { unsafe setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &before) }
      var error: BundleError?
      do throws(BundleError) {
        _ = try BundleBytes.reading(path)
      } catch let refusal {
        error = refusal
      }
      #expect(error?.reason == .notPublished)
      #expect(error?.message.hasPrefix("there is no memory for the \(byteCount) bytes of") == true)
    }
  }
}
