import BundleSources
import Foundation
import HTTP2
import Server
import Tables
import Wire
import Yams

/// The YAML file of `postern serve --config`: every key is optional, an unknown one is an error.
struct ConfigurationFile: Decodable {
  var listen: [String]?
  var admin: String?
  var tables: String?
  var bundle: String?
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
  var idleSeconds: Int?
  var reloadSeconds: Int?
  var drainSeconds: Int?
  var connectionCountMax: Int?
  var concurrentStreams: UInt32?
  var headerByteCount: Int?
  var headerCount: Int?
  var streamQueuedByteCount: Int?
  var connectionQueuedByteCount: Int?
  var streamStallSeconds: Int?
  var compressedReplyByteCountMin: Int?

  enum CodingKeys: String, CodingKey, CaseIterable {
    case listen, admin, tables, bundle, trust, environment, state, insecureUnsignedBundle
    case pollSeconds, loops, onMissing, triggers, trustedProxies, idleSeconds
    case reloadSeconds, drainSeconds, connectionCountMax, concurrentStreams, headerByteCount
    case headerCount, versionsKept, metricsRuleCountMax, streamQueuedByteCount, streamStallSeconds
    case connectionQueuedByteCount, compressedReplyByteCountMin
  }

  /// What is wrong, as one line: `file:line:column: error: what, and what to do`.
  struct Problem: Error, CustomStringConvertible {
    var description: String

    init(description: String) { self.description = description }

    /// What is wrong with the file as a whole, or with a key whose place is not known any more.
    init(_ path: String, _ what: String) { description = "\(path):1:1: error: \(what)" }
  }

  init(path: String) throws {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw Problem(path, "no such file, no right to read it, or not UTF-8")
    }
    do {
      try Self.refuseUnknownKeys(in: text, path)
      self = try YAMLDecoder().decode(Self.self, from: text.isEmpty ? "{}" : text)
    } catch let problem as Problem {
      throw problem
    } catch {
      throw Problem(path, "\(error)")
    }
  }

  private static func refuseUnknownKeys(in text: String, _ path: String) throws {
    guard let mapping = try Yams.compose(yaml: text)?.mapping else { return }
    // `EdgeProofFile` reads a section of its own.
    let known = CodingKeys.allCases.map(\.rawValue) + ["edgeProof"]
    for (key, _) in mapping where !known.contains(key.string ?? "") {
      let place = key.mark.map { "\($0.line):\($0.column)" } ?? "1:1"
      throw Problem(
        description: "\(path):\(place): error: unknown key "
          + "`\(key.string ?? "?")`; the keys are \(known.joined(separator: ", "))")
    }
  }

  /// Sets what the file says. Relative paths are relative to the file.
  func apply(to configuration: inout ServerConfiguration, path: String) throws {
    if let listen { configuration.listen = try listen.map { try address($0, path) } }
    if let admin { configuration.admin = try address(admin, path) }
    if let tables {
      let base = URL(fileURLWithPath: path).deletingLastPathComponent()
      configuration.tables = URL(fileURLWithPath: tables, relativeTo: base).path
    }
    if let onMissing {
      guard let verdict = Verdict(name: onMissing) else {
        throw Problem(path, "`onMissing: \(onMissing)` is no verdict")
      }
      configuration.onMissing = verdict
    }
    configuration.loops = try positive(loops, "loops", path) ?? configuration.loops
    func refuse(_ value: Int?, _ name: String, above maximum: Int) throws {
      guard let value, value > maximum else { return }
      throw Problem(path, "`\(name): \(value)` is more than \(maximum)")
    }
    try refuse(loops, "loops", above: ServerConfiguration.loopCountMax)
    try refuse(versionsKept, "versionsKept", above: TableStore.versionCountMax)
    if let triggers {
      for name in triggers where !isName(name) {
        throw Problem(
          path, "trigger `\(name)` is no name; use 1 to 64 of A-Z a-z 0-9 . _ -")
      }
      guard triggers.count + TriggerRegistry.builtIn.count <= TriggerRegistry.countMax else {
        throw Problem(path, "more than \(TriggerRegistry.countMax) triggers")
      }
      configuration.triggers = triggers
    }
    func set(_ value: Int?, _ name: String, from minimum: Int, _ target: inout Int) throws {
      guard let value else { return }
      guard value >= minimum else {
        throw Problem(path, "`\(name): \(value)` is less than \(minimum)")
      }
      target = value
    }
    try set(versionsKept, "versionsKept", from: 1, &configuration.versionsKept)
    try set(metricsRuleCountMax, "metricsRuleCountMax", from: 0, &configuration.metricsRuleCountMax)
    try set(trustedProxies, "trustedProxies", from: 0, &configuration.trustedProxies)
    try set(idleSeconds, "idleSeconds", from: 0, &configuration.idleSeconds)
    try set(reloadSeconds, "reloadSeconds", from: 0, &configuration.reloadSeconds)
    try set(drainSeconds, "drainSeconds", from: 0, &configuration.drainSeconds)
    try set(connectionCountMax, "connectionCountMax", from: 1, &configuration.connectionCountMax)
    try set(headerByteCount, "headerByteCount", from: 1024, &configuration.http2.headerByteCount)
    try set(headerCount, "headerCount", from: 8, &configuration.http2.headerCount)
    try set(
      streamQueuedByteCount, "streamQueuedByteCount", from: 1024,
      &configuration.http2.streamQueuedByteCount)
    try set(
      connectionQueuedByteCount, "connectionQueuedByteCount", from: 1024,
      &configuration.http2.connectionQueuedByteCount)
    try set(
      compressedReplyByteCountMin, "compressedReplyByteCountMin", from: 0,
      &configuration.compressedReplyByteCountMin)
    try set(streamStallSeconds, "streamStallSeconds", from: 1, &configuration.streamStallSeconds)
    if let concurrentStreams {
      guard concurrentStreams > 0 else { throw Problem(path, "`concurrentStreams: 0` is less than 1") }
      configuration.http2.concurrentStreams = concurrentStreams
    }
  }

  /// Sets what the file says of bundles. Relative paths are relative to the file.
  func apply(to settings: inout BundleSettings, path: String) throws {
    let base = URL(fileURLWithPath: path).deletingLastPathComponent()
    func absolute(_ path: String) -> String { URL(fileURLWithPath: path, relativeTo: base).path }
    guard bundle == nil || tables == nil else {
      throw Problem(path, "`tables` and `bundle` are both there; keep one")
    }
    settings.source = bundle.map { BundleURL.isURL($0) ? $0 : absolute($0) }
    settings.trust = trust?.map(absolute) ?? []
    settings.environment = environment
    settings.state = state.map(absolute)
    settings.allowsUnsigned = insecureUnsignedBundle ?? false
    settings.pollSeconds = try positive(pollSeconds, "pollSeconds", path) ?? settings.pollSeconds
  }

  private func positive(_ value: Int?, _ name: String, _ path: String) throws -> Int? {
    guard let value, value < 1 else { return value }
    throw Problem(path, "`\(name): \(value)` is less than 1")
  }

  private func isName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= Limits.nameByteCount && name.utf8.allSatisfy(isNameByte)
  }

  private func address(_ text: String, _ path: String) throws -> ListenAddress {
    guard let address = ListenAddress(text) else {
      throw Problem(
        path, "`\(text)` is no address; write 127.0.0.1:8080 or unix:/run/postern.sock")
    }
    return address
  }
}
