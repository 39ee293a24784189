import EdgeProofFiles
import Foundation
import HTTP2
import Server
import Tables
import Wire
import Yams

/// The YAML file of `postern serve --config`: every key is optional, an unknown one is an error.
package struct ConfigurationFile: Decodable, Sendable {
  var listen: [String]?
  var admin: String?
  var tables: String?
  var bundle: String?
  var bundleCA: String?
  var trust: [String]?
  var environment: String?
  var state: String?
  var insecureUnsignedBundle: Bool?
  var pollSeconds: Int?
  var loops: Int?
  var onMissing: String?
  var versionsKept: Int?
  var metricsRuleCountMax: Int?
  var triggers: [String]?
  var trustedProxies: Int?
  var forwardedFrom: [String]?
  var idleSeconds: Int?
  var reloadSeconds: Int?
  var drainSeconds: Int?
  var connectionCountMax: Int?
  var concurrentStreams: Int?
  var headerByteCount: Int?
  var headerCount: Int?
  /// Read for itself: its errors have places.
  var http2 = HTTP2Section()
  var plainListen: [String]?
  var unixSocketMode: String?
  var unixPeers: UnixPeersSection?
  var tls: TLSSection?
  var takeover: String?
  var reusePort: Bool?
  var latencyBoundMilliseconds: Int?
  var turnMicroseconds: Int?
  var residentByteCountMax: Int?
  var heldByteCountMax: Int?
  var connectionHeldByteCountMax: Int?
  var streamQueuedByteCount: Int?
  var connectionQueuedByteCount: Int?
  var streamStallSeconds: Int?
  var compressedReplyByteCountMin: Int?

  enum CodingKeys: String, CodingKey, CaseIterable {
    case listen, admin, tables, bundle, bundleCA, trust, environment, state, insecureUnsignedBundle
    case pollSeconds, loops, onMissing, triggers, trustedProxies, forwardedFrom, idleSeconds
    case reloadSeconds, drainSeconds, connectionCountMax, concurrentStreams, headerByteCount
    case headerCount, versionsKept, metricsRuleCountMax, plainListen, unixSocketMode, unixPeers, tls
    case takeover, reusePort, latencyBoundMilliseconds, turnMicroseconds, heldByteCountMax
    case connectionHeldByteCountMax, streamQueuedByteCount, connectionQueuedByteCount
    case streamStallSeconds, compressedReplyByteCountMin, residentByteCountMax
  }

  /// The keys and what is written under them, to tell what has changed since.
  package var texts: [String: String] = [:]
  /// Where each key's value stands.
  private var places: [String: (line: Int, column: Int)] = [:]

  /// What is wrong, as one line: `file:line:column: error: what, and what to do`.
  package struct Problem: Error, CustomStringConvertible {
    package var description: String

    /// What the YAML reader says, and keys of the file, may have line breaks.
    init(description: String) {
      self.description = description.split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    /// What is wrong with the file as a whole, or with a key whose place is not known any more.
    init(_ path: String, _ what: String) { self.init(description: "\(path):1:1: error: \(what)") }
  }

  /// Throws a `Problem` where nothing can be read. What is wrong with one key is in `problems`, and
  /// the key is as if it were not there.
  package init(path: String, problems: inout [Problem]) throws(Problem) {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw Problem(path, "no such file, no right to read it, or not UTF-8")
    }
    let root: Node?
    do {
      root = try Yams.compose(yaml: text)
    } catch {
      throw Problem(description: SettingsProblem(syntax: error, file: path).description)
    }
    guard let mapping = root?.mapping ?? (root == nil ? Node.Mapping([]) : nil) else {
      throw Problem(path, "the file is no mapping; write `key: value` lines")
    }
    var good: [(Node, Node)] = []
    var section = HTTP2Section()
    for (key, value) in mapping {
      let name = key.string ?? "?"
      let place = (value.mark ?? key.mark).map { ($0.line, $0.column) } ?? (1, 1)
      func report(_ mark: Mark?, _ what: String) {
        let place = mark.map { ($0.line, $0.column) } ?? place
        problems.append(
          Problem(description: "\(path):\(place.0):\(place.1): error: \(what)"))
      }
      // `EdgeProofFile` reads a section of its own.
      if name == "edgeProof" { continue }
      if name == HTTP2Section.key {
        texts[name] = Self.text(of: value)
        do { section = try HTTP2Section(of: value, path: path) } catch { problems.append(error) }
        continue
      }
      guard CodingKeys(rawValue: name) != nil else {
        report(
          key.mark, "unknown key `\(name)`; the keys are "
            + (CodingKeys.allCases.map(\.rawValue) + ["edgeProof", HTTP2Section.key]).joined(separator: ", "))
        continue
      }
      for (part, _) in value.mapping ?? [:] {
        guard let known = Self.sections[name], !known.contains(part.string ?? "?") else { continue }
        report(
          part.mark, "unknown key `\(part.string ?? "?")` in `\(name)`; the keys are "
            + known.joined(separator: ", "))
      }
      do {
        _ = try YAMLDecoder().decode(Self.self, from: Node([(key, value)]))
        good.append((key, value))
      } catch {
        report(value.mark, "`\(name)` is not \(Self.kind(of: name)); ops/postern.yaml shows it")
      }
      places[name] = place
      texts[name] = Self.text(of: value)
    }
    do {
      let places = places
      let texts = texts
      self = try YAMLDecoder().decode(Self.self, from: Node(good))
      self.places = places
      self.texts = texts
      http2 = section
    } catch {
      throw Problem(path, "\(error)")
    }
  }

  /// What a value says, however it is written: to be compared. Not by Yams, whose writer goes on with memory
  /// that it has not got (libyaml's emitter, when its first allocation fails).
  private static func text(of node: Node) -> String {
    switch node {
    case .scalar(let scalar): String(reflecting: scalar.string)
    case .sequence(let items): "[" + items.map(text(of:)).joined(separator: ", ") + "]"
    case .mapping(let pairs):
      "{" + pairs.map { text(of: $0.key) + ": " + text(of: $0.value) }.joined(separator: ", ") + "}"
    case .alias(let alias): "*\(alias.anchor)"
    }
  }

  /// The keys of sections that are decoded with the file.
  private static let sections: [String: [String]] = [
    CodingKeys.tls.rawValue: TLSSection.CodingKeys.allCases.map(\.rawValue),
    CodingKeys.unixPeers.rawValue: UnixPeersSection.CodingKeys.allCases.map(\.rawValue),
  ]

  /// What a key's value has to be, in words.
  private static func kind(of name: String) -> String {
    switch CodingKeys(rawValue: name) {
    case .listen, .plainListen, .trust, .triggers, .forwardedFrom: "a list of texts"
    case .admin, .tables, .bundle, .bundleCA, .environment, .state, .onMissing, .takeover,
      .unixSocketMode:
      "a text"
    case .tls, .unixPeers: "a section of the right keys and values"
    case .insecureUnsignedBundle, .reusePort: "true or false"
    default: "a whole number"
    }
  }

  /// Something wrong with the value of `key`.
  func problem(_ key: CodingKeys, _ path: String, _ what: String) -> Problem {
    let place = places[key.rawValue] ?? (1, 1)
    return Problem(description: "\(path):\(place.line):\(place.column): error: \(what)")
  }

  /// Sets what the file says, as far as it is right; what is not is appended to `problems`. Relative
  /// paths are relative to the file.
  package func apply(
    to configuration: inout ServerConfiguration, path: String, problems: inout [Problem]
  ) {
    func report(_ key: CodingKeys, _ what: String) { problems.append(problem(key, path, what)) }
    func address(_ text: String, _ key: CodingKeys) -> ListenAddress? {
      let address = ListenAddress(text)
      if address == nil {
        report(key, "`\(text)` is no address; write 127.0.0.1:8080 or unix:/run/postern.sock")
      }
      return address.map { Self.absolute($0, path) }
    }
    func set(_ value: Int?, _ key: CodingKeys, _ target: inout Int) {
      guard let value, let range = Self.ranges[key] else { return }
      if let fault = fault(of: value, key.rawValue, in: range) { report(key, fault) } else { target = value }
    }
    if let listen {
      configuration.listen = listen.compactMap { address($0, .listen) }
      if listen.isEmpty { report(.listen, "`listen` names no address; nobody could ask") }
    }
    if let admin { configuration.admin = address(admin, .admin) }
    if let tables { configuration.tables = Self.absolute(tables, path) }
    if let takeover { configuration.takeover = Self.absolute(takeover, path) }
    configuration.reusePort = reusePort ?? configuration.reusePort
    if let onMissing {
      if let verdict = Verdict(name: onMissing) {
        configuration.onMissing = verdict
      } else {
        report(.onMissing, "`onMissing: \(onMissing)` is no verdict")
      }
    }
    var loopCount = configuration.loopCount
    set(loops, .loops, &loopCount)
    if loops != nil { configuration.loops = loopCount }
    if let triggers {
      for name in triggers where !isName(name) {
        report(.triggers, "trigger `\(name)` is no name; use 1 to 64 of A-Z a-z 0-9 . _ -")
      }
      if triggers.count + TriggerRegistry.builtIn.count > TriggerRegistry.countMax {
        report(.triggers, "more than \(TriggerRegistry.countMax) triggers")
      }
      configuration.triggers = triggers
    }
    set(versionsKept, .versionsKept, &configuration.versionsKept)
    set(metricsRuleCountMax, .metricsRuleCountMax, &configuration.metricsRuleCountMax)
    set(trustedProxies, .trustedProxies, &configuration.trustedProxies)
    set(idleSeconds, .idleSeconds, &configuration.idleSeconds)
    set(reloadSeconds, .reloadSeconds, &configuration.reloadSeconds)
    set(drainSeconds, .drainSeconds, &configuration.drainSeconds)
    set(connectionCountMax, .connectionCountMax, &configuration.connectionCountMax)
    set(
      latencyBoundMilliseconds, .latencyBoundMilliseconds, &configuration.running.latencyBoundMilliseconds)
    set(turnMicroseconds, .turnMicroseconds, &configuration.running.turnMicroseconds)
    if residentByteCountMax != nil {
      var byteCountMax = 0
      set(residentByteCountMax, .residentByteCountMax, &byteCountMax)
      configuration.running.residentByteCountMax = byteCountMax
    }
    set(heldByteCountMax, .heldByteCountMax, &configuration.heldByteCountMax)
    set(connectionHeldByteCountMax, .connectionHeldByteCountMax, &configuration.http2.heldByteCountMax)
    set(headerByteCount, .headerByteCount, &configuration.http2.headerByteCount)
    set(headerCount, .headerCount, &configuration.http2.headerCount)
    set(streamQueuedByteCount, .streamQueuedByteCount, &configuration.http2.streamQueuedByteCount)
    set(
      connectionQueuedByteCount, .connectionQueuedByteCount, &configuration.http2.connectionQueuedByteCount)
    set(streamStallSeconds, .streamStallSeconds, &configuration.streamStallSeconds)
    set(
      compressedReplyByteCountMin, .compressedReplyByteCountMin, &configuration.compressedReplyByteCountMin)
    var streamCount = Int(configuration.http2.concurrentStreams)
    set(concurrentStreams, .concurrentStreams, &streamCount)
    configuration.http2.concurrentStreams = UInt32(streamCount)
    http2.apply(to: &configuration.http2)
    applyDoors(to: &configuration, path: path, problems: &problems)
  }

  /// As `apply(to:path:problems:)`, of bundles.
  package func apply(to settings: inout BundleSettings, path: String, problems: inout [Problem]) {
    if bundle != nil, tables != nil {
      problems.append(problem(.bundle, path, "`tables` and `bundle` are both there; keep one"))
    }
    settings.source = bundle.map { BundleSettings.isAddress($0) ? $0 : Self.absolute($0, path) }
    settings.authorities = bundleCA.map { Self.absolute($0, path) }
    settings.trust = trust?.map { Self.absolute($0, path) } ?? []
    settings.environment = environment
    settings.state = state.map { Self.absolute($0, path) }
    settings.allowsUnsigned = insecureUnsignedBundle ?? false
    guard let pollSeconds else { return }
    if let fault = fault(of: pollSeconds, "pollSeconds", in: BundleSettings.pollSecondsRange) {
      problems.append(problem(.pollSeconds, path, fault))
    } else {
      settings.pollSeconds = pollSeconds
    }
  }

  private static func absolute(_ name: String, _ path: String) -> String {
    let base = URL(fileURLWithPath: path).deletingLastPathComponent()
    return URL(fileURLWithPath: name, relativeTo: base).path
  }

  /// A unix socket's path is one like the others of the file.
  static func absolute(_ address: ListenAddress, _ path: String) -> ListenAddress {
    guard case .unix(let name) = address else { return address }
    return .unix(path: absolute(name, path))
  }

  private func isName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= Limits.nameByteCount && name.utf8.allSatisfy(isNameByte)
  }
}
