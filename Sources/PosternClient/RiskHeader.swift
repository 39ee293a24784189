import Wire

/// A request header in which an edge says what it thinks of a login, or proves that it sent it.
public enum RiskHeader: CaseIterable, Sendable {
  case akamaiBot
  case akamaiUserRisk
  /// The two headers of a G2O signature. What is signed goes into `LoginContext`: `target` at least.
  case g2oAuthData
  case g2oAuthSign
  /// A secret that the edge adds.
  case edgeSecret

  /// By its HTTP name, in any case. Where the edge uses other names for proof, append those by hand.
  public init?(name: some StringProtocol) {
    let name = name.lowercased()
    guard let header = RiskHeader.allCases.first(where: { $0.name == name }) else { return nil }
    self = header
  }

  /// Lower-case, as HTTP/2 writes it.
  public var name: String { field.name }

  var field: Field {
    switch self {
    case .akamaiBot: .akamaiBot
    case .akamaiUserRisk: .akamaiUserRisk
    case .g2oAuthData: .g2oAuthData
    case .g2oAuthSign: .g2oAuthSign
    case .edgeSecret: .edgeSecret
    }
  }
}

/// The risk headers of one login, raw: as they came, as often as they came.
///
/// Who sends a header too often or too long must not be able to make the *call* fail, and so get
/// the verdict for failures. Such headers are kept just over the limit: the server finds their
/// signals `invalid` either way, and the message stays small.
public struct RiskHeaders: Equatable, Sendable {
  /// LIMIT: a header that came twice is as `invalid` as one that came a thousand times.
  static let repetitionMax = 2
  /// LIMIT: one byte over what the server reads.
  static let byteCountMax = Limits.headerByteCount + 1

  struct Value: Equatable, Sendable {
    var header: RiskHeader
    var bytes: [UInt8]
  }

  private(set) var values: [Value] = []

  public init() {}

  /// Takes the risk headers among a request's headers, whatever the case of their names.
  public init(picking headers: some Sequence<(name: String, value: String)>) {
    for (name, value) in headers {
      if let header = RiskHeader(name: name) { append(header, value) }
    }
  }

  /// Appends a header that came; `nil` for one that did not.
  public mutating func append(_ header: RiskHeader, _ value: String?) {
    if let value { append(header, bytes: value.utf8) }
  }

  /// As `append(_:_:)`, for servers that keep header values as bytes.
  public mutating func append(_ header: RiskHeader, bytes: some Sequence<UInt8>) {
    guard values.count(where: { $0.header == header }) < Self.repetitionMax else { return }
    values.append(Value(header: header, bytes: Array(bytes.prefix(Self.byteCountMax))))
  }
}
