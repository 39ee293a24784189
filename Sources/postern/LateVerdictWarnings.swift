import EdgeProof
import Rules
import Server
import Tables
import Wire

/// Late requests are not verified (ops/edge-proof.md). Where a tenant requires proof, who can make one late
/// must not gain by it.
func lateVerdictWarnings(_ store: TableStore, _ settings: ServerConfiguration) throws(WireError) -> [String] {
  let proof = settings.edgeProof
  var warnings: [String] = []
  for key in store.keys where (proof.tenants[key.tenant] ?? proof.mode) == .require {
    guard let chain = store.servedChain(key) else { continue }
    let onLate = chain.view.onLate
    let unproven = try chain.verdictWithoutProof(key, fallback: settings.onMissing)
    guard onLate < unproven else { continue }
    let tenant = key.tenant.isEmpty ? "" : " of tenant `\(key.tenant)`"
    warnings.append(
      "trigger `\(key.trigger)`\(tenant) requires proof and gives a login without it `\(unproven.name)`, but"
        + " `\(onLate.name)` where its time is over: write `onLate: \(unproven.name)` into one of its tables")
  }
  return warnings
}
