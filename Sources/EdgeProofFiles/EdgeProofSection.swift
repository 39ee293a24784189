import EdgeProof
import Foundation
import WatchedFiles
import Wire
import Yams

/// The section `edgeProof` of the settings file (ops/edge-proof.md), and the files of secrets that it
/// names.
struct EdgeProofSection {
  private static let keys = [
    "mode", "tenants", "g2o", "sharedSecrets", "trustedPeers", "headers",
  ]
  private static let g2oKeys = [
    "keys", "algorithms", "windowSeconds", "replayMemory", "signString",
  ]

  private(set) var settings = EdgeProofSettings()
  /// Every file of secrets that it names, as it was just before it was read.
  private(set) var stamps: [String: FileStamp?] = [:]
  private(set) var reader: SettingsReader
  /// Where relative paths start.
  private let base: URL

  init(_ node: Node, file: String) {
    reader = SettingsReader(file: file)
    base = URL(fileURLWithPath: file).deletingLastPathComponent()
    read(node)
  }

  private mutating func read(_ node: Node) {
    let members = reader.members(of: node, "edgeProof", named: Self.keys)
    if let mode = mode(members["mode"], "mode") { settings.mode = mode }
    if let tenants = members["tenants"] {
      for (key, value) in reader.pairs(of: tenants, "tenants") {
        guard let name = tenant(key), let mode = mode(value, name) else { continue }
        settings.tenants[name] = mode
      }
    }
    if let g2o = members["g2o"] { readG2O(g2o) }
    readSecrets(members["sharedSecrets"])
    readPeers(members["trustedPeers"])
    if let headers = members["headers"] { readHeaders(headers) }
    guard reader.problems.isEmpty else { return }
    do throws(EdgeProofError) {
      _ = try EdgeProofVerifier(settings)
    } catch {
      reader.report(node, error.description)
    }
  }

  private mutating func mode(_ node: Node?, _ what: String) -> EdgeProofMode? {
    guard let text = reader.text(of: node, what) else { return nil }
    let mode = EdgeProofMode(rawValue: text)
    if mode == nil { reader.report(node, "`\(what): \(text)`; write off, observe or require") }
    return mode
  }

  private mutating func tenant(_ node: Node) -> String? {
    guard let name = reader.text(of: node, "tenant") else { return nil }
    guard name.utf8.count <= Limits.nameByteCount, name.utf8.allSatisfy(isNameByte) else {
      reader.report(node, "tenant `\(name)` is no name; use 1 to 64 of A-Z a-z 0-9 . _ -")
      return nil
    }
    return name
  }

  private mutating func tenants(_ node: Node?) -> [String] {
    reader.items(of: node, "tenants").compactMap { tenant($0) }
  }

  private mutating func readG2O(_ node: Node) {
    let members = reader.members(of: node, "g2o", named: Self.g2oKeys)
    var g2o = G2OSettings(keys: [])
    for item in reader.items(of: members["keys"], "keys") {
      let parts = reader.members(of: item, "keys", named: ["id", "file", "tenants"])
      let tenants = tenants(parts["tenants"])
      guard let id = reader.text(of: parts["id"], "id"), let file = parts["file"] else {
        reader.report(item, "a key has no `id` or no `file`; write {id: v1, file: v1.secret}")
        continue
      }
      guard let secret = secret(file) else { continue }
      do throws(G2OKeyError) {
        g2o.keys.append(try G2OKey(id: id, secret: secret, tenants: tenants))
      } catch {
        reader.report(parts["id"], error.description)
      }
    }
    if let node = members["algorithms"] {
      g2o.algorithms = reader.items(of: node, "algorithms").compactMap { item in
        reader.number(of: item, "algorithms", in: 1...5).flatMap { G2OAlgorithm(rawValue: UInt8($0)) }
      }
      if g2o.algorithms.isEmpty { reader.report(node, "`algorithms` names none; write [5]") }
    }
    let windowMax = Int(G2OSettings.windowSecondsMax)
    if let seconds = reader.number(of: members["windowSeconds"], "windowSeconds", in: 1...windowMax) {
      g2o.windowSeconds = UInt64(seconds)
    }
    if let capacity = reader.number(
      of: members["replayMemory"], "replayMemory", in: 0...ReplayMemory.capacityMax)
    {
      settings.replayCapacity = capacity
    }
    if let node = members["signString"] { g2o.signString = signString(node) ?? g2o.signString }
    settings.g2o = g2o
  }

