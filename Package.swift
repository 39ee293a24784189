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
  products: [
    .executable(name: "postern", targets: ["postern"]),
    .library(name: "PosternClient", targets: ["PosternClient"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    // System libraries.
    .systemLibrary(name: "CNghttp2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
    .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
    .systemLibrary(name: "CNettle", pkgConfig: "nettle", providers: [.apt(["nettle-dev"])]),
    .systemLibrary(name: "CHogweed", pkgConfig: "hogweed", providers: [.apt(["nettle-dev"])]),

    // The path of a decision. None of these may import Foundation.
    .target(name: "Wire", dependencies: ["CLZ4"], swiftSettings: strict),
    .target(name: "CByteMask"),
    .target(name: "CWide"),
    .target(name: "Signals", dependencies: ["Wire", "CByteMask", "CWide"], swiftSettings: strict),
    .target(name: "EdgeProof", dependencies: ["Signals", "Wire", "CNettle"], swiftSettings: strict),
    .target(name: "Tables", dependencies: ["Signals", "CWide"], swiftSettings: strict),
    .target(name: "HTTP2", dependencies: ["CNghttp2", "CByteMask", "Wire"], swiftSettings: strict),

    // The control plane: table sources, and bundles of compiled tables.
    .target(
      name: "Rules",
      dependencies: ["Tables", "DMN", "CNettle", .product(name: "Yams", package: "Yams")],
      swiftSettings: strict),
    .target(
      name: "Bundles", dependencies: ["Rules", "Tables", "Wire", "CLZ4", "CHogweed"],
      swiftSettings: strict),

    .target(
      name: "BundleSources",
      dependencies: [
        "Bundles",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ],
      swiftSettings: strict),

    // The control plane: the settings of edge proof and their secrets, from files.
    .target(
      name: "EdgeProofFiles",
      dependencies: ["EdgeProof", "WatchedFiles", "Wire", .product(name: "Yams", package: "Yams")],
      swiftSettings: strict),

    // Small files that are read whole, and read again when they change.
    .target(name: "WatchedFiles", swiftSettings: strict),

    // The control plane: decision models of the DMN standard.
    .target(name: "DMN", swiftSettings: strict),

    // The control plane: sockets from the service manager and from the process before.
    .target(name: "CDescriptors"),
    .target(name: "Lifecycle", dependencies: ["CDescriptors", "WatchedFiles"], swiftSettings: strict),

    // Event loops and sockets, as SwiftNIO's protocols have them.
    .target(name: "CEpoll"),
    .target(
      name: "Sockets",
      dependencies: [
        "CEpoll", .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
      ],
      swiftSettings: strict),

    // The service and its parts.
    .target(
      name: "TLS",
      dependencies: [
        "EdgeProof", "WatchedFiles",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOTLS", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .target(
      name: "Server",
      dependencies: [
        "Wire", "Signals", "EdgeProof", "Tables", "HTTP2", "TLS", "Sockets", "WatchedFiles",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .target(
      name: "Admin",
      dependencies: [
        "Server", "Rules", "Tables", "Wire",
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
      ],
      swiftSettings: strict),
    .target(
      name: "PosternClient",
      dependencies: [
        "Wire", "HTTP2", "WatchedFiles",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOTLS", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ],
      swiftSettings: strict),
    // The control plane: what a server is told by its settings file.
    .target(
      name: "Settings",
      dependencies: [
        "Server", "Tables", "EdgeProof", "EdgeProofFiles", "Wire", "HTTP2", "TLS",
        .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "postern",
      dependencies: [
        "Settings", "Server", "Admin", "Rules", "DMN", "Bundles", "BundleSources", "Tables", "EdgeProof",
        "EdgeProofFiles", "Lifecycle", "Signals", "Wire", "HTTP2", "TLS", "PosternClient",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
        .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "LoginHandlerExample", dependencies: ["PosternClient"], swiftSettings: strict),

    .target(
      name: "UsageStatus",
      dependencies: [.product(name: "ArgumentParser", package: "swift-argument-parser")],
      path: "loadtest/usage", swiftSettings: strict),
    .executableTarget(
      name: "microbench",
      dependencies: [
        "UsageStatus", "Rules", "Tables", "EdgeProof", "Signals", "Wire", "AllocationCounter",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "loadtest/microbench", swiftSettings: strict),

    .executableTarget(
      name: "controlbench",
      dependencies: [
        "UsageStatus", "Bundles", "Rules", "Tables",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "loadtest/controlbench", swiftSettings: strict),

    .target(
      name: "LoadGenerator",
      dependencies: [
        "PosternClient", "Wire",
        .product(name: "Histogram", package: "hdrhistogram-swift"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "Yams", package: "Yams"),
      ],
      path: "loadtest/generator", swiftSettings: strict),
    .executableTarget(
      name: "loadgen",
      dependencies: [
        "UsageStatus", "LoadGenerator", "PosternClient",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "loadtest/loadgen", swiftSettings: strict),

    .executableTarget(
      name: "publishstorm",
      dependencies: [
        "UsageStatus", "PosternClient", "Server", "Tables", "Signals", "Wire",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      path: "loadtest/publishstorm", swiftSettings: strict),

    // What tests compare with: written to be read, not to be fast.
    .target(
      name: "SignalsOracle", dependencies: ["Signals", "Wire"], path: "Tests/SignalsOracle",
      swiftSettings: strict),
    .target(
      name: "RulesOracle", dependencies: ["Rules", "DMN", "Tables", "Signals", "Wire"],
      path: "Tests/RulesOracle", swiftSettings: strict),

    .executableTarget(
      name: "comparisons",
      dependencies: [
        "RulesOracle", "Tables", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tests/comparisons", swiftSettings: strict),

    .executableTarget(
      name: "bystanders",
      dependencies: [
        "HonestClients", "TestSupport", "Wire",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOEmbedded", package: "swift-nio"),
        .product(name: "NIOTLS", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ],
      path: "Tests/bystanders", swiftSettings: strict),

    // The ways in that are fuzzed; `Tests/fuzz` is the fuzzer itself, a package of its own.
    .target(
      name: "FuzzTargets",
      dependencies: [
        "HTTP2", "Wire", "Signals", "SignalsOracle", "EdgeProof", "EdgeProofFiles", "DMN", "Rules",
        "RulesOracle", "Bundles", "Tables", "Settings", "Server", "TLS", "TestSupport",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ],
      path: "Tests/FuzzTargets", swiftSettings: strict + [.define("SETTINGS")]),

    // Tests, named after what they test.
    .target(name: "AllocationCounter", path: "Tests/AllocationCounter"),
    .testTarget(name: "LayoutTests", swiftSettings: strict),
    .testTarget(name: "WireTests", dependencies: ["Wire"], swiftSettings: strict),
    .testTarget(
      name: "SignalsTests",
      dependencies: ["Signals", "SignalsOracle", "Wire", "CWide", "AllocationCounter"],
      exclude: ["Fixtures"], swiftSettings: strict),
    .testTarget(
      name: "EdgeProofTests", dependencies: ["EdgeProof", "Signals", "Wire", "AllocationCounter"], swiftSettings: strict),
    .testTarget(
      name: "EdgeProofFilesTests", dependencies: ["EdgeProofFiles", "EdgeProof", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "TablesTests", dependencies: ["Tables", "Signals", "Wire", "CWide", "AllocationCounter"],
      swiftSettings: strict),
    .testTarget(
      name: "RulesTests",
      dependencies: ["Rules", "RulesOracle", "DMN", "Tables", "Signals", "Wire"],
      swiftSettings: strict),
    .testTarget(
      name: "DMNTests", dependencies: ["DMN"], exclude: ["Fixtures"], swiftSettings: strict),
    .testTarget(
      name: "BundlesTests",
      dependencies: ["Bundles", "Rules", "Tables", "Signals", "Wire", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "BundleSourcesTests",
      dependencies: [
        "BundleSources", "Bundles", "Rules", "Tables",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      swiftSettings: strict),
    .target(
      name: "TestSupport", dependencies: ["CNghttp2"], path: "Tests/TestSupport",
      swiftSettings: strict),
    // Clients with every habit that resembles an attack: of tests, and of `bystanders` beside a release.
    .target(
      name: "HonestClients", dependencies: ["TestSupport", "Wire"], path: "Tests/HonestClients",
      swiftSettings: strict),
    .testTarget(
      name: "HTTP2Tests", dependencies: ["HTTP2", "CNghttp2", "Wire", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "SocketsTests",
      dependencies: [
        "Sockets", .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOEmbedded", package: "swift-nio"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ServerTests",
      dependencies: [
        "Server", "Sockets", "TLS", "PosternClient", "Rules", "Tables", "EdgeProof", "Signals", "Wire", "HTTP2",
        "HonestClients", "TestSupport", "AllocationCounter", .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOEmbedded", package: "swift-nio"),
        .product(name: "NIOTLS", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ],
      swiftSettings: strict),
    .testTarget(name: "LifecycleTests", dependencies: ["Lifecycle"], swiftSettings: strict),
    .testTarget(
      name: "ConfigurationTests",
      dependencies: [
        "postern", "Admin", "Bundles", "EdgeProofFiles", "HTTP2", "Rules", "Settings", "Server", "Tables", "Wire",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "FuzzReplayTests", dependencies: ["FuzzTargets"], swiftSettings: strict),
    .testTarget(
      name: "SimulationTests",
      dependencies: [
        "Server", "TLS", "EdgeProof", "Rules", "Tables", "Signals", "Wire", "HTTP2", "TestSupport",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOEmbedded", package: "swift-nio"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "PosternClientTests",
      dependencies: [
        "PosternClient", "HTTP2", "Wire",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "LoadgenTests",
      dependencies: [
        "LoadGenerator", "PosternClient", "HTTP2", "Wire",
        .product(name: "Histogram", package: "hdrhistogram-swift"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      swiftSettings: strict),
  ]
)

// The targets that ThreadSanitizer looks at in each `ops/test`: built alone, they take seconds where
// the whole package, its dependencies instrumented too, takes minutes.
if Context.environment["POSTERN_CORE_ONLY"] != nil {
  let core = ["CLZ4", "CByteMask", "CWide", "Wire", "Signals", "Tables", "AllocationCounter", "TablesTests"]
  package.targets.removeAll { !core.contains($0.name) }
  package.products = []
  package.dependencies = []
}

// `ops/test` builds what its tests ask a million times optimised: testable, with `DEBUG`, over
// dependencies that assert. The tests are the same, and take a third of the time. The path of a request
// stays as it is in a debug build, slow enough for tests of overload.
if Context.environment["POSTERN_OPTIMISED"] != nil {
  let optimised = ["Tables", "Rules", "DMN", "Bundles", "SignalsOracle", "RulesOracle", "TablesTests"]
  for target in package.targets where optimised.contains(target.name) {
    target.swiftSettings?.append(
      .unsafeFlags(["-O", "-whole-module-optimization", "-num-threads", "2"]))
  }
}

// The targets whose coverage `ops/coverage` measures, and their tests: without the service's
// dependencies they are built and run in a few minutes.
if Context.environment["POSTERN_COVERAGE"] != nil {
  let measured = [
    "CNghttp2", "CLZ4", "CNettle", "CHogweed", "CByteMask", "CWide", "Wire", "Signals", "EdgeProof", "Tables", "HTTP2",
    "DMN", "Rules", "Bundles", "WatchedFiles", "EdgeProofFiles", "SignalsOracle", "RulesOracle",
    "AllocationCounter", "TestSupport", "FuzzTargets", "WireTests", "SignalsTests", "TablesTests",
    "RulesTests", "BundlesTests", "HTTP2Tests", "FuzzReplayTests",
  ]
  package.targets.removeAll { !measured.contains($0.name) }
  package.products = []
  // Settings know the service.
  for target in package.targets where target.name == "FuzzTargets" {
    target.dependencies = target.dependencies.filter { dependency in
      if case .byNameItem(let name, _) = dependency { return !["Settings", "Server", "TLS"].contains(name) }
      return false
    }
    target.swiftSettings = strict
  }
}

// The fuzzer in `Tests/fuzz` takes its targets from here; nobody else sees them.
if Context.environment["POSTERN_FUZZ"] != nil {
  package.products.append(.library(name: "FuzzTargets", targets: ["FuzzTargets"]))
}
