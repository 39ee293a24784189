import Foundation

/// The names in a JSON text that JSON decoders lose: those that an object has twice.
enum JSONMembers {
  /// Where an object is read, its own path and the names that came.
  private struct Level {
    let isObject: Bool
    let path: String
    var names: Set<String> = []
    /// The name that the next value belongs to.
    var name: String?
  }

  /// The paths, with dots between the names, of what comes twice in one object of a valid JSON text.
  static func repeated(in json: String) -> [String] {
    let bytes = Array(json.utf8)
    var levels: [Level] = []
    var repeated: [String] = []
    var index = 0
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        let path = levels.last.map { join($0.path, $0.name) } ?? ""
        levels.append(Level(isObject: bytes[index] == UInt8(ascii: "{"), path: path))
      case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = levels.popLast()
      case UInt8(ascii: ","): if !levels.isEmpty { levels[levels.count - 1].name = nil }
      case UInt8(ascii: "\""):
        let end = endOfText(from: index, in: bytes)
        if let level = levels.last, level.isObject, level.name == nil {
          let name = text(bytes[index..<end])
          levels[levels.count - 1].name = name
          if !levels[levels.count - 1].names.insert(name).inserted {
            repeated.append(join(level.path, name))
          }
        }
        index = end - 1
      default: break
      }
      index += 1
    }
    return repeated
  }

  private static func join(_ path: String, _ name: String?) -> String {
    guard let name else { return path }
    return path.isEmpty ? name : path + "." + name
  }

  /// Behind the quote that ends the text.
  private static func endOfText(from start: Int, in bytes: [UInt8]) -> Int {
    var index = start + 1
    while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
      index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    return min(index + 1, bytes.count)
  }

  /// What a text in quotes says, its escapes read.
  private static func text(_ bytes: ArraySlice<UInt8>) -> String {
    (try? JSONDecoder().decode(String.self, from: Data(bytes)))
      ?? String(decoding: bytes.dropFirst().dropLast(), as: UTF8.self)
  }
}
