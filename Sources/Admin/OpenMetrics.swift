import Server
import Tables
import Wire

/// Metrics as OpenMetrics text.
enum OpenMetrics {
  static let contentType = "application/openmetrics-text; version=1.0.0; charset=utf-8"

  /// One exposition, `# EOF` included.
  static func text(
    _ metrics: MetricsSnapshot, _ status: AdminStatus, _ chains: ChainMetrics
  ) -> String {
    var text = ""
    func family(_ name: String, _ type: String, _ help: String) {
      text += "# TYPE \(name) \(type)\n# HELP \(name) \(help)\n"
    }

    family(
      "postern_decisions", "counter",
      "Decisions by trigger, verdict and the verdict if every table were enforced.")
    for entry in metrics.decisions {
      text +=
        "postern_decisions_total{trigger=\"\(entry.trigger)\",verdict=\"\(entry.verdict.name)\""
        + ",would_be=\"\(entry.wouldBe.name)\"} \(entry.count)\n"
    }
    family("postern_decision_flags", "counter", "Decisions on which a reply flag was raised.")
    for entry in metrics.flags {
      text += "postern_decision_flags_total{flag=\"\(entry.name)\"} \(entry.count)\n"
    }
    family("postern_refusals", "counter", "Requests refused, by error code.")
    for entry in metrics.refusals {
      text += "postern_refusals_total{code=\"\(entry.name)\"} \(entry.count)\n"
    }
    family(
      "postern_service_seconds", "histogram",
      "From the arrival of a request's last bytes to its reply, by door.")
    for entry in metrics.serviceTimes { text += histogram(entry) }
    text += loops(metrics)
    text += proof(metrics)
    family(
      "postern_http2_offences", "counter",
      "Connections ended for what their peers did, and requests ended for being slow, by kind.")
    for entry in metrics.offences {
      text += "postern_http2_offences_total{kind=\"\(entry.name)\"} \(entry.count)\n"
    }
    text += doors(metrics.doors)
    family("postern_connections_opened", "counter", "Connections accepted.")
    text += "postern_connections_opened_total \(metrics.connectionsOpened)\n"
    family("postern_connections", "gauge", "Connections open.")
    text += "postern_connections \(metrics.connectionsOpen)\n"
    text += overload(metrics.overload)
    family("postern_table_loads", "counter", "Loads of the table directory or of bundles, by outcome.")
    text += "postern_table_loads_total{outcome=\"published\"} \(status.loadsPublished)\n"
    text += "postern_table_loads_total{outcome=\"refused\"} \(status.loadsRefused)\n"
    if let bundle = status.bundle {
      family("postern_bundle_refusals", "counter", "Bundles refused, by reason.")
      for entry in bundle.refusals {
        text += "postern_bundle_refusals_total{reason=\"\(entry.reason)\"} \(entry.count)\n"
      }
      family(
        "postern_bundle_serial", "gauge",
        "Serial of the newest bundle accepted; 0 for none. Pinned chains keep the version of their pin.")
      text += "postern_bundle_serial \(bundle.serial)\n"
      if let expires = bundle.expires {
        family(
          "postern_bundle_expires_timestamp_seconds", "gauge",
          "When the newest bundle accepted expires.")
        text += "postern_bundle_expires_timestamp_seconds \(expires)\n"
      }
    }
    text += Self.text(chains)
    family("postern_ready", "gauge", "Whether tables are loaded and requests are answered.")
    text += "postern_ready \(status.isReady ? 1 : 0)\n"
    return text + "# EOF\n"
  }

