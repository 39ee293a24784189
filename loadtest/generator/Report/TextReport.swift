/// A report for a terminal.
public struct TextReport {
  private let report: RunReport

  public init(_ report: RunReport) { self.report = report }

  public func text() -> String {
    let head = [
      "\(report.scenario): \(report.server)", "\(report.date), \(report.machine)", report.command, "",
    ]
    let end = report.failure.map { ["NOT FINISHED: \($0)", ""] } ?? []
    return (head + report.measurements.flatMap(lines) + end).joined(separator: "\n")
  }

  private func lines(_ it: LoadResult) -> [String] {
    let pace =
      it.offeredPerSecond.map { "open loop, \(Numbers.count($0)) requests/s, \(it.pace) arrivals" }
      ?? "closed loop, saturation"
    var lines = [
      "\(pace); \(it.parallelText), batch \(it.batch),"
        + " \(Numbers.time(it.seconds * 1e9)) measured",
      "  replies     \(Numbers.count(it.replies)), \(Numbers.count(it.repliesPerSecond))/s, all as expected"
        + (it.tableVersions > 1 ? ", of \(it.tableVersions) table versions" : ""),
    ]
    if it.batch > 1 { lines.append("  decisions   \(Numbers.count(it.decisionsPerSecond))/s") }
    lines.append("  size        \(it.sizeText)")
    let latency = it.latency
    lines.append(
      "  latency     p50 \(Numbers.time(latency.p50))  p90 \(Numbers.time(latency.p90))"
        + "  p99 \(Numbers.time(latency.p99))  p99.9 \(Numbers.time(latency.p999))"
        + "  p99.99 \(Numbers.time(latency.p9999))  max \(Numbers.time(latency.max))")
    if let server = it.server {
      var line =
        "  server      \(Numbers.time(server.cpuNanosecondsPerRequest)) of CPU a request"
      if it.batch > 1 { line += ", \(Numbers.time(server.cpuNanosecondsPerDecision)) a decision" }
      line += "; \(Numbers.percent(server.cores)) of a core; \(server.residentByteCount >> 20) MiB"
      if let idle = server.byteCountPerIdleConnection {
        line += "; \(Numbers.count(idle)) bytes an idle connection"
      }
      lines.append(line)
    }
    lines.append("  generator   \(Numbers.percent(it.generatorCores)) of a core")
    if !it.keptUp {
      lines.append(
        "  NOT KEPT UP \(Numbers.count(it.unsent)) requests were not sent by the end; they count with"
          + " their age")
    }
    lines += it.warnings.map { "  WARNING     \($0)" }
    return lines + [""]
  }
}