  private mutating func signString(_ node: Node) -> SignString? {
    var parts: [SignString.Part] = []
    for (text, item) in reader.texts(of: node, "signString") {
      if let part = SignString.Part(name: text) {
        parts.append(part)
      } else {
        let known = SignString.Part.allCases.map(\.name).joined(separator: ", ")
        reader.report(item, "`\(text)` is no part of a sign-string; the parts are \(known)")
      }
    }
    guard (1...SignString.partCountMax).contains(parts.count) else {
      reader.report(node, "`signString` needs 1 to \(SignString.partCountMax) parts; write [AK_URL]")
      return nil
    }
    return SignString(parts)
  }

  private mutating func readSecrets(_ node: Node?) {
    for item in reader.items(of: node, "sharedSecrets") {
      let parts = reader.members(of: item, "sharedSecrets", named: ["file", "tenants"])
      let tenants = tenants(parts["tenants"])
      guard let file = parts["file"] else {
        reader.report(item, "a secret has no `file`; write {file: edge.secret}")
        continue
      }
      if let bytes = secret(file) { settings.secrets.append(SharedSecret(bytes, tenants: tenants)) }
    }
  }

  private mutating func secret(_ node: Node) -> [UInt8]? {
    guard let name = reader.text(of: node, "file") else { return nil }
    let path = URL(fileURLWithPath: name, relativeTo: base).path
    // The first stamp of a file that is named twice: what was not read then is read at the next look.
    if stamps[path] == nil { stamps[path] = .some(FileStamp(path)) }
    do throws(WholeFile.Fault) {
      return try SecretFile.read(path)
    } catch {
      if error.isTransient { stamps[path] = .some(nil) }
      reader.report(node, error.what)
      return nil
    }
  }

  private mutating func readPeers(_ node: Node?) {
    for (text, item) in reader.texts(of: node, "trustedPeers") {
      if text == "unix" {
        settings.trustsLocalPeers = true
      } else if let block = AddressBlock(text) {
        settings.trustedPeers.append(block)
      } else if let name = PeerNamePattern(text) {
        settings.trustedPeerNames.append(name)
      } else {
        reader.report(
          item, "`\(text)` is no address, no block of them, not `unix` and no certificate's name;"
            + " write 10.0.0.0/8, or \(PeerNamePattern.forms)")
      }
    }
    if settings.trustedPeers.count + settings.trustedPeerNames.count
      > EdgeProofSettings.trustedPeerCountMax {
      reader.report(node, "more than \(EdgeProofSettings.trustedPeerCountMax) `trustedPeers`")
    }
  }

  private mutating func readHeaders(_ node: Node) {
    let members = reader.members(
      of: node, "headers", named: ["g2oData", "g2oSign", "secret", "target", "scheme"])
    var names = settings.headers
    names.g2oData = headerName(members["g2oData"], "g2oData") ?? names.g2oData
    names.g2oSign = headerName(members["g2oSign"], "g2oSign") ?? names.g2oSign
    names.secret = headerName(members["secret"], "secret") ?? names.secret
    names.target = headerName(members["target"], "target") ?? names.target
    names.scheme = headerName(members["scheme"], "scheme") ?? names.scheme
    settings.headers = names
    if Set(names.all.map(\.name)).count < names.all.count {
      reader.report(node, "two of the `headers` have one name; each carries something of its own")
    }
  }

  /// A header's name, in the lower case in which it comes.
  private mutating func headerName(_ node: Node?, _ what: String) -> String? {
    guard let name = reader.text(of: node, what)?.lowercased() else { return nil }
    guard name.utf8.count <= Limits.nameByteCount, name.utf8.allSatisfy(isNameByte) else {
      reader.report(node, "`\(what): \(name)` is no header name; use A-Z a-z 0-9 . _ -")
      return nil
    }
    guard !Field.signalHeaders.contains(where: { $0.name == name }), !name.hasPrefix("postern-") else {
      reader.report(node, "`\(what): \(name)` is a header of signals; name another")
      return nil
    }
    return name
  }
}
