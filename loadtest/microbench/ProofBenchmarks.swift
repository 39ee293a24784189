import EdgeProof
import Wire

/// A G2O signature of the edge's default version, of headers as long as captured ones, verified; and
/// one that is refused for its time, before anything is hashed.
func measureProofs(_ meter: inout Meter) throws {
  let data = Array("5, 88.221.93.12, 91.52.154.64, 1425914708, 13634961.563907161, 193565".utf8)
  let target = Array("/version5/portalvhdsdll14kvm02ts7/private/Bg5eMRyIIAAuAKC.jpg".utf8)
  let key = try G2OKey(id: "193565", secret: Array("07bf84629be85d68a3ef343d".utf8))
  var signature = ByteWriter()
  G2OAlgorithm.hmacSHA256.appendSignature(
    of: data.span, signString: target.span, key: key.secret.span, to: &signature)
  var writer = RequestWriter()
  writer.beginDecision(
    tenant: Array("".utf8).span, trigger: Array("post-login".utf8).span, correlationID: 1)
  writer.append(.g2oAuthData, bytes: data.span)
  writer.append(.g2oAuthSign, bytes: signature.span)
  writer.append(.forwardedTarget, bytes: target.span)
  writer.endDecision()
  writer.finish()
  let message = [UInt8](copying: writer.bytes.span)
  var reader = try RequestReader(message.span)
  var request = DecisionRequest()
  _ = try reader.next(into: &request)

  var settings = EdgeProofSettings()
  settings.mode = .require
  settings.g2o = G2OSettings(keys: [key])
  for (name, time, replays) in [
    ("proof/G2O version 5", 1_425_914_708, nil as ReplayMemory?),
    ("proof/G2O version 5, replay remembered", 1_425_914_708, ReplayMemory(capacity: 1 << 16)),
    ("proof/G2O version 5, outside the window", 1_425_999_999, nil),
  ] as [(String, UInt64, ReplayMemory?)] {
    var verifier = try EdgeProofVerifier(settings, replays: replays)
    let tenant = verifier.proof(of: message.span.extracting(request.tenant))
    meter.measure(name) { _ in
      UInt64(
        verifier.verify(request, in: message.span, for: tenant, from: .unknown, now: time).rawValue)
    }
  }
}
