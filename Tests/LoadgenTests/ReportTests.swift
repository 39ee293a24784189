import Foundation
import Histogram
@testable import LoadGenerator
import PosternClient
import Testing

extension TextReport {
  /// The text of one result.
  static func sample(_ result: LoadResult...) -> String { TextReport(.sample(result)).text() }
}

extension RunReport {
  static func sample(_ results: [LoadResult], failure: String? = nil) -> RunReport {
    let scenario = Scenario(
      name: "a <b>", about: "", tables: nil, batch: 1, templates: [], actions: [])
    return RunReport(
      scenario: scenario, command: "loadgen", server: "x", measurements: results, failure: failure,
      date: Date(timeIntervalSince1970: 0))
  }
}

@Suite struct ReportTests {
  /// 10,000 replies, the slowest of every hundred ten times as slow.
  private func result(perSecond: Double? = nil, usage: LoadResult.Usage? = nil) -> LoadResult {
    var plan = LoadPlan(endpoint: .tcp(host: "h", port: 1))
    plan.seconds = 2
    if let perSecond { plan.pace = .rate(perSecond: perSecond, .poisson) }
    var tally = Tally()
    for number in 0..<10_000 {
      tally.record(number % 100 == 99 ? 100_000 : 10_000)
      tally.count(requestByteCount: 1500 + number % 2, replyByteCount: 90)
    }
    return LoadResult(plan: plan, batch: 4, tally: tally, usage: usage, idleByteCount: nil)
  }

  /// A server that keeps so many cores busy.
  private func usage(cores: Double) -> LoadResult.Usage {
    var (start, end) = (LoadResult.Instant(getpid()), LoadResult.Instant(getpid()))
    end.uptime = start.uptime + 1_000_000_000
    start.server?.cpuNanoseconds = 0
    end.server?.cpuNanoseconds = UInt64(cores * 1e9)
    return LoadResult.Usage(from: start, to: end)
  }

  @Test func `percentiles, rates and decisions are those of the replies`() {
    let result = result()
    #expect(result.repliesPerSecond == 5000 && result.decisionsPerSecond == 20_000)
    for (value, wanted) in [
      (result.latency.p50, 10_000.0), (result.latency.p90, 10_000), (result.latency.p99, 10_000),
      (result.latency.p999, 100_000), (result.latency.max, 100_000),
    ] {
      #expect(abs(Double(value) / wanted - 1) < 0.001)
    }
    #expect(abs(result.latency.mean / 10_900 - 1) < 0.001)
    #expect(result.latency.points.last?.percentile == 100)
    #expect(result.requestByteCount == 1500.5 && result.replyByteCount == 90)
  }

  @Test func `nothing recorded is no crash`() {
    let empty = LoadResult(
      plan: LoadPlan(endpoint: .tcp(host: "h", port: 1)), batch: 1, tally: Tally(), usage: nil,
      idleByteCount: nil)
    #expect(empty.latency.p99 == 0)
    #expect(HTMLReport(.sample([empty])).html().contains("</html>"))
  }

  @Test(arguments: [(0.52, 1, true), (0.95, 1, false), (1.9, 2, false), (1.2, 2, true)])
  func `a server that rested was not saturated, and the report says so`(
    cores: Double, loops: Int, warns: Bool
  ) throws {
    var plan = LoadPlan(endpoint: .tcp(host: "h", port: 1))
    plan.serverLoops = loops
    var tally = Tally()
    tally.replies = 1
    let usage = usage(cores: cores)
    func warnings() -> [String] {
      let result = LoadResult(plan: plan, batch: 1, tally: tally, usage: usage, idleByteCount: nil)
      let told = result.warnings.allSatisfy {
        TextReport.sample(result).contains($0) && HTMLReport(.sample([result])).html().contains($0)
      }
      #expect(told)
      return result.warnings
    }
    #expect(warnings().contains { $0.hasPrefix("the server was busy for ") } == warns)
    plan.pace = .rate(perSecond: 1, .constant)
    #expect(warnings().isEmpty)
  }

  @Test func `tallies of threads add up`() {
    var sum = Tally()
    var part = Tally()
    part.record(5)
    part.count(requestByteCount: 7, replyByteCount: 2)
    part.versions = [1]
    part.missing.add([7, 3], 10)
    part.streams = 8
    sum.add(part)
    part.versions = [2]
    part.streams = 5
    sum.add(part)
    #expect(sum.replies == 2 && sum.latencies.totalCount == 2 && sum.versions == [1, 2])
    #expect(sum.missing == MissingReplies(count: 4, connections: 2, oldestNanoseconds: 7))
    #expect(sum.streams == 5 && sum.requestByteCount == 14 && sum.replyByteCount == 4)
  }

