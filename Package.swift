// swift-tools-version: 6.2
import PackageDescription

/// Every target: Swift 6 mode, strict memory safety, and no unmarked unsafe expression.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatWarning("StrictMemorySafety", as: .error),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableExperimentalFeature("Lifetimes"),
]

let package = Package(
  name: "postern",
  platforms: [.macOS(.v26)],
  targets: [
    // System libraries.
    .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),

    // The path of a decision. None of these may import Foundation.
    .target(name: "Wire", dependencies: ["CLZ4"], swiftSettings: strict),

    .testTarget(name: "WireTests", dependencies: ["Wire"], swiftSettings: strict),
  ]
)
