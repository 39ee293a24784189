import Wire

/// The names that can be decided on: Auth0's triggers and a deployment's own.
///
/// A trigger's index is its place in `names`; counters are kept by it.
public struct TriggerRegistry: Sendable {
  /// LIMIT: counters are laid out by trigger; Auth0 has seven.
  public static let countMax = 64

  public static let builtIn = [
    "post-login", "pre-user-registration", "post-user-registration", "post-challenge",
    "post-change-password", "credentials-exchange", "send-phone-message",
  ]

  public let names: [String]
  /// The names one after the other, and where each ends.
  private let bytes: [UInt8]
  private let ends: [Int]

  /// Adds a deployment's own names; ones that are there already are not added twice.
  public init(own: [String] = []) {
    names = Self.builtIn + own.filter { !Self.builtIn.contains($0) }
    precondition(names.count <= Self.countMax)
    bytes = names.flatMap { Array($0.utf8) }
    var end = 0
    ends = names.map { name in
      end += name.utf8.count
      return end
    }
  }

  /// The trigger of that name; `nil` when it is not in the registry. O(triggers + count).
  func index(of name: Span<UInt8>) -> Int? {
    var start = 0
    for index in ends.indices {
      let end = ends[index]
      if end - start == name.count, isName(name, at: start) { return index }
      start = end
    }
    return nil
  }

  private func isName(_ name: Span<UInt8>, at start: Int) -> Bool {
    for offset in name.indices where bytes[start + offset] != name[offset] { return false }
    return true
  }
}
