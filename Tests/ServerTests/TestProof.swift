import EdgeProof
import Foundation
import Synchronization
import TestSupport
import Wire

/// Requests as an edge signs them, and every way to get it wrong.
enum TestProof {
  typealias Parts = [(field: Field, value: String)]

  static let secret = "0123456789abcdef"
  static let target = "/login?next=%2F"
  private static let uniqueID = Atomic<Int>(1)

  static func key(_ id: String = "v1", _ secret: String = "s3cr3tk3y") throws -> G2OKey {
    try G2OKey(id: id, secret: Array(secret.utf8))
  }

  static func settings(_ mode: EdgeProofMode = .require) throws -> EdgeProofSettings {
    var settings = EdgeProofSettings()
    settings.mode = mode
    settings.g2o = G2OSettings(keys: [try key()])
    settings.secrets = [SharedSecret(Array(secret.utf8))]
    return settings
  }

  /// What an edge sends now: never the same twice.
  static func parts(
    key: G2OKey? = nil, version: UInt8 = 5, secondsAgo: Int = 0, target: String = target
  ) throws -> Parts {
    let key = try key ?? Self.key()
    let time = Int(Date().timeIntervalSince1970) - secondsAgo
    let number = uniqueID.add(1, ordering: .relaxed).newValue
    let data = "\(version), 2001:db8::c0ff, 203.0.113.7, \(time), 1.\(number), \(key.id)"
    let (bytes, text, secret) = (Array(data.utf8), Array(target.utf8), key.secret)
    var signature = ByteWriter()
    G2OAlgorithm(rawValue: version)!.appendSignature(
      of: bytes.span, signString: text.span, key: secret.span, to: &signature)
    return [
      (.g2oAuthData, data), (.g2oAuthSign, String(repairing: signature.span)),
      (.forwardedTarget, target),
    ]
  }

  /// Proofs that prove nothing, and what they are.
  static func wrong() throws -> [(name: String, outcome: EdgeProofOutcome, parts: Parts)] {
    let good = try parts()
    func changing(_ field: Field, _ change: (String) -> String) -> Parts {
      good.map { ($0.field, $0.field == field ? change($0.value) : $0.value) }
    }
    func without(_ field: Field) -> Parts { good.filter { $0.field != field } }
    return [
      ("nothing", .missing, []), ("no data", .missing, without(.g2oAuthData)),
      ("no signature", .missing, without(.g2oAuthSign)),
      ("an empty signature", .missing, changing(.g2oAuthSign) { _ in "" }),
      ("no target", .missing, without(.forwardedTarget)),
      ("a space too many", .malformed, changing(.g2oAuthData) { $0.replacing(", ", with: ",  ") }),
      ("an empty key id", .malformed, changing(.g2oAuthData) { String($0.dropLast(2)) }),
      ("data twice", .malformed, good + [good[0]]), ("a signature twice", .malformed, good + [good[1]]),
      ("a target twice", .malformed, good + [good[2]]),
      ("another signature beside it", .malformed, good + [(.g2oAuthSign, "A")]),
      ("one character", .mismatch, changing(.g2oAuthSign) { String($0.prefix(1)) }),
      ("all but one character", .mismatch, changing(.g2oAuthSign) { String($0.dropLast()) }),
      ("another target", .mismatch, changing(.forwardedTarget) { $0 + "&x" }),
      ("another address", .mismatch, changing(.g2oAuthData) { $0.replacing("c0ff", with: "c0fe") }),
      ("an unknown key", .unknownKey, changing(.g2oAuthData) { $0 + "2" }),
      ("a version that is not allowed", .algorithmNotAllowed, try parts(version: 3)),
      ("an old time", .outsideWindow, try parts(secondsAgo: 3600)),
      ("a time to come", .outsideWindow, try parts(secondsAgo: -3600)),
      ("a wrong secret", .unknownSecret, [(.edgeSecret, "0123456789abcdeF")]),
      ("a secret twice", .malformed, [(.edgeSecret, secret), (.edgeSecret, secret)]),
    ]
  }
}

extension TestProof.Parts {
  /// As the headers of a check.
  var headers: [HeaderField] { map { HeaderField($0.field.name, $0.value) } }
}

/// The Akamai headers of every example of signals.md section 4, values of other vendors' headers under
/// Akamai's names included.
struct ExampleHeaders {
  var file: String
  var bot: String?
  var userRisk: String?

  static let all: [ExampleHeaders] = {
    let folder = TestTables.repository.appendingPathComponent("Tests/SignalsTests/Fixtures")
    let files = try! FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)
    return files.filter { $0.pathExtension == "fixture" }.flatMap { file in
      let lines = try! String(contentsOf: file, encoding: .utf8).split(separator: "\n")
      let headers = lines.prefix { !$0.hasPrefix("=> ") }.filter { !$0.hasPrefix("#") }
        .map { $0.split(separator: ":", maxSplits: 1).map(String.init) }
      var sent = ExampleHeaders(file: file.lastPathComponent)
      var others: [ExampleHeaders] = []
      for header in headers {
        let value = String(header[1].dropFirst())
        switch header[0] {
        case "Akamai-Bot": sent.bot = value
        case "Akamai-User-Risk": sent.userRisk = value
        default:
          others.append(ExampleHeaders(file: file.lastPathComponent, bot: value))
          others.append(ExampleHeaders(file: file.lastPathComponent, userRisk: value))
        }
      }
      return [sent] + others
    }
  }()

  func decision(_ trigger: String, _ proof: TestProof.Parts) -> TestDecision {
    TestDecision(trigger: trigger, bot: bot, userRisk: userRisk, proof: proof)
  }

  var headers: [HeaderField] {
    [bot.map { HeaderField("akamai-bot", $0) }, userRisk.map { HeaderField("akamai-user-risk", $0) }]
      .compactMap { $0 }
  }
}
