/// Why a chain cannot be laid out or an image cannot be used.
public enum ImageError: Error, Equatable, Sendable {
  /// A plan beyond a limit: what there is too much of, how many, and how many there may be.
  case tooMany(String, count: Int, limit: Int)
  /// A table's output that does not fit into replies.
  case output(OutputFault)
  /// A plan that contradicts itself: the table and what is wrong. Our own mistake.
  case inconsistent(String)
  /// An image of another format, which another version of Postern has laid out: the format's number.
  case otherFormat(UInt32)
  /// Image bytes that are not of this format; the offset of the first bad record.
  case malformed(offset: Int)
  /// There is no memory for an image of so many bytes.
  case noMemory(byteCount: Int)

  /// The format that this Postern lays out and reads.
  public static var ownFormat: UInt32 { ImageHeader.formatVersion }
}

extension ImageError: CustomStringConvertible {
  /// What is wrong, and what to do.
  public var description: String {
    switch self {
    case .tooMany(let what, let count, let limit):
      "\(count) \(what); \(limit) is the most: split the table, or write less of it"
    case .output(let fault):
      "table `\(fault.table)`, `\(fault.kind)\(fault.name.isEmpty ? "" : ".")\(fault.name)`: \(fault)"
    case .inconsistent(let what): "\(what); this is a mistake of Postern's own: report it with the table"
    case .otherFormat(let format):
      "compiled tables of format \(format), and this Postern reads \(Self.ownFormat); compile them again"
        + " with this version"
    case .malformed(let offset):
      "no compiled tables: the record at byte \(offset) is wrong; compile them again"
    case .noMemory(let byteCount):
      "no memory for compiled tables of \(byteCount) bytes; allow more of it, or make the tables smaller"
    }
  }
}
