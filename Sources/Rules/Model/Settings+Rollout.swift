import Wire

extension Canary.Key {
  static let names = allCases.map(\.rawValue)
}

/// What a `mode` says: `audit`, `canary 5%`, `canary 0.5% by session.id`.
struct ModeText {
  let mode: Mode
  let canary: Canary?

  static let words = Mode.allCases.map(\.name) + ["canary 5%"]

  /// `nil` for what is no mode.
  init?(_ text: String) {
    if let mode = Mode(name: text) {
      self.mode = mode
      canary = nil
      return
    }
    let words = text.split(separator: " ")
    guard words.count == 2 || (words.count == 4 && words[2] == "by"), words[0] == "canary",
      let share = Self.basisPoints(words[1]),
      let key = words.count == 4 ? Canary.Key(rawValue: String(words[3])) : .user
    else { return nil }
    mode = .enforce
    canary = Canary(basisPoints: share, key: key)
  }

  /// Of `12.5%`: 1,250.
  private static func basisPoints(_ text: Substring) -> Int? {
    guard text.hasSuffix("%") else { return nil }
    let parts = text.dropLast().split(
      separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let fraction = parts.count == 2 ? parts[1] : "0"
    guard (1...2).contains(fraction.count), let whole = parts.first, (1...3).contains(whole.count),
      (whole + fraction).allSatisfy({ $0.isASCII && $0.isNumber }),
      let points = Int(whole + fraction + (fraction.count == 1 ? "0" : ""))
    else { return nil }
    return (1...Canary.basisPointsMax).contains(points) ? points : nil
  }
}

extension ModeText: CustomStringConvertible {
  init(mode: Mode, canary: Canary?) {
    self.mode = mode
    self.canary = canary
  }

  /// As a source says it.
  var description: String {
    guard let canary else { return mode.name }
    let share = numberText(Double(canary.basisPoints) / 100)
    return "canary \(share)%" + (canary.key == .user ? "" : " by \(canary.key.rawValue)")
  }
}

func unknownMode(_ text: String) -> String {
  let list = ModeText.words.map { "`\($0)`" }.joined(separator: ", ")
  let advice =
    text.hasPrefix("canary")
    ? "; write a share above 0% and up to 100%, as in `canary 5%`, and a key that is"
      + " `user.id` or `session.id`, as in `canary 0.5% by session.id`"
    : hint(for: text, among: Mode.allCases.map(\.name))
  return "`mode` is one of \(list); `\(text)` is not" + advice
}

/// Nanoseconds of `1us`, `2.5us`, `800ns` or `1ms`; `nil` for anything else and for what is no
/// whole number of nanoseconds.
func durationNanoseconds(_ text: String) -> Int? {
  let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
  let scales = ["ns": 1.0, "us": 1e3, "µs": 1e3, "ms": 1e6]
  guard number.first?.isNumber == true, number.last?.isNumber == true,
    let scale = scales[String(text.dropFirst(number.count).trimmed)],
    let value = Double(number), value * scale <= Double(Table.budgetNanosecondsMax)
  else { return nil }
  let nanoseconds = Int((value * scale).rounded())
  return nanoseconds > 0 ? nanoseconds : nil
}

/// As a source says it.
func durationText(_ nanoseconds: Int) -> String {
  if nanoseconds >= 1_000_000 { return numberText(Double(nanoseconds) / 1e6) + "ms" }
  if nanoseconds >= 1000 { return numberText(Double(nanoseconds) / 1e3) + "us" }
  return "\(nanoseconds)ns"
}
