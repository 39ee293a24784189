import Bundles
import Rules
import Tables
import Wire

/// Good inputs that are made rather than kept: a change of a format does not leave them behind.
enum Seeds {
  static let sources = [
    """
    ---
    trigger: post-login
    hitPolicy: FIRST
    mode: enforce
    ---
    ## Rules
    | rule | akamaiUserRisk.score | akamaiBot.botScore | request.ip | verdict | reason |
    |---|---|---|---|---|---|
    | a | [50..90) | - | 10.0.0.0/8 | mfa | risky |
    | b | >= 90, invalid | > 20 | - | deny | |
    | c | - | absent | 2001:db8::/32 | review | odd |
    | | - | - | - | allow | |
    """,
    """
    ---
    trigger: post-login
    hitPolicy: COLLECT
    mode: audit
    signals:
      shop.total: number
      shop.since: date
    ---
    ## Rules
    | akamaiUserRisk.risk | authentication.methods | shop.total | shop.since | verdict | reason |
    |---|---|---|---|---|---|
    | "unp:432/H" | "mfa", "pwd" | 12.5 | - | mfa | x |
    | - | not("otp") | < 3 | >= date("2026-01-31") | allow | y |
    | - | - | - | - | review | z |
    """,
  ]

  static let bundles: [[UInt8]] = sources.map { source in
    do {
      let draft = BundleDraft(
        serial: 1, created: 1_000, expires: nil, environment: "", chains: try chains(source))
      // The last byte asks for the digest to be made right.
      return try draft.encoded() + [1]
    } catch {
      preconditionFailure("\(error)")
    }
  }

  static let images: [[UInt8]] = sources.map { source in
    do {
      let chain = try chains(source)[0].image
      return [UInt8](copying: chain.image)
    } catch {
      preconditionFailure("\(error)")
    }
  }

  private static func chains(_ source: String) throws -> [BundleDraft.Chain] {
    let file = "seed.table.md"
    guard let table = TableReader.read(source, file: file).table else { return [] }
    let set = TableSet([table])
    return try set.chains.map {
      BundleDraft.Chain(
        try ProvenChain($0, of: set, sources: [file: ContentDigest(of: Array(source.utf8))]))
    }
  }

  /// Each kind of message, as it is and with lengths to be made right.
  static let messages: [[UInt8]] = {
    var request = RequestWriter()
    let (tenant, trigger) = (Array("acme".utf8), Array("post-login".utf8))
    request.beginDecision(
      tenant: tenant.span, trigger: trigger.span, correlationID: 7, budgetMicroseconds: 900)
    request.append(.akamaiUserRisk, bytes: Array("status=0;score=92".utf8).span)
    request.append(.sessionMFARequired, boolean: true)
    request.append(.authenticationMethods, list: ["pwd", "otp"])
    request.append(custom: "shop.total", .number(12.5))
    request.append(custom: "peer", .address("::1"))
    request.endDecision()
    request.finish()
    var reply = ByteWriter()
    reply.append(
      Reply(
        serverNanoseconds: 5,
        decisions: [
          DecisionReply(
            correlationID: 7, verdict: .mfa, wouldBe: .deny, mode: .enforce, flags: .late, rule: 3,
            tableVersion: 9, outputs: [.init(kind: .claim, name: "a", value: "b")])
        ]))
    var error = ByteWriter()
    error.append(ErrorMessage(WireError(.truncated, at: 12)))
    let plain = [
      [UInt8](copying: request.bytes.span), [UInt8](copying: reply.span),
      [UInt8](copying: error.span),
    ]
    return plain.enumerated().flatMap { index, bytes in
      [[UInt8(index), 0] + bytes, [UInt8(index), 1] + bytes]
    }
  }()

  /// A run of literals, and a long match.
  static let blocks: [[UInt8]] = [
    [0, 2, 0xF0, 17] + (0..<32).map { UInt8($0) },
    [0, 3, 0x1F, 0x61, 1, 0, 23, 0x50, 1, 2, 3, 4, 5],
  ]
}
