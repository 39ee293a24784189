import Foundation
import Testing

@testable import Server

@Suite struct MemoryBudgetTests {
  private static let mebibyte = 1 << 20

  /// Control groups as files, `groups` as /proc/self/cgroup has them. What they bound memory to.
  private static func bound(groups: String, _ files: [String: String]) throws -> Int? {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("postern-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, text) in files {
      let file = folder.appendingPathComponent(name)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: file, atomically: false, encoding: .utf8)
    }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let list = folder.appendingPathComponent("groups")
    try groups.write(to: list, atomically: false, encoding: .utf8)
    return ContainerMemory.byteCount(groups: list.path, root: folder.path)
  }

  @Test func `the least that a group or one around it allows is the bound`() throws {
    let second = "0::/system.slice/postern.service\n"
    let unit = "system.slice/postern.service/memory.max"
    #expect(try Self.bound(groups: second, [unit: "536870912\n"]) == 512 << 20)
    #expect(
      try Self.bound(groups: second, [unit: "max\n", "system.slice/memory.max": "268435456\n"]) == 256 << 20)
    let first = "5:cpu,cpuacct:/x\n4:memory:/kubepods/pod1\n0::/\n"
    let pod = "memory/kubepods/pod1/memory.limit_in_bytes"
    #expect(try Self.bound(groups: first, [pod: "1048576\n"]) == 1 << 20)
    // In a container the path is the host's, and the root is its own group.
    #expect(try Self.bound(groups: first, ["memory/memory.limit_in_bytes": "2097152\n"]) == 2 << 20)
    #expect(try Self.bound(groups: "0::/\n", ["memory.max": "4194304\n"]) == 4 << 20)
  }

  @Test func `where nothing is bounded, or to be read, there is no bound`() throws {
    #expect(try Self.bound(groups: "0::/a\n", ["a/memory.max": "max\n"]) == nil)
    let unlimited = ["memory/memory.limit_in_bytes": "9223372036854771712\n"]
    #expect(try Self.bound(groups: "4:memory:/\n", unlimited) == nil)
    #expect(try Self.bound(groups: "4:cpu:/\n", ["cpu/memory.limit_in_bytes": "5\n"]) == nil)
    for groups in ["", "nonsense", "0::", ":::::\n"] { #expect(try Self.bound(groups: groups, [:]) == nil) }
    #expect(ContainerMemory.byteCount(groups: "/nonexistent", root: "/nonexistent") == nil)
  }

  @Test func `a container's memory is dealt out, unless it is set otherwise`() {
    let budget = MemoryBudget(
      nil, container: 256 * Self.mebibyte, resident: 60 * Self.mebibyte, files: 40 * Self.mebibyte)
    // The program's own pages count as no memory that is used up.
    #expect(budget.residentByteCountMax == (192 + 40) * Self.mebibyte)
    #expect(budget.heldByteCount(upTo: 256 * Self.mebibyte) == 48 * Self.mebibyte)
    #expect(budget.heldByteCount(upTo: Self.mebibyte) == Self.mebibyte)
    #expect(budget.connectionCount(upTo: 20_000) == 6144)
    #expect(budget.connectionCount(upTo: 10) == 10)
    let set = MemoryBudget(80 * Self.mebibyte, container: 256 * Self.mebibyte, resident: 0, files: 9)
    #expect(set.residentByteCountMax == 80 * Self.mebibyte)
    for none in [
      MemoryBudget(0, container: 1, resident: 1, files: 0),
      MemoryBudget(nil, container: nil, resident: 1, files: 0),
    ] {
      #expect(none.residentByteCountMax == 0)
      #expect(none.heldByteCount(upTo: 7) == 7 && none.connectionCount(upTo: 7) == 7)
    }
  }

  /// Tables that fill most of a container are no reason to refuse everybody from the start.
  @Test func `what is there before anybody connects is not held against them`() {
    let large = MemoryBudget(
      nil, container: 256 * Self.mebibyte, resident: 200 * Self.mebibyte, files: 10 * Self.mebibyte)
    #expect(large.residentByteCountMax == (222 + 10) * Self.mebibyte)
    let full = MemoryBudget(nil, container: 256 * Self.mebibyte, resident: 250 * Self.mebibyte, files: 0)
    #expect(full.residentByteCountMax == 240 * Self.mebibyte)
  }
}
