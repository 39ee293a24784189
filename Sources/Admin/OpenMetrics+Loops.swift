import Server

/// What the loops tell of themselves: how long they take, at what, and how much they move.
extension OpenMetrics {
  static func loops(_ metrics: MetricsSnapshot) -> String {
    quantiles(metrics.serviceTimes) + stages(metrics.stages) + activity(metrics.loops)
  }

  private static func quantiles(_ times: [MetricsSnapshot.ServiceTime]) -> String {
    var text =
      "# TYPE postern_service_quantile_seconds gauge\n"
      + "# HELP postern_service_quantile_seconds Service time that a part of all requests since the"
      + " start kept to, by door; at most a sixteenth above it.\n"
    for time in times {
      for quantile in time.quantiles {
        text +=
          "postern_service_quantile_seconds{door=\"\(time.door)\",quantile=\"\(quantile.part)\"}"
          + " \(seconds(quantile.nanoseconds))\n"
      }
    }
    return text
  }

  private static func stages(_ stages: [(stage: Stage, nanoseconds: UInt64)]) -> String {
    var text =
      "# TYPE postern_stage_seconds counter\n"
      + "# HELP postern_stage_seconds Time by stage in the read batches that are timed, one of many;"
      + " divide by postern_loop_timed_requests.\n"
    for (stage, nanoseconds) in stages {
      text += "postern_stage_seconds_total{stage=\"\(stage.name)\"} \(seconds(nanoseconds))\n"
    }
    return text
  }

  private static func activity(_ loops: [MetricsSnapshot.Loop]) -> String {
    var text = ""
    for (place, activity) in LoopActivity.allCases.enumerated() {
      let name = "postern_loop_\(activity.name)"
      text += "# TYPE \(name) counter\n# HELP \(name) \(help(activity))\n"
      for (number, loop) in loops.enumerated() {
        text += "\(name)_total{loop=\"\(number)\"} \(loop.activities[place].count)\n"
      }
    }
    return text
  }

  private static func help(_ activity: LoopActivity) -> String {
    switch activity {
    case .reads: "Reads of sockets, by event loop: the batches that requests come in."
    case .readBytes: "Bytes read, by event loop."
    case .writtenBytes: "Bytes written, by event loop."
    case .requests: "Requests answered and not refused, messages of streams among them, by event loop."
    case .timedReads: "Read batches that were timed stage by stage, by event loop."
    case .timedRequests: "Requests answered in read batches that were timed, by event loop."
    }
  }

  static func seconds(_ nanoseconds: UInt64) -> String { "\(Double(nanoseconds) / 1_000_000_000)" }
}
