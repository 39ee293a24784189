import Wire

/// A header of `/v1/check` that says something of the request itself rather than of the login.
enum CheckControl: UInt8, CaseIterable {
  case tenant, correlationID, budgetMicroseconds, explain, parts

  init?(named name: Span<UInt8>) {
    // Not by `allCases`, which is an array made anew.
    var control = CheckControl.tenant
    while !name.isText(control.headerName) {
      guard let next = CheckControl(rawValue: control.rawValue + 1) else { return nil }
      control = next
    }
    self = control
  }

  var headerName: StaticString {
    switch self {
    case .tenant: "postern-tenant"
    case .correlationID: "postern-correlation-id"
    case .budgetMicroseconds: "postern-budget-us"
    case .explain: "postern-explain"
    case .parts: "postern-parts"
    }
  }

  /// Whether a name can only be meant for us: one of those that we do not know is a misspelt other, and
  /// `postern-tennant` would decide for the wrong tenant. Some servers write hyphens as `_`.
  static func isOurs(_ name: Span<UInt8>) -> Bool {
    guard name.count > 7, name[7] == UInt8(ascii: "-") || name[7] == UInt8(ascii: "_") else { return false }
    return name.extracting(0..<7).isText("postern")
  }
}
