extension DecisionModel {
  /// The names of what can be asked for that a mistyped name may have meant, nearest first, at most three.
  public func namesNear(_ name: String) -> [String] { Self.near(name, among: invocables.map(\.name)) }

  /// Those of some names that a mistyped one may have meant, nearest first, at most three.
  static func near(_ name: String, among names: [String]) -> [String] {
    let lower = Array(name.lowercased().prefix(Self.comparedCharacterCount))
    return names
      .map {
        ($0, Self.distance(lower, Array($0.lowercased().prefix(Self.comparedCharacterCount))))
      }
      .filter { $0.1 <= max(2, $0.0.count / 3) || $0.0.lowercased().contains(name.lowercased()) }
      .sorted { $0.1 < $1.1 }.prefix(3).map(\.0)
  }

  /// LIMIT: comparing takes time by the square of the length.
  private static let comparedCharacterCount = 100

  /// How many characters have to be put in, left out or changed.
  private static func distance(_ left: [Character], _ right: [Character]) -> Int {
    var row = Array(0...right.count)
    for (index, character) in left.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for column in right.indices {
        let changed = diagonal + (character == right[column] ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(changed, row[column] + 1, diagonal + 1)
      }
    }
    return row[right.count]
  }
}
