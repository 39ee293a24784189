import EdgeProof
import EdgeProofFiles
import Foundation
import Signals
import Wire

extension FuzzTarget {
  /// The two headers of a signature: read without a trap, and never believed unless the signature is
  /// the one that the key makes of just this; then, in time, believed.
  static let g2o = FuzzTarget("g2o", upTo: 1024, from: signed) { input throws(Finding) in
    var cursor = InputCursor(input)
    let mode = cursor.byte()
    let data = cursor.take(Int(cursor.byte()) << 1)
    var signature = cursor.rest()
    let target: [UInt8] = Array("/login?a=b".utf8)
    let parts = try? G2OData(scanning: data.span)
    let isForged = mode & 1 == 0
    if !isForged, let parts { signature = honest(parts.algorithm, data, target) }

    var settings = G2OSettings(keys: keys)
    settings.algorithms = G2OAlgorithm.allCases
    let request = SignedRequest(
      method: Span(), scheme: Span(), host: Span(), target: target.span, clientAddress: Span())
    do {
      var verifier = try G2OVerifier(settings)
      let now = parts.map { $0.time &+ UInt64(mode >> 1) } ?? 1
      let outcome = verifier.verify(
        data: data.span, signature: signature.span, of: request, now: now)
      guard let parts else {
        if case .malformed = outcome { return }
        if case .missing = outcome { return }
        throw Finding("`\(outcome)` of data that cannot be read")
      }
      let isHonest = signature == honest(parts.algorithm, data, target)
      let isKey = data[parts.keyID.start..<parts.keyID.end] == ArraySlice("key".utf8)
      let isDue =
        isKey
        && now >= parts.time && now - parts.time <= settings.windowSeconds
      if case .g2o = outcome {
        try require(isHonest && isDue, "believed a forgery")
      } else {
        try require(!isHonest || !isDue, "`\(outcome)` of an honest signature in time")
      }
    } catch let finding as Finding {
      throw finding
    } catch {
      throw Finding("\(error)")
    }
  }

  /// What the edge sends, by each algorithm, as it is: one changed byte makes a forgery of it.
  private static let signed: [[UInt8]] = G2OAlgorithm.allCases.map { algorithm in
    let text = "\(algorithm.rawValue), 1.2.3.4, 2001:db8::1, 1471524574, 28057600.69, key"
    // Of an even length, as the target takes them.
    let data = Array((text.utf8.count % 2 == 0 ? text : text.replacing(".69,", with: ".691,")).utf8)
    return [0, UInt8(data.count / 2)] + data + honest(algorithm, data, Array("/login?a=b".utf8))
  }

  private static let secret: [UInt8] = Array("s3cr3tk3y".utf8)

  private static let keys: [G2OKey] = {
    do {
      return [try G2OKey(id: "key", secret: secret)]
    } catch {
      preconditionFailure("\(error)")
    }
  }()

  /// What the edge would say.
  private static func honest(
    _ algorithm: G2OAlgorithm, _ data: [UInt8], _ target: [UInt8]
  ) -> [UInt8] {
    var signature = ByteWriter()
    algorithm.appendSignature(
      of: data.span, signString: target.span, key: secret.span, to: &signature)
    return [UInt8](copying: signature.span)
  }

  /// The section `edgeProof` of a settings file: read, or refused with problems, one line each.
  static let edgeProofFile = FuzzTarget("edge-proof-file", upTo: 2048) { input throws(Finding) in
    let path = NSTemporaryDirectory() + "postern-fuzz-\(getpid()).yaml"
    guard FileManager.default.createFile(atPath: path, contents: Data(input)) else {
      throw Finding("cannot write `\(path)`")
    }
    var file = EdgeProofFile(path)
    let problems: [SettingsProblem]
    do throws(EdgeProofFileError) {
      let settings = try file.read()
      _ = try? EdgeProofVerifier(settings)
      return
    } catch {
      problems = error.problems
    }
    try require(!problems.isEmpty, "refused without a problem")
    for problem in problems {
      let isLine = !problem.description.contains(where: \.isNewline)
      try require(isLine && problem.description.hasPrefix("\(path):"), "\(problem)")
    }
  }
}
