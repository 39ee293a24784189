/// Table sources of any size, the same for the same seed: scores, strings, sets, booleans and one
/// address column, two of five cells empty.
enum LargeTable {
  private static let signals = [
    "akamaiUserRisk.score", "akamaiBot.botScore", "akamaiBot.type", "session.mfaRequired",
    "request.country", "request.ip", "authentication.methods", "stats.loginsCount",
    "akamaiUserRisk.standing", "akamaiBot.botCategory", "request.path", "shop.total", "shop.tier",
    "shop.isGift", "shop.tags", "shop.age", "shop.region", "shop.isNew", "shop.amount",
    "shop.channel",
  ]

  static func source(ruleCount: Int, columnCount: Int, seed: UInt64) -> String {
    var state = seed
    func below(_ end: Int) -> Int {
      state &+= 0x9E37_79B9_7F4A_7C15
      var value = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
      value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
      return Int((value ^ (value >> 31)) % UInt64(end))
    }
    func texts(_ prefix: String, _ count: Int) -> String {
      (0...below(3)).map { _ in "\"\(prefix)\(below(count))\"" }.joined(separator: ", ")
    }
    func cell(_ signal: String) -> String {
      if below(5) < 2 { return "-" }
      switch signal {
      case "akamaiUserRisk.score", "akamaiBot.botScore":
        return ["\(">=") \(below(100))", "[\(below(50))..\(50 + below(50)))", "< \(1 + below(100))"][
          below(3)]
      case "stats.loginsCount", "shop.total", "shop.age", "shop.amount":
        return ["> \(below(500))", "[\(below(250))..\(250 + below(250))]", "<= \(below(500))"][below(3)]
      case "session.mfaRequired", "shop.isGift", "shop.isNew": return below(2) == 0 ? "true" : "false"
      case "request.ip": return "10.\(below(64)).\(below(256)).0/24"
      case "akamaiUserRisk.standing": return ["full", "noProfile", "unusable"][below(3)]
      default: return texts("\(signal.last!)", 40)
      }
    }
    let columns = signals.prefix(columnCount)
    var lines = [
      "---", "trigger: post-login", "hitPolicy: FIRST", "mode: enforce", "signals:",
      "  shop.total: number", "  shop.tier: string", "  shop.isGift: boolean", "  shop.tags: list",
      "  shop.age: number", "  shop.region: string", "  shop.isNew: boolean",
      "  shop.amount: number", "  shop.channel: string", "---", "## Rules", "",
      "| " + columns.joined(separator: " | ") + " | verdict | reason |",
      "|" + String(repeating: "---|", count: columns.count + 2),
    ]
    let verdicts = ["allow", "mfa", "review", "deny"]
    for rule in 0..<ruleCount {
      lines.append(
        "| " + columns.map(cell).joined(separator: " | ")
          + " | \(verdicts[below(4)]) | reason \(rule % 50) |")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
