import Foundation

/// Lines over two axes, as an SVG that takes its colours from the page around it.
struct Chart {
  struct Series {
    var name: String
    /// In the units of the axes.
    var points: [(x: Double, y: Double)]
    /// Whether each point is shown as well: for points that were measured one by one.
    var marksPoints = false
  }

  struct Tick {
    var at: Double
    var label: String
  }

  struct Axis {
    var title: String
    var range: ClosedRange<Double>
    var ticks: [Tick]
    var isLogarithmic = false

    /// 0 at the lower end, 1 at the upper.
    func share(of value: Double) -> Double {
      func place(_ value: Double) -> Double { isLogarithmic ? log10(max(value, 1e-12)) : value }
      let (low, high) = (place(range.lowerBound), place(range.upperBound))
      return high > low ? (place(value) - low) / (high - low) : 0.5
    }
  }

  var title: String
  var x: Axis
  var y: Axis
  var series: [Series]
  /// A sentence below it: what is not shown.
  var note: String?

  /// LIMIT: as many colours as the page defines.
  static let colourCount = 6
  private static let (width, height) = (860.0, 360.0)
  // LIMIT: `1,000,000/s constant` has room behind its line.
  private static let (left, right, top, bottom) = (76.0, 164.0, 16.0, 54.0)

  func svg() -> String {
    let lines = series.enumerated().map { line($1, colour: $0 % Self.colourCount) }
    return """
      <figure><figcaption>\(title.escaped)</figcaption>
      <svg viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" role="img" aria-label="\(title.escaped)">
      \((grid() + lines + labels()).joined(separator: "\n"))
      </svg>\(note.map { "<p class=\"fact\">\($0.escaped)</p>" } ?? "")</figure>
      """
  }

  private func horizontal(_ value: Double) -> Double {
    Self.left + x.share(of: value) * (Self.width - Self.left - Self.right)
  }

  private func vertical(_ value: Double) -> Double {
    Self.height - Self.bottom - y.share(of: value) * (Self.height - Self.top - Self.bottom)
  }

  private func grid() -> [String] {
    let (end, floor) = (Self.width - Self.right, Self.height - Self.bottom)
    let rows = y.ticks.flatMap { tick in
      let height = vertical(tick.at)
      return [
        line(from: (Self.left, height), to: (end, height)),
        text("tick", at: (Self.left - 8, height + 4), anchor: "end", tick.label),
      ]
    }
    let columns = x.ticks.flatMap { tick in
      let place = horizontal(tick.at)
      return [
        line(from: (place, Self.top), to: (place, floor)),
        text("tick", at: (place, floor + 18), anchor: "middle", tick.label),
      ]
    }
    let middle = (x: (Self.left + end) / 2, y: (Self.top + floor) / 2)
    let turned =
      "<text class=\"axis\" transform=\"translate(14 \(n(middle.y))) rotate(-90)\""
      + " text-anchor=\"middle\">\(y.title.escaped)</text>"
    return rows + columns + [
      text("axis", at: (middle.x, Self.height - 10), anchor: "middle", x.title), turned,
    ]
  }

  private func line(from start: (Double, Double), to end: (Double, Double)) -> String {
    "<line class=\"grid\" x1=\"\(n(start.0))\" y1=\"\(n(start.1))\" x2=\"\(n(end.0))\""
      + " y2=\"\(n(end.1))\"/>"
  }

  private func text(
    _ kind: String, at place: (Double, Double), anchor: String, _ content: String
  ) -> String {
    "<text class=\"\(kind)\" x=\"\(n(place.0))\" y=\"\(n(place.1))\""
      + " text-anchor=\"\(anchor)\">\(content.escaped)</text>"
  }

