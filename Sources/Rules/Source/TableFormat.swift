/// A kind of file that holds a table.
public enum TableFormat: CaseIterable, Sendable {
  case markdown
  case csv
  /// A DMN model, in XML.
  case dmn

  /// The end of such a file's name.
  public var fileSuffix: String { ".table" + fileExtension }

  private var fileExtension: String {
    switch self {
    case .markdown: ".md"
    case .csv: ".csv"
    case .dmn: ".dmn"
    }
  }

  /// The format of a table's file; `nil` for a file of a directory that holds no table.
  public init?(file: String) {
    guard let format = Self.allCases.first(where: { file.hasSuffix($0.fileSuffix) }) else {
      return nil
    }
    self = format
  }

  /// The format to read a file in that is named as a table, by the last part of its name; `nil` where
  /// that says nothing.
  public init?(reading file: String) {
    guard let format = Self.allCases.first(where: { file.hasSuffix($0.fileExtension) }) else {
      return nil
    }
    self = format
  }
}
