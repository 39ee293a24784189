import Foundation

/// A file that is written whole or not at all: beside its place, and renamed over what is there. So what is
/// there must be a file, and no link: root would put a file in the place of `/dev/null` otherwise.
struct OutputFile {
  /// Behind symbolic links: what they lead to is replaced, not they.
  private let path: String

  struct Refusal: Error, CustomStringConvertible {
    let description: String
  }

  init(_ path: String) throws(Refusal) {
    self.path = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    let attributes = try? FileManager.default.attributesOfItem(atPath: self.path)
    switch attributes?[.type] as? FileAttributeType {
    case nil, .typeRegular?: break
    case .typeDirectory?:
      throw Refusal(description: "`\(path)` is a directory; name a file in it")
    case .typeSymbolicLink?:
      throw Refusal(description: "`\(path)` is a link that leads to no file; name the file itself")
    default:
      throw Refusal(description: "`\(path)` is no regular file, and is not replaced by one; name a file")
    }
  }

  func replace(with bytes: [UInt8]) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
  }
}

/// Writes a file whole or not at all; complains and exits where it cannot be.
func writeFile(_ bytes: [UInt8], to path: String) throws {
  do {
    try OutputFile(path).replace(with: bytes)
  } catch let refusal as OutputFile.Refusal {
    complain("cannot write: \(refusal)")
    throw ExitStatus.unavailable.code
  } catch {
    complain("cannot write `\(path)`: \(error.localizedDescription)")
    throw ExitStatus.unavailable.code
  }
}
