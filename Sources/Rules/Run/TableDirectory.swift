import Foundation
import Wire

/// Finds and reads table files.
public enum TableDirectory {
  /// LIMIT: table files under the paths of one command; a mistaken `/` ends here.
  public static let fileCountMax = 10_000

  private static let suffixes = {
    let names = TableFormat.allCases.map { "`*\($0.fileSuffix)`" }
    return names.dropLast().joined(separator: ", ") + " or " + names.last!
  }()

  /// The tables that lie in a directory itself: what a server serves.
  ///
  /// Tables in directories below it, `alternatives` for one, are not served.
  public static func load(_ path: String) -> TableSet {
    let entries: [DirectoryListing.Entry]
    do throws(DirectoryListing.Failure) {
      entries = try DirectoryListing.entries(of: path)
    } catch {
      return failed(path, "\(error); give a directory of \(suffixes) files")
    }
    let files = entries.map(\.name).filter { TableFormat(file: $0) != nil }.sorted()
    if files.isEmpty {
      return failed(path, "no table here; put files named \(suffixes) into this directory")
    }
    return load(files: files.map { join(path, $0) })
  }

  /// The tables of some files, as one set.
  public static func load(files: [String]) -> TableSet {
    var tables: [Table] = []
    var diagnostics: [Diagnostic] = []
    for file in files {
      let (table, found) = read(file)
      if let table { tables.append(table) }
      diagnostics += found
    }
    return TableSet(tables, diagnostics: diagnostics)
  }

  /// The tables under some paths, directories with all that is below them: what `postern check` and
  /// `postern test` look at. Tables of one directory are one set; each comes once.
  public static func loadAll(_ paths: [String]) -> [TableSet] {
    var filesByDirectory: [String: Set<String>] = [:]
    var failures: [TableSet] = []
    for path in paths {
      let files: [String]
      do throws(UnreadableFile) {
        files = try self.files(under: path)
      } catch {
        failures.append(TableSet([], diagnostics: [error.diagnostic]))
        continue
      }
      if files.isEmpty {
        failures.append(
          failed(
            path,
            "no table here; give a table file, or a directory that holds \(suffixes) files"))
      }
      for file in files { filesByDirectory[directory(of: file), default: []].insert(file) }
    }
    return failures
      + filesByDirectory.sorted { $0.key < $1.key }.map { load(files: $0.value.sorted()) }
  }

  /// The table files under a path, a directory's in the order of their names; a file is taken
  /// whatever its name. Empty where there is none. Throws where a directory cannot be listed.
  public static func files(under path: String) throws(UnreadableFile) -> [String] {
    var isDirectory = false
    guard exists(path, isDirectory: &isDirectory) else { return [] }
    guard isDirectory else { return [path] }
    return try files(below: path) { TableFormat(file: $0) != nil }
  }

  /// The DMN files below a directory that its tables' names leave out; none of any other path.
  public static func models(below path: String) throws(UnreadableFile) -> [String] {
    var isDirectory = false
    guard exists(path, isDirectory: &isDirectory), isDirectory else { return [] }
    return try files(below: path, where: isModel)
  }

  /// As `models(below:)`, in a directory itself.
  public static func models(in path: String) -> [String] {
    let entries = (try? DirectoryListing.entries(of: path)) ?? []
    return entries.filter { !$0.isDirectory && isModel($0.name) }.map { join(path, $0.name) }.sorted()
  }

  private static func isModel(_ name: String) -> Bool {
    TableFormat(reading: name) == .dmn && TableFormat(file: name) == nil
  }

  private static func files(
    below path: String, where isWanted: (String) -> Bool
  ) throws(UnreadableFile) -> [String] {
    var files: [String] = []
    var folders = [path]
    while let folder = folders.popLast(), files.count < fileCountMax {
      let entries: [DirectoryListing.Entry]
      do throws(DirectoryListing.Failure) {
        entries = try DirectoryListing.entries(of: folder)
      } catch {
        throw UnreadableFile(folder, "\(error)")
      }
      for entry in entries {
        let place = join(folder, entry.name)
        if entry.isDirectory {
          folders.append(place)
        } else if isWanted(entry.name) {
          files.append(place)
        }
      }
    }
    return files.prefix(fileCountMax).sorted()
  }

  private static func read(_ file: String) -> (Table?, [Diagnostic]) {
    switch bytes(of: file) {
    case .success(let bytes):
      let read = TableReader.read(bytes, file: file, isWhole: true)
      return (read.table, read.diagnostics)
    case .failure(let failure): return (nil, [failure.diagnostic])
    }
  }

  /// The bytes of a table file; a file larger than a table may be is not read.
  public static func bytes(of file: String) -> Result<[UInt8], UnreadableFile> {
    let attributes = try? FileManager.default.attributesOfItem(atPath: resolved(file))
    let byteCount = (attributes?[.size] as? NSNumber)?.intValue ?? 0
    guard byteCount <= TableReader.sourceByteCountMax else {
      return .failure(UnreadableFile(file, TableReader.tooLarge(byteCount)))
    }
    do {
      return .success([UInt8](try Data(contentsOf: URL(fileURLWithPath: file))))
    } catch {
      let isTransient =
        attributes?[.type] as? FileAttributeType == .typeRegular && error.isTransientReadFailure
      return .failure(
        UnreadableFile(
          file,
          isTransient
            ? "cannot be read now; look for what the system is short of"
            : "no such file, or no right to read it", isTransient: isTransient))
    }
  }

  private static func exists(_ path: String, isDirectory: inout Bool) -> Bool {
    guard let type = try? FileManager.default.attributesOfItem(atPath: resolved(path))[.type]
    else { return false }
    isDirectory = type as? FileAttributeType == .typeDirectory
    return true
  }

  /// Behind symbolic links, as a mounted configuration map has them.
  private static func resolved(_ path: String) -> String {
    URL(fileURLWithPath: path).resolvingSymlinksInPath().path
  }

  private static func directory(of file: String) -> String {
    file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "."
  }

  private static func join(_ directory: String, _ name: String) -> String {
    directory.hasSuffix("/") ? directory + name : directory + "/" + name
  }

  private static func failed(_ path: String, _ message: String) -> TableSet {
    TableSet([], diagnostics: [Diagnostic(file: path, at: .start, message)])
  }
}

/// Why a file's bytes cannot be had.
public struct UnreadableFile: Error, CustomStringConvertible, Sendable {
  public let diagnostic: Diagnostic
  /// Whether reading failed for now, so that what is in the file is not known.
  let isTransient: Bool

  init(_ file: String, _ message: String, isTransient: Bool = false) {
    diagnostic = Diagnostic(file: file, at: .start, message)
    self.isTransient = isTransient
  }

  public var description: String { diagnostic.description }
}

extension Error {
  /// Of an error of reading a file: whether it may be another a moment later, though nobody changes the
  /// file. Whoever grants a right, or puts the file there, changes its stamp.
  var isTransientReadFailure: Bool {
    switch (self as? CocoaError)?.code {
    case .fileReadNoPermission, .fileReadNoSuchFile, .fileNoSuchFile: false
    default: true
    }
  }
}
