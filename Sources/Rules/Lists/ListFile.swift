/// The entries of a list's file: one a line. A `#` at the begin of a line or behind a space begins a
/// comment; a text that holds one stands in quotes, as in a cell.
struct ListFile {
  /// LIMIT: design section 5 asks for 100,000; ten times as many take a second to compile.
  static let entryCountMax = 1_000_000
  /// LIMIT: texts of signals are shorter.
  static let entryByteCountMax = 4096

  struct Entry {
    /// Without quotes.
    let text: String
    let location: SourceLocation
  }

  private(set) var entries: [Entry] = []
  /// SHA-256 of the file.
  let digest: ContentDigest
  private(set) var log: DiagnosticLog

  init(_ bytes: [UInt8], file: String) {
    digest = ContentDigest(of: bytes)
    log = DiagnosticLog(file: file)
    guard let text = TableReader.text(bytes, log: &log) else { return }
    checkIsWhole(text, bytes)
    for line in SourceLine.lines(of: text) {
      guard let entry = Self.entry(line, log: &log) else { continue }
      guard entries.count < Self.entryCountMax else {
        log.error(
          at: entry.location,
          "more than \(Self.entryCountMax) entries; split the list in two and name both in the cell")
        return
      }
      entries.append(entry)
    }
  }

  /// A file that is being written, or was cut off, would silently let go of whom it holds.
  private mutating func checkIsWhole(_ text: String, _ bytes: [UInt8]) {
    if text.utf8.allSatisfy({ Self.isSpace($0) || $0 == 0x0A || $0 == 0x0D }) {
      log.error(
        at: .start, "an empty file; where the list has no entries, say so in a line `# none`")
    } else {
      TableReader.checkEnd(of: bytes, log: &log)
    }
  }

  /// The entry of a line; `nil` where it has none, or one that is no text, which is reported.
  private static func entry(_ line: SourceLine, log: inout DiagnosticLog) -> Entry? {
    var bytes = line.text.utf8
    while let byte = bytes.first, isSpace(byte) { bytes.removeFirst() }
    guard let first = bytes.first, first != UInt8(ascii: "#") else { return nil }
    let column = line.text[..<bytes.startIndex].count + 1
    let location = SourceLocation(line: line.number, column: column)
    guard bytes.count <= entryByteCountMax else {
      log.error(
        at: location, "an entry of \(bytes.count) bytes; \(entryByteCountMax) is the most: write one"
          + " entry a line")
      return nil
    }
    if first == UInt8(ascii: "\"") { return quotedEntry(Substring(bytes), location, log: &log) }
    var end = bytes.startIndex
    var wasSpace = false
    for index in bytes.indices {
      if isSpace(bytes[index]) {
        wasSpace = true
        continue
      }
      if wasSpace, bytes[index] == UInt8(ascii: "#") { break }
      wasSpace = false
      end = bytes.index(after: index)
    }
    return Entry(text: String(Substring(bytes[..<end])), location: location)
  }

  private static func quotedEntry(
    _ text: Substring, _ location: SourceLocation, log: inout DiagnosticLog
  ) -> Entry? {
    do throws(CellError) {
      let (text, rest) = try CellParser.leadingLiteral(String(text))
      guard rest.isEmpty || rest.hasPrefix("#") else {
        throw CellError(
          "`\(rest)` behind the end of the text; write one entry a line, and `\\\"` for a quote in it",
          at: 0)
      }
      return Entry(text: text, location: location)
    } catch {
      log.error(
        at: SourceLocation(line: location.line, column: location.column + error.offset),
        error.message)
      return nil
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  // MARK: Members

  /// The texts, each once in the order of their bytes. One that is there twice is warned of.
  mutating func texts(foldingCase: Bool) -> [String] {
    var seen: [ExactText: SourceLocation] = [:]
    seen.reserveCapacity(entries.count)
    var texts: [String] = []
    texts.reserveCapacity(entries.count)
    for entry in entries {
      let text = foldingCase ? foldedASCII(entry.text) : entry.text
      if let first = seen.updateValue(entry.location, forKey: ExactText(text)) {
        warnOfDuplicate(entry, first)
      } else {
        texts.append(text)
      }
    }
    return texts.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// The address blocks, joined. What is none is reported; one that another holds is warned of.
  mutating func blocks() -> [ClosedRange<UInt128>] {
    var blocks: [ClosedRange<UInt128>] = []
    blocks.reserveCapacity(entries.count)
    var seen: [ClosedRange<UInt128>: SourceLocation] = [:]
    for entry in entries {
      do throws(CellError) {
        let block = try addressBlock(entry.text)
        if let first = seen.updateValue(entry.location, forKey: block) {
          warnOfDuplicate(entry, first)
        }
        blocks.append(block)
      } catch {
        let column = entry.location.column + error.offset
        log.error(at: SourceLocation(line: entry.location.line, column: column), error.message)
      }
    }
    return blocks.normalized()
  }

  /// Once a file, however many there are.
  private mutating func warnOfDuplicate(_ entry: Entry, _ first: SourceLocation) {
    guard !hasWarned else { return }
    hasWarned = true
    log.warning(
      at: entry.location,
      "`\(entry.text)` is in the list before, in line \(first.line); one is enough (further ones are"
        + " not reported)")
  }

  private var hasWarned = false
}
