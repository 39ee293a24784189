/// Where a Postern listens.
public enum Endpoint: Equatable, Sendable {
  case tcp(host: String, port: Int)
  /// As `tcp`, over TLS 1.3; the server's certificate must be for `host`.
  case tls(host: String, port: Int)
  case unixSocket(path: String)

  /// Reads `http://host:port`, `https://[::1]:8443` or `unix:/run/postern.sock`. Without a port it
  /// is 80, or 443 for `https`.
  public init(_ text: String) throws(EndpointError) {
    if text.hasPrefix("unix:") {
      let path = String(text.dropFirst(5))
      guard path.hasPrefix("/") else { throw EndpointError(text: text, problem: .relativePath) }
      // LIMIT: `sun_path` has 108 bytes on Linux, the final zero included.
      guard path.utf8.count < 108 else { throw EndpointError(text: text, problem: .longPath) }
      self = .unixSocket(path: path)
    } else if text.hasPrefix("http://") || text.hasPrefix("https://") {
      let isSecure = text.hasPrefix("https")
      var rest = text.dropFirst(isSecure ? 8 : 7)
      if rest.hasSuffix("/") { rest = rest.dropLast() }
      guard let (host, port) = Endpoint.hostAndPort(rest, port: isSecure ? 443 : 80) else {
        throw EndpointError(text: text, problem: .badAddress)
      }
      self = isSecure ? .tls(host: host, port: port) : .tcp(host: host, port: port)
    } else {
      throw EndpointError(text: text, problem: .unknownScheme)
    }
  }

  private static func hostAndPort(
    _ text: Substring, port: Int
  ) -> (host: String, port: Int)? {
    var host = text
    var port = port
    let afterBracket = text.lastIndex(of: "]").map { text.index(after: $0) } ?? text.startIndex
    if let colon = text[afterBracket...].lastIndex(of: ":") {
      let digits = text[text.index(after: colon)...]
      guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(digits),
        (1...65_535).contains(number)
      else { return nil }
      port = number
      host = text[..<colon]
    }
    if host.hasPrefix("[") {
      guard host.hasSuffix("]") else { return nil }
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    let stranger: Set<Character> = ["/", "?", "#", "@", " ", "[", "]"]
    guard !host.isEmpty, !host.contains(where: stranger.contains) else { return nil }
    return (String(host), port)
  }

  /// The value of `:scheme`.
  package var scheme: String {
    if case .tls = self { "https" } else { "http" }
  }

  /// The value of `:authority`.
  package var authority: String {
    switch self {
    case .tcp(let host, let port), .tls(let host, let port):
      host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unixSocket: "localhost"
    }
  }
}

extension Endpoint: CustomStringConvertible {
  public var description: String {
    switch self {
    case .tcp: "http://\(authority)"
    case .tls: "https://\(authority)"
    case .unixSocket(let path): "unix:\(path)"
    }
  }
}

/// A text that names no endpoint.
public struct EndpointError: Error, Equatable, Sendable {
  public enum Problem: Sendable {
    case unknownScheme, badAddress, relativePath, longPath
  }

  public var text: String
  public var problem: Problem
}

extension EndpointError: CustomStringConvertible {
  public var description: String {
    switch problem {
    case .unknownScheme: "`\(text)` is no endpoint; write http://host:port, https://host:port or unix:/path"
    case .badAddress: "`\(text)` has no usable host and port; write http://host:port"
    case .relativePath: "`\(text)` needs an absolute path; write unix:/path"
    case .longPath: "`\(text)` is too long for a unix socket; use a path below 108 bytes"
    }
  }
}