  private static func proof(_ metrics: MetricsSnapshot) -> String {
    var text =
      "# TYPE postern_edge_proof counter\n"
      + "# HELP postern_edge_proof Requests verified, by what the tenant asks and the outcome.\n"
    for entry in metrics.edgeProofs {
      text +=
        "postern_edge_proof_total{mode=\"\(entry.mode)\",outcome=\"\(entry.outcome)\"}"
        + " \(entry.count)\n"
    }
    text += "# TYPE postern_edge_proof_loads counter\n"
    text += "# HELP postern_edge_proof_loads Loads of its settings and secrets, by outcome.\n"
    text += "postern_edge_proof_loads_total{outcome=\"used\"} \(metrics.edgeProofLoads)\n"
    text += "postern_edge_proof_loads_total{outcome=\"refused\"} \(metrics.edgeProofLoadsRefused)\n"
    for (name, help, count) in [
      (
        "postern_edge_proof_replays_forgotten",
        "Signatures forgotten before their window ended: the memory is too small.",
        metrics.replaysForgotten
      ),
      (
        "postern_lookalike_headers", "Headers whose names resemble one that is read, and are none.",
        metrics.lookAlikeHeaders
      ),
      (
        "postern_forwarded_headers_ignored",
        "X-forwarded headers of peers that `forwardedFrom` does not name.", metrics.ignoredForwardedHeaders
      ),
    ] {
      text += "# TYPE \(name) counter\n# HELP \(name) \(help)\n\(name)_total \(count)\n"
    }
    return text
  }

  /// What the chains count. Where there is more than may be exported the help says so: OpenMetrics
  /// has no other comments.
  private static func text(_ chains: ChainMetrics) -> String {
    let cut =
      chains.rulesCut == 0
      ? "" : " Cut: \(chains.rules.count) of \(chains.rules.count + chains.rulesCut) rules with hits."
    var text =
      "# TYPE postern_rule_hits counter\n"
      + "# HELP postern_rule_hits Hits by rule since its chain was published, enforced or not.\(cut)\n"
    for rule in chains.rules {
      let labels =
        "tenant=\"\(rule.key.tenant)\",trigger=\"\(rule.key.trigger)\",table=\"\(rule.table)\""
        + ",rule=\"\(rule.rule)\""
      for (effect, count) in [("enforced", rule.enforced), ("would_be", rule.wouldBe)]
      where count > 0 {
        text += "postern_rule_hits_total{\(labels),effect=\"\(effect)\"} \(count)\n"
      }
    }
    text +=
      "# TYPE postern_shadow_decisions counter\n"
      + "# HELP postern_shadow_decisions What a candidate table said beside the live verdict.\n"
    for entry in chains.shadows {
      text +=
        "postern_shadow_decisions_total{tenant=\"\(entry.key.tenant)\",trigger=\"\(entry.key.trigger)\""
        + ",table=\"\(entry.table)\",live=\"\(entry.live)\",shadow=\"\(entry.shadow)\"}"
        + " \(entry.count)\n"
    }
    for (name, help, count) in [
      ("postern_rules_cut", "Rules with hits that are not exported.", chains.rulesCut),
      ("postern_killed_triggers", "Triggers that are killed.", chains.switches.killedTriggers),
      ("postern_killed_tables", "Tables that are killed.", chains.switches.killedTables),
      ("postern_pinned_chains", "Chains rolled back and not resumed.", chains.switches.pinned),
    ] {
      text += "# TYPE \(name) gauge\n# HELP \(name) \(help)\n\(name) \(count)\n"
    }
    return text
  }

  private static func histogram(_ entry: MetricsSnapshot.ServiceTime) -> String {
    var text = ""
    for (index, count) in entry.cumulative.enumerated() {
      let bound =
        index < LoopMetrics.serviceTimeBounds.count
        ? seconds(LoopMetrics.serviceTimeBounds[index]) : "+Inf"
      text += "postern_service_seconds_bucket{door=\"\(entry.door)\",le=\"\(bound)\"} \(count)\n"
    }
    text += "postern_service_seconds_sum{door=\"\(entry.door)\"} \(seconds(entry.nanoseconds))\n"
    text += "postern_service_seconds_count{door=\"\(entry.door)\"} \(entry.cumulative.last ?? 0)\n"
    return text
  }
}
