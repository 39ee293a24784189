import EdgeProof
import EdgeProofFiles
import Foundation
import Signals
import Wire

extension FuzzTarget {
  /// The two headers of a signature: read without a trap, and never believed unless the signature is
  /// the one that the key makes of just this.
  static let g2o = FuzzTarget("g2o", upTo: 1024) { input throws(Finding) in
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
      guard case .proven = outcome, isForged else { return }
      try require(
        parts.map { signature == honest($0.algorithm, data, target) } ?? false, "believed a forgery")
    } catch let finding as Finding {
      throw finding
    } catch {
      throw Finding("\(error)")
    }
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
