import EdgeProof
import Foundation
import Server
import TLS

/// The section `tls` of the settings file.
struct TLSSection: Decodable {
  var certificate: String?
  var key: String?
  var clientCA: String?
  var clients: [String]?
  var versionMin: String?
  var handshakeSeconds: Int?
  var handshakeCountMax: Int?
  var handshakeSourcePercent: Int?
  var connectionSeconds: Int?
  var expiryWarningDays: Int?

  enum CodingKeys: String, CodingKey, CaseIterable {
    case certificate, key, clientCA, clients, versionMin, handshakeSeconds, handshakeCountMax
    case handshakeSourcePercent, connectionSeconds, expiryWarningDays
  }
}

/// The section `unixPeers` of the settings file: ids, since names may be resolved over a network.
struct UnixPeersSection: Decodable {
  var users: [UInt32]?
  var groups: [UInt32]?

  enum CodingKeys: String, CodingKey, CaseIterable {
    case users, groups
  }
}

extension ConfigurationFile {
  /// Sets what the file says of doors and who may come to them, as far as it is right. Relative paths are
  /// relative to it.
  func applyDoors(
    to configuration: inout ServerConfiguration, path: String, problems: inout [Problem]
  ) {
    func attempt(_ key: CodingKeys, _ body: () throws(SettingError) -> Void) {
      do { try body() } catch { problems.append(problem(key, path, error.description)) }
    }
    attempt(.plainListen) { () throws(SettingError) in
      guard let plainListen else { return }
      configuration.plainListen = try parsed(plainListen, by: Self.address(in: path)) {
        "is no address; write 127.0.0.1:8080 or unix:/run/postern.sock"
      }
    }
    attempt(.unixSocketMode) { () throws(SettingError) in
      guard let unixSocketMode else { return }
      guard let mode = UInt32(unixSocketMode, radix: 8), (1...0o777).contains(mode) else {
        throw SettingError(
          description: "`unixSocketMode: \(unixSocketMode)` is no mode; write \"0660\"")
      }
      configuration.unixSocketMode = mode
    }
    attempt(.unixPeers) { () throws(SettingError) in
      guard let unixPeers else { return }
      var peers = UnixPeers()
      peers.users = Set(unixPeers.users ?? [])
      peers.groups = Set(unixPeers.groups ?? [])
      guard (1...UnixPeers.countMax).contains(peers.users.count + peers.groups.count) else {
        throw SettingError(
          description: "`unixPeers` names nobody, or more than \(UnixPeers.countMax); add or take away")
      }
      configuration.unixPeers = peers
    }
    attempt(.forwardedFrom) { () throws(SettingError) in
      if let forwardedFrom { try configuration.setForwardedFrom(forwardedFrom) }
    }
    attempt(.tls) { () throws(SettingError) in
      if let tls { configuration.tls = try settings(tls, path) }
    }
  }

  private static func address(in path: String) -> (String) -> ListenAddress? {
    { text in ListenAddress(text).map { absolute($0, path) } }
  }

  private func settings(
    _ section: TLSSection, _ path: String
  ) throws(SettingError) -> TLSSettings {
    let base = URL(fileURLWithPath: path).deletingLastPathComponent()
    func absolute(_ path: String) -> String { URL(fileURLWithPath: path, relativeTo: base).path }
    guard let certificate = section.certificate, let key = section.key else {
      throw SettingError(
        description: "`tls` needs a `certificate` and its `key`; name both files")
    }
    var settings = TLSSettings(certificate: absolute(certificate), key: absolute(key))
    settings.clientCA = section.clientCA.map(absolute)
    try settings.setClients(section.clients ?? [])
    if let version = section.versionMin { try settings.setVersionMin(version) }
    func set(
      _ value: Int?, _ key: TLSSection.CodingKeys, _ target: inout Int
    ) throws(SettingError) {
      guard let value, let range = TLSSection.ranges[key] else { return }
      if let fault = fault(of: value, key.rawValue, in: range) { throw SettingError(description: fault) }
      target = value
    }
    try set(section.handshakeSeconds, .handshakeSeconds, &settings.handshakeSeconds)
    try set(section.handshakeCountMax, .handshakeCountMax, &settings.handshakeCountMax)
    try set(section.handshakeSourcePercent, .handshakeSourcePercent, &settings.handshakeSourcePercent)
    try set(section.connectionSeconds, .connectionSeconds, &settings.connectionSeconds)
    try set(section.expiryWarningDays, .expiryWarningDays, &settings.expiryWarningDays)
    return settings
  }
}

