import Foundation
import Rules
import Tables
import Testing

@Suite final class TableDirectoryTests {
  private let directory = FileManager.default.temporaryDirectory
    .appendingPathComponent("postern-\(UUID().uuidString)").path

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  private func write(_ name: String, _ front: String, cell: String = "-") throws {
    let path = directory + "/" + name
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    let text =
      "---\nhitPolicy: FIRST\nmode: enforce\n\(front)\n---\n## Rules\n| request.ip | verdict |\n|---|---|\n"
      + "| \(cell) | allow |\n"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
  }

  @Test func `tables are grouped by tenant and trigger, in a fixed order`() throws {
    try write("z.table.md", "trigger: a\norder: 1")
    try write("y.table.md", "trigger: a\norder: 2")
    try write("x.table.md", "trigger: b")
    try write("w.table.md", "trigger: b\ntenant: acme")
    try write("notes.md", "not a table")
    try write("alternatives/v.table.md", "trigger: a\norder: 1")
    let set = TableDirectory.load(directory)
    #expect(set.diagnostics == [])
    #expect(
      set.chains.map(\.key) == [
        TableKey(trigger: "a"), TableKey(trigger: "b"), TableKey(tenant: "acme", trigger: "b"),
      ])
    #expect(set.chains.map { $0.plan.tables.map(\.name) } == [["z", "y"], ["x"], ["w"]])
  }

  @Test func `a directory is listed whole, links and hidden files too, or not at all`() throws {
    try write("a.table.md", "trigger: a")
    try write(".hidden", "trigger: a")
    try write("below/b.table.md", "trigger: b")
    let link = directory + "/linked"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: directory + "/below")
    let entries = try DirectoryListing.entries(of: directory)
    #expect(Set(entries.map(\.name)) == [".hidden", "a.table.md", "below", "linked"])
    #expect(entries.filter(\.isDirectory).map(\.name) == ["below"])
    let files = try TableDirectory.files(under: directory)
    #expect(files == ["a.table.md", "below/b.table.md"].map { directory + "/" + $0 })
    for path in [directory + "/none", directory + "/a.table.md"] {
      #expect(throws: DirectoryListing.Failure.self) { try DirectoryListing.entries(of: path) }
      let said = try #require(TableDirectory.load(path).diagnostics.first?.description)
      #expect(said.contains("no such directory, or no right to read it; give a directory of `*.table.md`"))
    }
  }

  @Test func `tables of every format are one set`() throws {
    try write("a.table.md", "trigger: a\norder: 1")
    let csv = "# trigger: a\n# order: 2\n# hitPolicy: F\n# mode: audit\nrequest.ip,verdict\n-,mfa\n"
    try csv.write(toFile: directory + "/b.table.csv", atomically: true, encoding: .utf8)
    try csv.write(toFile: directory + "/notes.csv", atomically: true, encoding: .utf8)
    for set in [TableDirectory.load(directory)] + TableDirectory.loadAll([directory]) {
      #expect(set.diagnostics == [])
      #expect(set.chains.map { $0.plan.tables.map(\.name) } == [["a", "b"]])
    }
  }

  @Test func `a table whose last line has no end is refused, and so is its set`() throws {
    try write("a.table.md", "trigger: a\norder: 1")
    let whole =
      "# trigger: a\n# order: 2\n# hitPolicy: F\n# mode: audit\nrequest.ip,verdict,code\n-,mfa,password\n"
    for (count, isWhole) in [(0, true), (1, false), (8, false)] {
      let path = directory + "/b.table.csv"
      try String(whole.dropLast(count)).write(toFile: path, atomically: true, encoding: .utf8)
      let set = TableDirectory.load(directory)
      #expect(set.chains.isEmpty == !isWhole)
      #expect(
        set.diagnostics.contains {
          "\($0)" == path + ":6:1: error: the last line has no end, so the file may have been cut off;"
            + " end the line"
        } == !isWhole, "\(set.diagnostics)")
    }
    try "x,y\r".write(toFile: directory + "/b.table.csv", atomically: true, encoding: .utf8)
    #expect(!TableDirectory.load(directory).diagnostics.contains { $0.message.contains("cut off") })
  }

  @Test func `one bad table refuses the set, and the errors of all are reported`() throws {
    try write("a.table.md", "trigger: a")
    try write("b.table.md", "trigger: b", cell: "10.0.0.1/8")
    try write("c.table.md", "trigger: c", cell: "x")
    let set = TableDirectory.load(directory)
    #expect(set.chains.isEmpty)
    #expect(set.tables.map(\.name) == ["a"])
    #expect(
      set.diagnostics.map { "\($0.file):\($0.line):\($0.column)" } == [
        directory + "/b.table.md:9:3", directory + "/c.table.md:9:3",
      ])
  }

  @Test func `a directory that is missing or has no table is an error`() throws {
    #expect(
      TableDirectory.load(directory).diagnostics.map(\.description) == [
        "\(directory):1:1: error: no such directory, or no right to read it; give a directory of"
          + " `*.table.md`, `*.table.csv` or `*.table.dmn` files"
      ])
    try write("notes.md", "")
    #expect(
      TableDirectory.load(directory).diagnostics.map { $0.message.hasPrefix("no table here") } == [
        true
      ])
    #expect(
      TableDirectory.loadAll([directory, directory + "/missing"]).flatMap(\.diagnostics)
        .map { $0.message.hasPrefix("no table here") } == [true, true])
  }

  @Test func `tables are found below directories, as one set for each, and once each`() throws {
    try write("a.table.md", "trigger: a")
    try write("below/deeper/a.table.md", "trigger: a")
    let sets = TableDirectory.loadAll([directory, directory + "/a.table.md"])
    #expect(sets.flatMap(\.diagnostics) == [])
    #expect(
      sets.map { $0.tables.map(\.file) } == [
        [directory + "/a.table.md"], [directory + "/below/deeper/a.table.md"],
      ])
  }

  @Test func `a table file is read through a symbolic link`() throws {
    try write("..data/a.table.md", "trigger: a")
    try FileManager.default.createSymbolicLink(
      atPath: directory + "/a.table.md", withDestinationPath: "..data/a.table.md")
    #expect(TableDirectory.load(directory).chains.count == 1)
  }
}
