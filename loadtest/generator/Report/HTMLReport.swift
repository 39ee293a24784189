import Foundation

/// A report as one file that needs no network: numbers, and charts where several rates were measured.
public struct HTMLReport {
  private let report: RunReport

  public init(_ report: RunReport) { self.report = report }

  public func html() -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>\(report.scenario.escaped): load test</title>
    <style>
    \(Self.style)
    </style>
    </head>
    <body>
    <h1>\(report.scenario.escaped)</h1>
    <p>\(report.about.escaped)</p>
    <p class="fact">\(report.server.escaped)<br>\(report.date.escaped), \(report.machine.escaped)</p>
    <pre>\(report.command.escaped)</pre>
    \(failure())
    \(table())
    \(charts().map { $0.svg() }.joined(separator: "\n"))
    <h2>How to read this</h2>
    <p>Every reply was checked: a wrong or a missing one ends the run, and what it was part of is not
    reported. In an open loop requests are sent at their times whatever became of those before, and
    latency counts from the time at which a request was <em>to be</em> sent: a server that stalls
    shows all of its stall. In a closed loop each stream waits for its reply before it sends again; its
    latency tells how long the queue is, its rate what the server can do. CPU is the server's user and
    system time, all threads.</p>
    </body>
    </html>

    """
  }

  private func failure() -> String {
    report.failure.map { "<p><strong>Not finished:</strong> \($0.escaped)</p>" } ?? ""
  }

  // MARK: Numbers

  private func table() -> String {
    let head = [
      "", "replies/s", "decisions/s", "p50", "p90", "p99", "p99.9", "p99.99", "max",
      "CPU/request", "server busy",
    ]
    let rows = report.measurements.map { "<tr>\(cells(of: $0).joined())</tr>" }
    return """
      <div class="wide"><table>
      <thead><tr>\(head.map { "<th>\($0)</th>" }.joined())</tr></thead>
      <tbody>
      \(rows.joined(separator: "\n"))
      </tbody></table></div>
      <p class="fact">\(notes().map(\.escaped).joined(separator: "<br>"))</p>
      """
  }

  private func cells(of it: LoadResult) -> [String] {
    let latency = it.latency
    let times = [latency.p50, latency.p90, latency.p99, latency.p999, latency.p9999, latency.max]
    let texts =
      [Numbers.count(it.repliesPerSecond), Numbers.count(it.decisionsPerSecond)]
      + times.map { Numbers.time($0) } + [
        it.server.map { Numbers.time($0.cpuNanosecondsPerRequest) } ?? "–",
        it.server.map { Numbers.percent($0.cores) } ?? "–",
      ]
    return ["<th>\(name(of: it).escaped)</th>"] + texts.map { "<td>\($0.escaped)</td>" }
  }

  private func notes() -> [String] {
    guard let first = report.measurements.first else { return [] }
    let batch = first.batch == 1 ? "one decision" : "\(first.batch) decisions"
    var notes = [
      "\(first.parallelText), \(batch) a request,"
        + " \(Numbers.time(first.seconds * 1e9)) measured each; \(first.sizeText)"
    ]
    if first.idleConnections > 0 { notes.append("\(first.idleConnections) further connections idle") }
    if report.measurements.contains(where: { $0.server == nil }) {
      notes.append(
        "the server's CPU was not measured, so there is no chart of it: name its process with --server-pid")
    }
    for it in report.measurements where !it.keptUp {
      notes.append(
        "\(name(of: it)): not kept up, \(Numbers.count(it.unsent)) requests were not sent by the end"
          + " and count with their age")
    }
    for it in report.measurements {
      notes += it.warnings.map { "\(name(of: it)): warning: \($0)" }
    }
    return notes
  }

  private func name(of it: LoadResult) -> String {
    it.offeredPerSecond.map { "\(Numbers.count($0))/s \(it.pace)" } ?? "saturation"
  }

  // MARK: Charts

  private func charts() -> [Chart] {
    let open = report.measurements.filter { $0.offeredPerSecond != nil }
    var charts = [latencyByPercentile()]
    if open.count > 1 { charts.append(latencyByRate(open)) }
    if report.measurements.count > 1, report.measurements.allSatisfy({ $0.server != nil }) {
      charts.append(cpuByRate())
    }
    return charts
  }

  private func latencyByPercentile() -> Chart {
    let shown = shownByPercentile()
    let series = shown.map { index in
      let it = report.measurements[index]
      return Chart.Series(
        name: name(of: it),
        points: it.latency.points.filter { $0.percentile < 100 }.map {
          (Chart.Axis.place(ofPercentile: $0.percentile), Double($0.nanoseconds))
        })
    }
    let most = report.measurements.flatMap(\.latency.points).map(\.percentile).filter { $0 < 100 }.max()
    let left = report.measurements.indices.filter { !shown.contains($0) }.map {
      name(of: report.measurements[$0])
    }
    return Chart(
      title: "Latency by percentile", x: .percentiles(upTo: most ?? 99),
      y: .times("latency", series.flatMap { $0.points.map(\.y) }), series: series,
      note: left.isEmpty
        ? nil
        : "\(shown.count) of the \(report.measurements.count) measurements, from the first to the last;"
          + " only in the table: \(left.joined(separator: ", ")).")
  }

  /// The places of all measurements, or of as many as there are colours for, evenly spread.
  private func shownByPercentile() -> [Int] {
    let last = report.measurements.count - 1
    guard last >= Chart.colourCount else { return Array(report.measurements.indices) }
    return (0..<Chart.colourCount).map { $0 * last / (Chart.colourCount - 1) }
  }

  private func latencyByRate(_ open: [LoadResult]) -> Chart {
    let kinds: [(String, (LoadResult.Latency) -> UInt64)] = [
      ("p50", \.p50), ("p99", \.p99), ("p99.9", \.p999),
    ]
    let sorted = open.sorted { $0.repliesPerSecond < $1.repliesPerSecond }
    let series = kinds.map { name, value in
      Chart.Series(
        name: name, points: sorted.map { ($0.repliesPerSecond, Double(value($0.latency))) },
        marksPoints: true)
    }
    return Chart(
      title: "Throughput against latency, open loop",
      x: .amounts("replies per second", sorted.map(\.repliesPerSecond), label: Numbers.count),
      y: .times("latency", series.flatMap { $0.points.map(\.y) }), series: series)
  }

  private func cpuByRate() -> Chart {
    let points = report.measurements.compactMap { it in
      it.server.map { (x: it.repliesPerSecond, y: $0.cpuNanosecondsPerRequest) }
    }.sorted { $0.x < $1.x }
    return Chart(
      title: "Server CPU per request",
      x: .amounts("replies per second", points.map(\.x), label: Numbers.count),
      y: .amounts("CPU a request", points.map(\.y)) { Numbers.time($0) },
      series: [Chart.Series(name: "CPU", points: points, marksPoints: true)])
  }

  private static let style = """
    :root { color-scheme: light dark; --text: #1c2128; --soft: #57606a; --grid: #d8dee4; --back: #fff;
      --c0: #0969da; --c1: #bf5700; --c2: #1a7f37; --c3: #8250df; --c4: #cf222e; --c5: #6e7781; }
    @media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --soft: #9aa4af; --grid: #30363d;
      --back: #0d1117; --c0: #58a6ff; --c1: #f0883e; --c2: #56d364; --c3: #bc8cff; --c4: #ff7b72;
      --c5: #8b949e; } }
    body { margin: 2rem auto; max-width: 68rem; padding: 0 1rem; color: var(--text);
      background: var(--back); font: 16px/1.5 system-ui, sans-serif; }
    h1 { font-size: 1.6rem; margin-bottom: .3rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
    .fact { color: var(--soft); font-size: .9rem; }
    pre { padding: .6rem .8rem; border: 1px solid var(--grid); border-radius: 6px; overflow-x: auto;
      font-size: .85rem; white-space: pre-wrap; }
    .wide { overflow-x: auto; }
    table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
    th, td { padding: .35rem .6rem; border-bottom: 1px solid var(--grid); text-align: right;
      white-space: nowrap; }
    tbody th, thead th:first-child { text-align: left; font-weight: 600; }
    thead th { color: var(--soft); font-weight: 600; }
    figure { margin: 2rem 0 0; } figcaption { font-weight: 600; margin-bottom: .3rem; }
    svg { width: 100%; height: auto; font: 12px system-ui, sans-serif; }
    .grid { stroke: var(--grid); stroke-width: 1; } .tick, .axis { fill: var(--soft); }
    .line { fill: none; stroke-width: 2; stroke-linejoin: round; } .name { font-weight: 600; }
    .line.c0 { stroke: var(--c0); } .line.c1 { stroke: var(--c1); } .line.c2 { stroke: var(--c2); }
    .line.c3 { stroke: var(--c3); } .line.c4 { stroke: var(--c4); } .line.c5 { stroke: var(--c5); }
    .mark.c0, .name.c0 { fill: var(--c0); } .mark.c1, .name.c1 { fill: var(--c1); }
    .mark.c2, .name.c2 { fill: var(--c2); } .mark.c3, .name.c3 { fill: var(--c3); }
    .mark.c4, .name.c4 { fill: var(--c4); } .mark.c5, .name.c5 { fill: var(--c5); }
    """
}
