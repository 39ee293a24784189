import Testing

@testable import HTTP2

/// What is known of the libnghttp2 that is loaded.
@Suite struct LibraryStandingTests {
  @Test func `a library that is too old is named, with what to do`() throws {
    #expect(HTTP2Library.complaint() == nil)
    #expect(HTTP2Library.complaint(of: 0x01_34_00, text: "1.52.0") == nil)
    let complaint = try #require(HTTP2Library.complaint(of: 0x01_33_09, text: "1.51.9"))
    #expect(complaint.hasPrefix("libnghttp2 is `1.51.9`, and at least 1.52.0 is needed"))
    #expect(
      HTTP2Library.standing(of: 0x01_33_09, text: "1.51.9", packages: Self.packages("1.52.0-1+deb12u3"))
        == .unusable(complaint))
  }

  /// dpkg's database with a libnghttp2 of this version, between packages whose names and versions resemble it.
  private static func packages(_ version: String) -> String {
    """
    Package: libnghttp2-14-doc
    Status: install ok installed
    Version: 1.52.0-1

    Package: libnghttp2-14
    Status: install ok installed
    Source: nghttp2
    Version: \(version)
    Depends: libc6 (>= 2.36)
    Description: library implementing HTTP/2 protocol
     .
     Package: libnghttp2-14

    Package: libnghttp2-dev
    Version: 1.52.0-1
    """
  }

  private enum Kind { case good, unusable, unverified }

  private static func kind(_ version: Int, _ text: String, _ package: String?) -> Kind {
    switch HTTP2Library.standing(of: version, text: text, packages: package.map(packages)) {
    case .good: .good
    case .unusable(let why):
      why.contains("`\(package ?? "")`") && why.contains("CVE-2026-27135") ? .unusable : .unverified
    case .unverified(let why): why.contains("`\(text)`") && why.contains("CVE-2026-27135") ? .unverified : .good
    }
  }

  @Test(arguments: ["1.52.0-1", "1.52.0-1+deb12u1", "1.52.0-1+deb12u2"])
  func `a package that is known not to have the fix is refused`(package: String) {
    #expect(Self.kind(0x01_34_00, "1.52.0", package) == .unusable)
  }

  @Test(arguments: ["1.52.0-1+deb12u3", "1.52.0-1+deb12u4", "1.52.0-1+deb12u10"])
  func `a package that has the fix is good`(package: String) {
    #expect(Self.kind(0x01_34_00, "1.52.0", package) == .good)
  }

  @Test(arguments: ["1.52.0-1ubuntu0.1", "1.52.0-2", "1.52.0-1+deb12u2~x", "1.64.0-1", "1.5", ""])
  func `of other packages nothing is known`(package: String) {
    #expect(Self.kind(0x01_34_00, "1.52.0", package) == .unverified)
  }

  @Test func `without a package, or with one of another version, the number alone counts`() {
    #expect(Self.kind(0x01_34_00, "1.52.0", nil) == .unverified)
    #expect(HTTP2Library.standing(of: 0x01_34_00, text: "1.52.0", packages: "") != .good)
    #expect(Self.kind(0x01_44_00, "1.68.0", "1.52.0-1+deb12u3") == .unverified)
    for (version, text) in [(0x01_44_01, "1.68.1"), (0x01_45_00, "1.69.0")] {
      #expect(Self.kind(version, text, nil) == .good)
      #expect(Self.kind(version, text, "1.52.0-1") == .good)
    }
  }
}
