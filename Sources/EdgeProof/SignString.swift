import Wire

/// What the edge signs beside the header: by default the path and the query that it forwards.
///
/// G2O binds nothing else: not the method unless it is named here, not the body, and no other header,
/// `Akamai-Bot` and `Akamai-User-Risk` among them.
public struct SignString: Equatable, Sendable {
  public enum Part: UInt8, BitwiseCopyable, CaseIterable, Sendable {
    case method, scheme, hostHeader, domain
    /// Path and query.
    case url
    case path
    /// Without the `?`.
    case query
    /// The path behind its last `/`.
    case fileName
    /// The file name behind its last `.`.
    case fileExtension
    case clientAddress

    /// The edge's name for it.
    public var name: String {
      switch self {
      case .method: "AK_METHOD"
      case .scheme: "AK_SCHEME"
      case .hostHeader: "AK_HOSTHEADER"
      case .domain: "AK_DOMAIN"
      case .url: "AK_URL"
      case .path: "AK_PATH"
      case .query: "AK_QUERY"
      case .fileName: "AK_FILENAME"
      case .fileExtension: "AK_EXTENSION"
      case .clientAddress: "AK_CLIENT_REAL_IP"
      }
    }

    public init?(name: String) {
      guard let part = Self.allCases.first(where: { $0.name == name }) else { return nil }
      self = part
    }
  }

  /// LIMIT: four bits of a word each.
  public static let partCountMax = 16

  /// The parts in order, four bits each, lowest first: an array would be counted when it is read.
  private var packed: UInt64 = 0
  private var partCount = 0

  /// One to `partCountMax` parts, one behind the other.
  public init(_ parts: [Part] = [.url]) {
    precondition(!parts.isEmpty && parts.count <= Self.partCountMax)
    for part in parts {
      packed |= UInt64(part.rawValue) << UInt64(4 * partCount)
      partCount += 1
    }
  }

  /// The part at an index below `partCount`.
  private func part(at index: Int) -> Part {
    Part(rawValue: UInt8(truncatingIfNeeded: packed >> UInt64(4 * index) & 0xF))!
  }

  /// Whether all that the parts are taken from is there, and ends where it seems to: the parts stand one
  /// behind the other. A method is one that HTTP has, and none of them begins another. A host has no `/`. A
  /// target begins with one: a character of the part before it cannot pass for its first. A target without a
  /// query has an empty one; a request without a target has not said what is signed.
  func isKnown(_ request: borrowing SignedRequest) -> Bool {
    for index in 0..<partCount {
      let isKnown =
        switch part(at: index) {
        case .method: request.hasKnownMethod
        case .scheme: request.hasKnownScheme
        case .hostHeader, .domain: request.hasHost
        case .url, .path, .query, .fileName, .fileExtension:
          !request.target.isEmpty && request.target[0] == UInt8(ascii: "/")
        case .clientAddress: !request.clientAddress.isEmpty
        }
      if !isKnown { return false }
    }
    return true
  }

  /// Appends the sign-string of a request. O(bytes).
  func append(_ request: borrowing SignedRequest, to out: inout ByteWriter) {
    for index in 0..<partCount {
      switch part(at: index) {
      case .method: out.append(request.method)
      case .scheme: out.append(request.scheme)
      case .hostHeader: out.append(request.host)
      case .domain: out.append(request.domain)
      case .url: out.append(request.target)
      case .path: out.append(request.path)
      case .query: out.append(request.query)
      case .fileName: out.append(request.fileName)
      case .fileExtension: out.append(request.fileExtension)
      case .clientAddress: out.append(request.clientAddress)
      }
    }
  }
}

/// The request that reached the edge's customer, as far as a signature may cover it. Borrowed.
public struct SignedRequest: ~Escapable, Copyable {
  public let method: Span<UInt8>
  public let scheme: Span<UInt8>
  /// The `host` header, port included.
  public let host: Span<UInt8>
  /// Path and query as forwarded, from the first `/`.
  public let target: Span<UInt8>
  public let clientAddress: Span<UInt8>

  /// Parts that are not known are empty.
  @_lifetime(copy method, copy scheme, copy host, copy target, copy clientAddress)
  public init(
    method: Span<UInt8>, scheme: Span<UInt8>, host: Span<UInt8>, target: Span<UInt8>,
    clientAddress: Span<UInt8>
  ) {
    self.method = method
    self.scheme = scheme
    self.host = host
    self.target = target
    self.clientAddress = clientAddress
  }

  fileprivate var hasKnownMethod: Bool {
    method.isText("POST") || method.isText("GET") || method.isText("PUT") || method.isText("PATCH")
      || method.isText("DELETE") || method.isText("HEAD") || method.isText("OPTIONS")
      || method.isText("TRACE") || method.isText("CONNECT")
  }

  /// In front of a host, "http" and a host that begins with "s" are "https" and another host.
  fileprivate var hasKnownScheme: Bool {
    if scheme.isText("https") { return true }
    return scheme.isText("http") && !(host.count > 0 && host[0] | 0x20 == UInt8(ascii: "s"))
  }

  fileprivate var hasHost: Bool {
    for index in host.indices where host[index] == UInt8(ascii: "/") { return false }
    return !host.isEmpty
  }

  /// The host without its port.
  var domain: Span<UInt8> {
    @_lifetime(copy self)
    get {
      let end = lastIndex(of: UInt8(ascii: ":"), in: host) ?? host.count
      // An IPv6 host has colons of its own, inside brackets.
      if lastIndex(of: UInt8(ascii: "]"), in: host) ?? -1 > end { return host }
      return host.extracting(0..<end)
    }
  }

  private var queryMark: Int? {
    for index in target.indices where target[index] == UInt8(ascii: "?") { return index }
    return nil
  }

  var path: Span<UInt8> {
    @_lifetime(copy self)
    get { target.extracting(0..<(queryMark ?? target.count)) }
  }

  var query: Span<UInt8> {
    @_lifetime(copy self)
    get { target.extracting(min((queryMark ?? target.count) + 1, target.count)..<target.count) }
  }

  var fileName: Span<UInt8> {
    @_lifetime(copy self)
    get {
      let path = path
      let start = (lastIndex(of: UInt8(ascii: "/"), in: path) ?? -1) + 1
      return path.extracting(start..<path.count)
    }
  }

  var fileExtension: Span<UInt8> {
    @_lifetime(copy self)
    get {
      let name = fileName
      let start = lastIndex(of: UInt8(ascii: "."), in: name).map { $0 + 1 } ?? name.count
      return name.extracting(start..<name.count)
    }
  }

  private func lastIndex(of byte: UInt8, in text: Span<UInt8>) -> Int? {
    var index = text.count
    while index > 0 {
      index -= 1
      if text[index] == byte { return index }
    }
    return nil
  }
}
