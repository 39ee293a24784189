import Foundation
import Tables
import Testing

@testable import Rules

/// What is wrong with lists and with the settings that name them.
@Suite struct ListFileTests {
  /// What reading a table says whose only list is `list`, of addresses and named in its only cell.
  private func problems(
    path: String = "list.txt", _ files: [String: [UInt8]], cell: String = "in list",
    input: String = "request.ip"
  ) throws -> [String] {
    try withTables([
      "t.table.md": """
        ---
        trigger: post-login
        hitPolicy: FIRST
        mode: enforce
        lists:
          list: \(path)
        ---
        ## Rules
        | \(input) | verdict |
        |---|---|
        | \(cell) | deny |
        """
    ]) { directory in
      for (name, bytes) in files {
        try Data(bytes).write(to: directory.appendingPathComponent(name))
      }
      let file = directory.appendingPathComponent("t.table.md").path
      return TableReader.read(try TableDirectory.bytes(of: file).get(), file: file).diagnostics
        .map { $0.description.replacing(directory.path + "/", with: "") }
    }
  }

  @Test func `all that is wrong in a list is said at once, by line and column`() throws {
    let text = "10.0.0.0/8\r\n# fine\r\n  10.0.0.1/8 \r\nfe80::/129\rexample.com # no\n\n::1/x\n"
    #expect(
      try problems(["list.txt": Array(text.utf8)]) == [
        "list.txt:3:3: error: `10.0.0.1/8` has bits behind its prefix; write `10.0.0.0/8` for the"
          + " block or `10.0.0.1` for the address",
        "list.txt:4:7: error: `/129` is no prefix length; write 0 to 128",
        "list.txt:5:1: error: `example.com` is no address; write one like `192.0.2.7`,"
          + " `2001:db8::1` or `10.0.0.0/8`",
        "list.txt:7:4: error: `/x` is no prefix length; write 0 to 128",
      ])
  }

  @Test func `what would end a line of a log, or steer a terminal, is told by its number`() throws {
    let text = "192.0\u{C}\u{1B}[2J\u{2028}\n"
    let found = try problems(["list.txt": Array(text.utf8)])
    #expect(found.count == 1 && found[0].contains("error: `192.0\\u{C}\\u{1B}[2J\\u{2028}` is no address"), "\(found)")
  }

  @Test func `a text that begins with a quote is a literal`() throws {
    let text = "\"a # b\" # fine\n\"no end\n\"a\" b\n\"\\q\"\n"
    let found = try problems(["list.txt": Array(text.utf8)], input: "request.path")
    #expect(found.count == 3)
    #expect(found[0].hasPrefix("list.txt:2:1: error: the text has no end"), "\(found)")
    #expect(found[1].hasPrefix("list.txt:3:1: error: `b` behind the end of the text"), "\(found)")
    #expect(found[2].hasPrefix("list.txt:4:2: error: `\\q` is no escape"), "\(found)")
  }

  /// Else a file that is just being written would let go of whom it holds.
  @Test func `a file that was emptied or cut off is refused`() throws {
    for text in ["", "\n", " \r\n\t\n"] {
      let found = try problems(["list.txt": Array(text.utf8)])
      #expect(
        found.first == "list.txt:1:1: error: an empty file; where the list has no entries, say so in a line"
          + " `# none`")
    }
    let found = try problems(["list.txt": Array("10.0.0.0/8\n192.0.2.2".utf8)])
    #expect(
      found == [
        "list.txt:2:1: error: the last line has no end, so the file may have been cut off; end the line"
      ])
    #expect(try !problems(["list.txt": Array("# none\n".utf8)]).contains { $0.contains("error") })
  }

  @Test func `errors beyond the limit are counted`() throws {
    let text = String(repeating: "x\n", count: 1200)
    let found = try problems(["list.txt": Array(text.utf8)])
    #expect(found.count == DiagnosticLog.countMax + 1)
    #expect(found.last?.contains("200 more findings") == true)
  }

  @Test func `what is there twice is warned of once a file`() throws {
    let found = try problems(["list.txt": Array("10.0.0.0/8\n::1\n::1\n10.0.0.0/8\n".utf8)])
    #expect(
      found == [
        "list.txt:3:1: warning: `::1` is in the list before, in line 2; one is enough (further ones"
          + " are not reported)"
      ])
  }

  @Test func `a list that is not UTF-8 is refused by its line`() throws {
    let found = try problems(["list.txt": Array("::1\n".utf8) + [0xFF, 0x0A]])
    #expect(found == ["list.txt:2:1: error: not UTF-8; save the file as UTF-8"])
    #expect(try problems(["list.txt": [0xEF, 0xBB, 0xBF] + Array("::1\n".utf8)]) == [])
  }

  @Test func `a list has so many entries at most, and an entry so many bytes`() throws {
    let long = Array(String(repeating: "x", count: ListFile.entryByteCountMax + 1).utf8) + [0x0A]
    let found = try problems(["list.txt": long], input: "request.path")
    #expect(found.count == 1 && found[0].hasPrefix("list.txt:1:1: error: an entry of 4097 bytes"))
    let entries = [UInt8](repeating: 0x0A, count: 7)
      + Array(String(repeating: "a\n", count: ListFile.entryCountMax + 2).utf8)
    var file = ListFile(entries, file: "list.txt")
    #expect(file.entries.count == ListFile.entryCountMax)
    #expect(
      file.log.sorted.map(\.description) == [
        "list.txt:1000008:1: error: more than 1000000 entries; split the list in two and name both"
          + " in the cell"
      ])
    #expect(file.texts(foldingCase: false) == ["a"])
  }

  @Test func `a file that cannot be read is reported where it is named`() throws {
    let place = "t.table.md:6:9: error: "
    #expect(
      try problems([:]) == [place + "no file `list.txt`; put the list there, one entry a line"])
    #expect(
      try problems(path: "../list.txt", [:])[0].hasPrefix(
        place + "`../list.txt` leads out of the directory of the table"))
    #expect(try problems(path: "a/../../x", [:])[0].contains("leads out of the directory"))
    #expect(try problems(path: "/etc/hosts", [:])[0].contains("is an absolute path"))
    #expect(try problems(path: "a//b", [:])[0].contains("is no file's name"))
    #expect(try problems(path: "''", [:])[0].contains("a file's name is missing"))
  }

  @Test func `a directory, a link to outside and too many bytes are refused`() throws {
    try withTables([
      "tables/t.table.md": "x", "outside.txt": "::1\n", "tables/lists/inside.txt": "::1\n",
    ]) { directory in
      let tables = directory.appendingPathComponent("tables")
      let manager = FileManager.default
      let link = { (name: String, target: String) in
        try manager.createSymbolicLink(
          atPath: tables.appendingPathComponent(name).path, withDestinationPath: target)
      }
      try link("out.txt", "../outside.txt")
      try link("dir", "..")
      try link("in.txt", "lists/inside.txt")
      let large = tables.appendingPathComponent("large.txt")
      manager.createFile(atPath: large.path, contents: nil)
      try FileHandle(forWritingTo: large).truncate(atOffset: UInt64(ListFiles.byteCountMax + 1))
      var files = ListFiles(besideTable: tables.appendingPathComponent("t.table.md").path)
      let message = { (path: String, files: inout ListFiles) -> String in
        if case .failure(let failure) = files.bytes(of: path) { failure.message } else { "" }
      }
      #expect(message("out.txt", &files).contains("is a link out of the directory"))
      #expect(message("dir/outside.txt", &files).contains("is a link out of the directory"))
      #expect(message("in.txt", &files) == "")
      #expect(message("lists", &files).contains("is a directory"))
      #expect(message("large.txt", &files).contains("\(ListFiles.byteCountMax + 1) bytes"))
    }
  }

  @Test func `a cell names lists that there are, in columns that take them`() throws {
    let list = ["list.txt": Array("::1\n".utf8)]
    #expect(
      try problems(list, cell: "in lits") == [
        "t.table.md:6:9: warning: no cell names the list `list`; write `in list` in one, or remove it",
        "t.table.md:11:6: error: no list `lits`; did you mean `list`?",
      ])
    #expect(
      try problems(list, cell: "in other")[1].contains(
        "no list `other`; name its file in the front matter: `other: lists/other.txt` under `lists:`"))
    #expect(
      try problems(list, input: "akamaiUserRisk.score").last?.contains(
        "a list holds texts or addresses, and `akamaiUserRisk.score` is of type number") == true)
    #expect(try problems(list, cell: "in list, in list").isEmpty)
  }

  @Test func `settings of lists are names of files`() {
    let errors = { (lists: String) in
      TableReader.read(
        "---\ntrigger: a\nhitPolicy: F\nmode: off\nlists\(lists)\n---\n## Rules\n"
          + "| request.ip | verdict |\n|---|---|\n| - | mfa |\n", file: "t.table.md"
      ).diagnostics.map(\.description)
    }
    #expect(errors(": x")[0].hasPrefix("t.table.md:5:1: error: `lists` is lines of `name: file`"))
    #expect(errors(":\n  a b: x")[0].hasPrefix("t.table.md:6:3: error: `a b` is no list's name"))
    #expect(errors(":\n  a: x\n  a: y")[0].contains("`a` is set twice"))
    let many = (0...64).map { "\n  l\($0): x" }.joined()
    #expect(errors(":" + many) == ["t.table.md:5:1: error: 65 lists; 64 is the most of one table"])
  }

  @Test func `editing a list publishes its table, and a broken one leaves the old`() throws {
    try withTables([
      "t.table.md": """
        ---
        trigger: post-login
        hitPolicy: FIRST
        mode: enforce
        lists:
          list: lists/list.txt
        ---
        ## Rules
        | request.ip | verdict |
        |---|---|
        | in list | deny |
        """,
      "lists/list.txt": "::1\n",
    ]) { directory in
      let list = directory.appendingPathComponent("lists/list.txt")
      let store = TableStore()
      let reloader = TableReloader(
        directory: directory.path, triggers: ["post-login"], store: store)
      let key = TableKey(tenant: "", trigger: "post-login")
      let looks = { (0..<3).map { _ in reloader.look() } }
      #expect(looks().isPublished == [false, true, false])
      let first = try #require(store.servedChain(key))
      #expect(looks().isPublished == [false, false, false], "nothing has changed")

      try Data("::1\n::2\n".utf8).write(to: list)
      #expect(looks().isPublished == [false, true, false])
      let second = try #require(store.servedChain(key))
      #expect(second !== first)

      try Data("::1\n::2\nnowhere\n".utf8).write(to: list)
      let refused = looks()
      #expect(refused.isPublished == [false, false, false])
      guard case .refused(let problems) = refused[1] else {
        Issue.record("not refused")
        return
      }
      #expect(problems.map(\.description).first?.contains("list.txt:3:1: error: ") == true)
      #expect(store.servedChain(key) === second)

      try FileManager.default.removeItem(at: list)
      #expect(looks().isPublished == [false, false, false])
      #expect(store.servedChain(key) === second)

      try Data("::3\n".utf8).write(to: list)
      #expect(looks().isPublished == [false, true, false])
      #expect(store.servedChain(key) !== second)
    }
  }
}

extension [TableReloader.Outcome] {
  fileprivate var isPublished: [Bool] {
    map { if case .published = $0 { true } else { false } }
  }
}
