import Wire

/// What a file that a table names holds, as the columns of one kind read it: a test of many values.
///
/// Two are equal where name and members are; to compare and to hash one takes the time of its digest.
public struct NamedList: Hashable, Sendable {
  public enum Members: Sendable {
    /// Each once, in the order of their bytes; in small letters where the signal folds case.
    case texts([String])
    /// Ascending blocks that neither overlap nor touch.
    case blocks([ClosedRange<UInt128>])
  }

  private final class Content: Sendable {
    let members: Members
    /// Of the members, not of the file: a comment changes nothing.
    let digest: ContentDigest
    let texts: Set<ExactText>

    init(_ members: Members) {
      self.members = members
      digest = members.digest
      texts = if case .texts(let texts) = members { Set(texts.map(ExactText.init)) } else { [] }
    }
  }

  public let name: String
  private let content: Content

  /// A list by its name alone: for reading and writing cells where nothing is decided.
  init(unread name: String) { self.init(name, .texts([])) }

  init(_ name: String, _ members: Members) {
    self.name = name
    content = Content(members)
  }

  public var members: Members { content.members }

  /// SHA-256 of the members.
  public var digest: ContentDigest { content.digest }

  /// None of a list of blocks.
  var texts: [String] { if case .texts(let texts) = members { texts } else { [] } }

  /// None of a list of texts.
  var blocks: [ClosedRange<UInt128>] {
    if case .blocks(let blocks) = members { blocks } else { [] }
  }

  func contains(_ text: ExactText) -> Bool { content.texts.contains(text) }

  /// O(log of blocks).
  func contains(_ address: UInt128) -> Bool {
    guard case .blocks(let blocks) = members else { return false }
    let next = blocks.firstIndex(endingAtOrAfter: address)
    return next < blocks.count && blocks[next].lowerBound <= address
  }

  public static func == (a: NamedList, b: NamedList) -> Bool {
    a.content === b.content && a.name == b.name || a.name == b.name && a.digest == b.digest
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(name)
    hasher.combine(digest)
  }
}

extension NamedList.Members {
  fileprivate var digest: ContentDigest {
    var bytes = ByteWriter(capacity: 4096)
    switch self {
    case .texts(let texts):
      bytes.append(UInt8(0))
      for text in texts {
        bytes.append(UInt32(truncatingIfNeeded: text.utf8.count))
        bytes.append(text)
      }
    case .blocks(let blocks):
      bytes.append(UInt8(1))
      for block in blocks {
        bytes.append(block.lowerBound)
        bytes.append(block.upperBound)
      }
    }
    return ContentDigest(of: bytes.span)
  }
}

extension [ClosedRange<UInt128>] {
  /// The index of the first of some ascending blocks that ends at an address or behind it.
  func firstIndex(endingAtOrAfter address: UInt128) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle].upperBound < address { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The same addresses as ascending blocks that neither overlap nor touch.
  func normalized() -> [ClosedRange<UInt128>] {
    var joined: [ClosedRange<UInt128>] = []
    for block in sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = joined.last, last.upperBound == .max || block.lowerBound <= last.upperBound + 1 {
        joined[joined.count - 1] = last.lowerBound...Swift.max(last.upperBound, block.upperBound)
      } else {
        joined.append(block)
      }
    }
    return joined
  }
}