  private func line(_ series: Series, colour: Int) -> String {
    let places = series.points.map { "\(n(horizontal($0.x))),\(n(vertical($0.y)))" }
    let marks = series.points.filter { _ in series.marksPoints }.map { point in
      "<circle class=\"mark c\(colour)\" cx=\"\(n(horizontal(point.x)))\""
        + " cy=\"\(n(vertical(point.y)))\" r=\"3.5\"/>"
    }
    return "<polyline class=\"line c\(colour)\" points=\"\(places.joined(separator: " "))\"/>"
      + marks.joined()
  }

  /// The names at the ends of their lines, moved apart where these meet.
  private func labels() -> [String] {
    let spacing = 15.0
    var places = series.enumerated().compactMap { index, series in
      series.points.last.map { (index: index, y: vertical($0.y)) }
    }.sorted { $0.y < $1.y }
    for index in places.indices.dropFirst() {
      places[index].y = max(places[index].y, places[index - 1].y + spacing)
    }
    let overflow = (places.last?.y ?? 0) - (Self.height - Self.bottom)
    return places.map { place in
      text(
        "name c\(place.index % Self.colourCount)",
        at: (Self.width - Self.right + 8, place.y - max(0, overflow) + 4), anchor: "start",
        series[place.index].name)
    }
  }

  private func n(_ number: Double) -> String { String(format: "%.1f", number) }
}

extension Chart.Axis {
  /// Times from the least to the greatest, in powers of ten with 2 and 5 between.
  static func times(_ title: String, _ values: [Double]) -> Self {
    let positive = values.filter { $0 > 0 }
    let steps = (0...12).flatMap { power in [1.0, 2, 5].map { $0 * pow(10, Double(power)) } }
    let low = steps.last { $0 <= positive.min() ?? 1 } ?? 1
    let high = steps.first { $0 >= positive.max() ?? 10 } ?? 1e12
    let inside = steps.filter { (low...max(low, high)).contains($0) }
    let isWide = inside.count > 10
    let ticks = inside.filter { value in
      !isWide || log10(value).rounded() == log10(value) || value == low || value == high
    }
    return Self(
      title: title, range: low...max(high, low * 2),
      ticks: ticks.map { Chart.Tick(at: $0, label: Self.label(ofTime: $0)) }, isLogarithmic: true)
  }

  private static func label(ofTime nanoseconds: Double) -> String {
    let units: [(Double, String)] = [(1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1, "ns")]
    let unit = units.first { nanoseconds >= $0.0 } ?? (1, "ns")
    return "\(Int((nanoseconds / unit.0).rounded())) \(unit.1)"
  }

  /// From zero to the greatest, in round steps.
  static func amounts(_ title: String, _ values: [Double], label: (Double) -> String) -> Self {
    let most = max(values.max() ?? 1, 1)
    let power = pow(10, floor(log10(most)))
    let step = [0.1, 0.2, 0.25, 0.5, 1, 2].map { $0 * power }.first { most / $0 <= 6 } ?? power
    let count = Int((most / step).rounded(.up))
    return Self(
      title: title, range: 0...(Double(count) * step),
      ticks: (0...count).map { Chart.Tick(at: Double($0) * step, label: label(Double($0) * step)) })
  }

  /// Percentiles, each nine as wide as the one before.
  static func percentiles(upTo most: Double) -> Self {
    let ticks: [(Double, String)] = [
      (0, "0 %"), (50, "50 %"), (90, "90 %"), (99, "99 %"), (99.9, "99.9 %"), (99.99, "99.99 %"),
      (99.999, "99.999 %"), (99.9999, "99.9999 %"),
    ]
    let end = max(1, place(ofPercentile: most))
    return Self(
      title: "percentile", range: 0...end,
      ticks: ticks.map { Chart.Tick(at: place(ofPercentile: $0.0), label: $0.1) }
        .filter { $0.at <= end })
  }

  static func place(ofPercentile percentile: Double) -> Double {
    -log10(max(1 - percentile / 100, 1e-7))
  }
}

extension String {
  /// For the text of an HTML page.
  var escaped: String {
    replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;")
  }
}