  @Test(arguments: [
    (0.0, "0 ns"), (999, "999 ns"), (1500, "1.50 µs"), (45_600, "45.6 µs"), (2.5e8, "250 ms"),
    (3e9, "3.00 s"),
  ])
  func `times have three digits`(nanoseconds: Double, text: String) {
    #expect(Numbers.time(nanoseconds) == text)
  }

  @Test(arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"), (-1000, "-1,000")])
  func `large numbers have commas`(number: Int, text: String) { #expect(Numbers.count(number) == text) }

  @Test func `the page needs no network, and shows text as text`() {
    let html = HTMLReport(.sample([result(), result(perSecond: 100), result(perSecond: 200)])).html()
    #expect(!html.contains("src=") && !html.contains("href=") && !html.contains("url("))
    #expect(html.contains("a &lt;b&gt;") && !html.contains("<b>"))
    #expect(html.components(separatedBy: "<svg").count == 3)
  }

  private func titles(_ html: String) -> [String] {
    html.matches(of: #/<figcaption>([^<]*)</#).map { String($0.1) }
  }

  /// The names at the lines of the first chart.
  private func namesByPercentile(_ html: String) -> [String] {
    html.components(separatedBy: "</figure>")[0].matches(of: #/class="name c\d"[^>]*>([^<]*)</#)
      .map { String($0.1) }
  }

  @Test func `a sweep has three charts: by percentile, by rate, and of the server's CPU`() {
    let results = [nil, 100.0, 200].map { result(perSecond: $0, usage: usage(cores: 0.5)) }
    let html = HTMLReport(.sample(results)).html()
    #expect(
      titles(html) == [
        "Latency by percentile", "Throughput against latency, open loop", "Server CPU per request",
      ])
    // Half a core for 5,000 requests a second.
    #expect(html.contains("<td>100 µs</td><td>50 %</td>"))
    #expect(!html.contains("was not measured"))
  }

  @Test func `where the server's CPU is not known the report says what to do`() {
    let html = HTMLReport(.sample([result(), result(perSecond: 100)])).html()
    #expect(titles(html) == ["Latency by percentile"])
    #expect(html.contains("no chart of it: name its process with --server-pid"))
  }

  @Test(arguments: [1, 6, 7, 8, 51])
  func `more measurements than colours are spread, and those left out are named`(count: Int) {
    let results = (1...count).map { result(perSecond: Double($0)) }
    let html = HTMLReport(.sample(results)).html()
    let shown = namesByPercentile(html)
    #expect(shown.count == min(count, 6))
    #expect(shown.contains("1/s poisson") && shown.contains("\(count)/s poisson"))
    let note = html.firstMatch(of: #/only in the table: ([^.]*)\./#)?.1.components(separatedBy: ", ") ?? []
    #expect(Set(shown).isDisjoint(with: note) && shown.count + note.count == count)
    #expect(html.contains("6 of the \(count) measurements") == (count > 6))
  }

  @Test func `charts are well-formed and stay within their frame`() throws {
    let results = [nil, 100.0, 200].map { result(perSecond: $0, usage: usage(cores: 0.5)) }
    let html = HTMLReport(.sample(results)).html()
    let points = html.matches(of: #/points="([^"]*)"/#).flatMap { $0.1.split(separator: " ") }
    #expect(points.count > 20)
    for point in points {
      let place = point.split(separator: ",").compactMap { Double($0) }
      #expect(place.count == 2 && (76...728).contains(place[0]) && (16...306).contains(place[1]), "\(point)")
    }
  }

  @Test func `a run that ended early says why, in every form`() throws {
    let report = RunReport.sample([result()], failure: "2 replies < 3")
    #expect(TextReport(report).text().contains("NOT FINISHED: 2 replies < 3"))
    #expect(HTMLReport(report).html().contains("<strong>Not finished:</strong> 2 replies &lt; 3"))
    #expect(try report.json().contains(#""failure" : "2 replies < 3""#))
    let whole = RunReport.sample([result()])
    #expect(!TextReport(whole).text().contains("NOT FINISHED"))
    #expect(!HTMLReport(whole).html().contains("Not finished"))
    #expect(try !whole.json().contains("failure"))
  }

  @Test func `what a report says of a wrong reply has no bytes`() {
    let failure = LoadFailure.wrong("verdict `deny`", sent: [1], got: [2])
    #expect(failure.summary == "verdict `deny`" && failure.description.contains("sent 1 bytes"))
  }

  @Test func `JSON reads back as it was`() throws {
    let report = RunReport.sample([result(perSecond: 5)])
    let again = try JSONDecoder().decode(RunReport.self, from: Data(report.json().utf8))
    #expect(again.measurements[0].latency.p99 == report.measurements[0].latency.p99)
    #expect(again.measurements[0].offeredPerSecond == 5)
  }
}
