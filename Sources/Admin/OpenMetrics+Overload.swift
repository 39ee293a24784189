import Server

extension OpenMetrics {
  /// What is done so that load does not become delay.
  static func overload(_ snapshot: OverloadSnapshot) -> String {
    var text =
      "# TYPE postern_shed counter\n"
      + "# HELP postern_shed Requests refused with 503 before they were decided, by what ran short.\n"
    for entry in snapshot.shed {
      text += "postern_shed_total{reason=\"\(entry.reason)\"} \(entry.count)\n"
    }
    for (name, help, count) in [
      (
        "postern_turns_ended", "Connections whose requests had to let others go first.",
        snapshot.turnsEnded
      ),
      ("postern_accept_pauses", "Pauses of accepting for want of descriptors.", snapshot.acceptPauses),
      (
        "postern_resident_shortages",
        "How often requests began to be refused because the process had too much memory.",
        snapshot.residentShortages
      ),
    ] {
      text += "# TYPE \(name) counter\n# HELP \(name) \(help)\n\(name)_total \(count)\n"
    }
    text +=
      "# TYPE postern_decision_cost_seconds gauge\n"
      + "# HELP postern_decision_cost_seconds What a decision takes on the slowest loop, averaged.\n"
      + "postern_decision_cost_seconds \(Double(snapshot.decisionNanoseconds) / 1_000_000_000)\n"
      + "# TYPE postern_held_bytes gauge\n"
      + "# HELP postern_held_bytes Bytes of requests and replies that are being read or sent.\n"
      + "postern_held_bytes \(snapshot.heldByteCount)\n"
      + "# TYPE postern_resident_bytes gauge\n"
      + "# HELP postern_resident_bytes Bytes of the process that are in memory.\n"
      + "postern_resident_bytes \(snapshot.residentByteCount)\n"
    return text
  }
}
