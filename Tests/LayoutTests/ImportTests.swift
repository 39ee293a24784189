import Foundation
import Testing

/// Imports point one way: what each target may import (beside the standard library's own modules).
private let allowedImports: [String: Set<String>] = [
  "Wire": ["CLZ4"],
  "Signals": ["Wire", "CByteMask", "CWide"],
  "EdgeProof": ["CNettle", "Signals", "Wire", "Synchronization"],
  "EdgeProofFiles": ["EdgeProof", "WatchedFiles", "Wire", "Yams", "Foundation"],
  "WatchedFiles": ["Glibc", "Darwin"],
  "TLS": [
    "EdgeProof", "WatchedFiles", "NIOCore", "NIOSSL", "NIOTLS", "Logging", "Synchronization", "Glibc",
    "Darwin",
  ],
  "Tables": ["Signals", "Wire", "CWide", "Synchronization"],
  "Rules": ["Tables", "Signals", "Wire", "DMN", "CNettle", "Yams", "Foundation", "Synchronization"],
  "Bundles": [
    "Rules", "Tables", "Signals", "Wire", "CLZ4", "CHogweed", "Foundation", "Synchronization",
  ],
  "BundleSources": [
    "Bundles", "AsyncHTTPClient", "NIOCore", "NIOHTTP1", "NIOSSL", "Foundation", "Synchronization",
  ],
  "DMN": ["Foundation", "FoundationXML"],
  "HTTP2": ["CNghttp2", "CByteMask", "Wire", "Glibc", "Darwin"],
  "Sockets": ["CEpoll", "NIOCore", "NIOConcurrencyHelpers", "Synchronization", "Dispatch", "Glibc"],
  "Server": [
    "Wire", "Signals", "EdgeProof", "Tables", "HTTP2", "TLS", "Sockets", "WatchedFiles", "NIOCore",
    "Logging", "Synchronization", "Glibc", "Darwin",
  ],
  "Lifecycle": ["CDescriptors", "WatchedFiles", "Synchronization", "Dispatch", "Glibc", "Darwin"],
  "Admin": [
    "Server", "Rules", "Tables", "Wire", "Hummingbird", "HTTPTypes", "Logging", "NIOCore",
    "ServiceLifecycle", "Synchronization",
  ],
  "PosternClient": [
    "Wire", "HTTP2", "WatchedFiles", "NIOCore", "NIOPosix", "NIOSSL", "NIOTLS", "Synchronization",
    "Glibc", "Musl", "Darwin",
  ],
  "Settings": [
    "Server", "Tables", "EdgeProof", "EdgeProofFiles", "Wire", "HTTP2", "TLS", "Yams", "Foundation",
  ],
  "LoginHandlerExample": ["PosternClient", "Foundation"],
  "postern": [
    "Settings", "Server", "Admin", "Rules", "DMN", "Bundles", "BundleSources", "Tables", "EdgeProof",
    "EdgeProofFiles", "Lifecycle", "Signals", "Wire", "HTTP2", "TLS", "PosternClient", "ArgumentParser", "AsyncHTTPClient", "Logging", "NIOCore", "NIOHTTP1",
    "UnixSignals", "Yams", "Foundation", "Dispatch", "Synchronization",
  ],
]

@Suite struct ImportTests {
  @Test(arguments: allowedImports.keys.sorted())
  func `a target imports only what stands below it`(target: String) throws {
    let files = try swiftFiles(under: "Sources/\(target)")
    #expect(!files.isEmpty)
    for file in files {
      for module in try imports(of: file) {
        #expect(allowedImports[target]!.contains(module), "\(file.path) imports \(module)")
      }
    }
  }

  @Test func `every target has a line in the table`() throws {
    let folders = try FileManager.default.contentsOfDirectory(atPath: root.path + "/Sources")
    let cModules: Set<String> = [
      "CLZ4", "CNettle", "CHogweed", "CNghttp2", "CByteMask", "CWide", "CDescriptors", "CEpoll",
    ]
    #expect(Set(folders).subtracting(cModules) == Set(allowedImports.keys))
  }

  @Test func `the README lists a target below all that it imports`() throws {
    let readme = try String(contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8)
    let rows = readme.matches(of: /\n\| `Sources\/(\w+)` \|/).map { String($0.1) }
    let example: Set<String> = ["LoginHandlerExample"]
    #expect(Set(rows) == Set(allowedImports.keys).subtracting(example))
    for (index, target) in rows.enumerated() {
      let below = allowedImports[target, default: []].intersection(rows[index...])
      #expect(below.isEmpty, "\(target) imports \(below.sorted())")
    }
  }

  @Test func `the path of a decision knows no Foundation`() throws {
    for target in ["Wire", "Signals", "EdgeProof", "Tables", "HTTP2", "TLS", "Server"] {
      for file in try swiftFiles(under: "Sources/\(target)") {
        #expect(try !imports(of: file).contains { $0.hasPrefix("Foundation") }, "\(file.path)")
      }
    }
  }
}

/// The modules that a file imports, without submodules and single declarations.
private func imports(of file: URL) throws -> [String] {
  try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap { line in
    var words = line.split(separator: " ").map(String.init)
    while let first = words.first, first.hasPrefix("@") || first == "public" || first == "package" {
      words.removeFirst()
    }
    guard words.first == "import", let last = words.last else { return nil }
    return String(last.prefix { $0 != "." })
  }
}
