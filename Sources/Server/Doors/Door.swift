import HTTP2
import Wire

/// What a request asks for, by its path.
enum Door: Int, CaseIterable, Sendable {
  case decide, check, ping, stream

  static let checkPrefix: StaticString = "/v1/check/"

  var name: String {
    switch self {
    case .decide: "decide"
    case .check: "check"
    case .ping: "ping"
    case .stream: "stream"
    }
  }

  /// The door of a path; `nil` when there is none. The query does not count.
  private init?(path: Span<UInt8>) {
    if path.isPath("/v1/decide") {
      self = .decide
    } else if path.hasPrefix(Door.checkPrefix) {
      self = .check
    } else if path.isPath("/v1/stream") {
      self = .stream
    } else if path.isPath("/v1/ping") {
      self = .ping
    } else {
      return nil
    }
  }

  /// The door of a request.
  init?(of stream: HTTP2Stream) { self.init(rawValue: Int(stream.route) - 1) }

  /// What becomes of a request to a path while it comes in.
  static func handling(of path: Span<UInt8>) -> RequestHandling {
    guard let door = Door(path: path) else { return .whole }
    let route = UInt8(door.rawValue + 1)
    return switch door {
    case .decide, .ping: .whole(route: route)
    case .check: .headOnly(route: route)
    case .stream: .streamed(route: route)
    }
  }
}

extension Span where Element == UInt8 {
  func hasPrefix(_ prefix: StaticString) -> Bool {
    let byteCount = prefix.utf8CodeUnitCount
    return count >= byteCount && extracting(0..<byteCount).isText(prefix)
  }

  /// Whether these are the bytes of a path, with or without a query behind it.
  fileprivate func isPath(_ path: StaticString) -> Bool {
    let byteCount = path.utf8CodeUnitCount
    guard hasPrefix(path) else { return false }
    return count == byteCount || self[byteCount] == UInt8(ascii: "?")
  }
}
