// swift-tools-version: 6.2
import PackageDescription

// The fuzzer is a package of its own: it is built with sanitizers, by `ops/lib/fuzz`, and no other build
// waits for it.
let package = Package(
  name: "fuzz",
  platforms: [.macOS(.v26)],
  dependencies: [.package(name: "postern", path: "../..")],
  targets: [
    .executableTarget(
      name: "fuzz", dependencies: [.product(name: "FuzzTargets", package: "postern")],
      swiftSettings: [.swiftLanguageMode(.v6)])
  ]
)
