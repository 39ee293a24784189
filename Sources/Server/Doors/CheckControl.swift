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
  /// `postern-tennant` would decide for the wrong tenant, and so would `postern_tenant` and `posterntenant`.
  static func isOurs(_ name: Span<UInt8>) -> Bool {
    guard name.count > 7, name.extracting(0..<7).isText("postern") else { return false }
    if !isLetter(name[7]) { return true }
    for known in readNames where known.span.hasLetters(of: name) { return true }
    return false
  }

  /// Every header that a check reads, but for those of proofs, whose names are settings.
  static let readNames: [[UInt8]] =
    CheckControl.allCases.map { Array($0.headerName.description.utf8) } + ContextHeaders.sources.map(\.name)
    + [Array("x-forwarded-for".utf8)]
}
