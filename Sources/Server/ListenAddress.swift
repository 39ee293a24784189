import NIOCore

/// Where a server listens: `127.0.0.1:8080`, `[::1]:8080`, `unix:/run/postern.sock`.
public enum ListenAddress: Hashable, Sendable {
  case tcp(host: String, port: Int)
  case unix(path: String)

  /// `nil` when the text is neither form. Port 0 lets the system choose.
  public init?(_ text: String) {
    if text.hasPrefix("unix:") {
      let path = String(text.dropFirst("unix:".count))
      guard !path.isEmpty else { return nil }
      self = .unix(path: path)
      return
    }
    guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
      (0...65_535).contains(port)
    else { return nil }
    var host = String(text[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = String(host.dropFirst().dropLast())
    } else if host.contains(":") {
      return nil
    }
    guard !host.isEmpty else { return nil }
    self = .tcp(host: host, port: port)
  }

  init(_ address: SocketAddress?, or requested: ListenAddress) {
    guard case .tcp(let host, _) = requested, let port = address?.port else {
      self = requested
      return
    }
    self = .tcp(host: host, port: port)
  }
}

extension ListenAddress: CustomStringConvertible {
  public var description: String {
    switch self {
    case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unix(let path): "unix:\(path)"
    }
  }
}
