import Wire

/// What one tenant asks, and which keys are its own.
public struct TenantProof: BitwiseCopyable, Equatable, Sendable {
  public var mode: EdgeProofMode
  /// Its bit in the scope of a key: 0 for every tenant that is not named.
  var bit: UInt8

  public static let off = TenantProof(mode: .off, bit: 0)
}

/// The tenants that the settings name, and what all others ask.
struct TenantModes: ~Copyable {
  private var names = ByteWriter()
  private var entries = ScratchList<(name: ByteRange, proof: TenantProof)>()
  private var bits: [String: UInt8] = [:]
  private let others: TenantProof

  /// `tenants` without a mode of their own ask what `mode` says.
  init(_ mode: EdgeProofMode, _ tenants: [(name: String, mode: EdgeProofMode?)]) {
    others = TenantProof(mode: mode, bit: 0)
    for (index, tenant) in tenants.enumerated() {
      let bit = UInt8(index + 1)
      let range = ByteRange(offset: names.count, count: tenant.name.utf8.count)
      names.append(tenant.name)
      bits[tenant.name] = bit
      entries.append((range, TenantProof(mode: tenant.mode ?? mode, bit: bit)))
    }
  }

  /// O(named tenants).
  func proof(of tenant: Span<UInt8>) -> TenantProof {
    for index in entries.indices
    where names.span.extracting(entries[index].name).elementsEqual(tenant) {
      return entries[index].proof
    }
    return others
  }

  /// The tenants that a key or a secret is for, a bit each; all where none is named.
  func scope(of tenants: [String]) -> UInt64 {
    tenants.isEmpty ? .max : tenants.reduce(0) { $0 | 1 << UInt64(bits[$1] ?? 0) }
  }
}
