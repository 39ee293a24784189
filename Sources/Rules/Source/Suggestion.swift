/// The candidate that a misspelt name most likely means: few edits away, letter case free.
func suggestion(for name: String, among candidates: some Sequence<String>) -> String? {
  // LIMIT: bytes of a name that may be meant for another; a cell may have millions.
  guard name.utf8.count <= 256 else { return nil }
  let wanted = Array(name.lowercased())
  // LIMIT: a third of the letters, at least one, at most three: more is another word.
  let limit = min(3, max(1, wanted.count / 3))
  var best: (name: String, distance: Int)?
  for candidate in candidates {
    let distance = editDistance(wanted, Array(candidate.lowercased()), limit: limit)
    if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
  }
  return best?.name
}

/// "; did you mean `x`?", or `otherwise` when nothing is near.
public func hint(for name: String, among candidates: some Sequence<String>, otherwise: String = "")
  -> String
{
  suggestion(for: name, among: candidates).map { "; did you mean `\($0)`?" } ?? otherwise
}

/// Insertions, deletions, replacements and swaps of neighbours between two words; more than `limit`
/// may be counted as any number above it.
private func editDistance(_ a: [Character], _ b: [Character], limit: Int) -> Int {
  guard abs(a.count - b.count) <= limit else { return limit + 1 }
  var beforeLast: [Int] = []
  var last = Array(0...b.count)
  for row in a.indices {
    var current = [row + 1]
    for column in b.indices {
      let replaced = last[column] + (a[row] == b[column] ? 0 : 1)
      var distance = min(replaced, last[column + 1] + 1, current[column] + 1)
      if row > 0, column > 0, a[row] == b[column - 1], a[row - 1] == b[column] {
        distance = min(distance, beforeLast[column - 1] + 1)
      }
      current.append(distance)
    }
    beforeLast = last
    last = current
  }
  return last[b.count]
}