/// Each text as what it names; the first that names nothing is refused, with what it is not.
private func parsed<Value>(
  _ texts: [String], by make: (String) -> Value?, else complaint: () -> String
) throws(SettingError) -> [Value] {
  try texts.map { text throws(SettingError) in
    guard let value = make(text) else { throw SettingError(description: "`\(text)` \(complaint())") }
    return value
  }
}

extension ServerConfiguration {
  /// Addresses and blocks of proxies.
  package mutating func setForwardedFrom(_ texts: [String]) throws(SettingError) {
    guard texts.count <= Self.forwardedFromCountMax else {
      throw SettingError(
        description: "`forwardedFrom` has more than \(Self.forwardedFromCountMax) entries; write blocks")
    }
    forwardedFrom = try parsed(texts, by: { AddressBlock($0) }) {
      "is no address and no block of them; write 10.0.0.7 or 10.0.0.0/8"
    }
  }

  /// What is right by itself and cannot have been meant, or should not last: a line each.
  package var warnings: [String] {
    [doorWarning, proxyWarning].compactMap(\.self) + edgeProof.warnings
  }

  /// A proxy on another host, or in another container, is none of those that are believed by default.
  private var proxyWarning: String? {
    let isOpen = (listen + plainListen).contains { $0.isBeyondLoopback }
    guard isOpen, tls?.clientCA == nil, forwardedFrom == Self.loopback else { return nil }
    return "a door is open to other hosts, and x-forwarded-* headers are believed of this one alone: name the"
      + " proxies in forwardedFrom, or set it to [] where there are none"
  }

  private var doorWarning: String? {
    let hasTCP = listen.contains { if case .tcp = $0 { true } else { false } }
    if tls != nil, !hasTCP { return "tls is set and no address in listen is a TCP one: nothing speaks it" }
    guard tls?.clientCA == nil, !edgeProof.trustedPeerNames.isEmpty else { return nil }
    return "edgeProof.trustedPeers names certificates and no door verifies any: set tls.clientCA"
  }
}

/// A text of the settings that means nothing, and what to write.
package struct SettingError: Error, CustomStringConvertible {
  package var description: String
}

extension TLSSettings {
  package mutating func setClients(_ texts: [String]) throws(SettingError) {
    guard texts.isEmpty || clientCA != nil else {
      throw SettingError(description: "clients are named and no client CA vouches for them; name one")
    }
    guard texts.count <= Self.clientCountMax else {
      throw SettingError(description: "more than \(Self.clientCountMax) clients are named")
    }
    clients = try texts.map { text throws(SettingError) in
      guard let pattern = PeerNamePattern(text) else {
        throw SettingError(description: "client `\(text)` is no name; write \(PeerNamePattern.forms)")
      }
      return pattern
    }
  }

  package mutating func setVersionMin(_ text: String) throws(SettingError) {
    guard let floor = Floor(rawValue: text) else {
      throw SettingError(description: "tls version `\(text)`; write \"1.3\" or \"1.2\"")
    }
    versionMin = floor
  }
}

extension ListenAddress {
  /// Whether other hosts, or containers, may come to it.
  fileprivate var isBeyondLoopback: Bool {
    guard case .tcp(let host, _) = self else { return false }
    return host != "localhost" && host != "::1" && !host.hasPrefix("127.")
  }
}
