import Server

extension OpenMetrics {
  /// Connections that were refused before they asked anything, and the certificates.
  static func doors(_ doors: DoorMetrics) -> String {
    var text =
      "# TYPE postern_connections_refused counter\n"
      + "# HELP postern_connections_refused Connections refused before a request, by reason.\n"
    for entry in doors.refusals {
      text += "postern_connections_refused_total{reason=\"\(entry.reason)\"} \(entry.count)\n"
    }
    guard !doors.certificateDays.isEmpty else { return text }
    text += "# TYPE postern_tls_handshakes counter\n"
    text += "# HELP postern_tls_handshakes TLS handshakes that ended well.\n"
    text += "postern_tls_handshakes_total \(doors.handshakes)\n"
    text += "# TYPE postern_tls_loads counter\n"
    text += "# HELP postern_tls_loads Loads of certificates, key and roots, by outcome.\n"
    text += "postern_tls_loads_total{outcome=\"used\"} \(doors.tlsLoads)\n"
    text += "postern_tls_loads_total{outcome=\"refused\"} \(doors.tlsLoadsRefused)\n"
    text += "# TYPE postern_tls_certificate_expiry_days gauge\n"
    text += "# HELP postern_tls_certificate_expiry_days Days until a certificate in use ends.\n"
    for entry in doors.certificateDays {
      text +=
        "postern_tls_certificate_expiry_days{certificate=\"\(entry.certificate)\"} \(entry.days)\n"
    }
    return text
  }
}
