import EdgeProof
import Testing
import Wire

struct SignStringTests {
  /// What is signed, told by a signature that is made of the text we expect.
  private func isSigned(_ parts: [SignString.Part], as text: String, target: String) throws -> Bool {
    let data = G2OVerifierTests.data(.hmacSHA256)
    var signature = ByteWriter()
    let (bytes, signed, key) = (
      Array(data.utf8), Array(text.utf8), Array(G2OVerifierTests.key.utf8)
    )
    G2OAlgorithm.hmacSHA256.appendSignature(
      of: bytes.span, signString: signed.span, key: key.span, to: &signature)
    let door = try Door(signString: SignString(parts))
    return door.verify(
      bytes: bytes, [UInt8](copying: signature.span), target: target) == .g2o
  }

  @Test(arguments: [
    ([SignString.Part.url], "/a/b.min.js?x=1&y=?"),
    ([.path], "/a/b.min.js"),
    ([.query], "x=1&y=?"),
    ([.fileName], "b.min.js"),
    ([.fileExtension], "js"),
    ([.method, .scheme, .hostHeader, .url], "POSThttpslogin.example:443/a/b.min.js?x=1&y=?"),
    ([.domain, .path], "login.example/a/b.min.js"),
    ([.clientAddress, .query], "3.4.5.6x=1&y=?"),
  ])
  func `each part is what the edge calls so`(parts: [SignString.Part], text: String) throws {
    #expect(try isSigned(parts, as: text, target: "/a/b.min.js?x=1&y=?"))
    #expect(try !isSigned(parts, as: text + " ", target: "/a/b.min.js?x=1&y=?"))
  }

  @Test func `a part that is not known proves nothing, whatever is signed`() throws {
    #expect(try isSigned([.query], as: "", target: "/abc"))
    #expect(try !isSigned([.query], as: "", target: ""))
    #expect(try !isSigned([.url], as: "", target: ""))
    #expect(try !isSigned([.method, .fileExtension], as: "POST", target: ""))
  }

  /// What is signed is joined without separators: a part may lend characters to its neighbour.
  @Test func `an address before a target is bound, for a target begins with a slash`() throws {
    let parts: [SignString.Part] = [.method, .clientAddress, .url]
    #expect(try isSigned(parts, as: "POST3.4.5.6/login?x=1", target: "/login?x=1"))
    // Signed for 33.4.5.6 and for 3.4.5.60, and asked from 3.4.5.6.
    for target in ["/login?x=1", "/login?x=13", "3/login?x=1", "0/login?x=1"] {
      #expect(try !isSigned(parts, as: "POST33.4.5.6/login?x=1", target: target))
      #expect(try !isSigned(parts, as: "POST3.4.5.60/login?x=1", target: target))
    }
    // Behind the target it is not: a digit of the address passes for one of the query.
    #expect(try isSigned([.url, .clientAddress], as: "/login?x=1" + "33.4.5.6", target: "/login?x=13"))
  }

  @Test func `a part that may end elsewhere proves nothing`() throws {
    func isProven(
      _ parts: [SignString.Part], method: String, host: String, scheme: String, ip: String
    ) throws -> Bool {
      let signed = parts.map { part in
        switch part {
        case .method: method
        case .scheme: scheme
        case .hostHeader: host
        case .clientAddress: ip
        default: "/a"
        }
      }.joined()
      let data = Array(G2OVerifierTests.data(.hmacSHA256).utf8)
      let (text, key) = (Array(signed.utf8), Array(G2OVerifierTests.key.utf8))
      var signature = ByteWriter()
      G2OAlgorithm.hmacSHA256.appendSignature(
        of: data.span, signString: text.span, key: key.span, to: &signature)
      let (method, scheme, host, target, address) = (
        Array(method.utf8), Array(scheme.utf8), Array(host.utf8), Array("/a".utf8), Array(ip.utf8)
      )
      var settings = G2OSettings(keys: [try G2OKey(id: "v1", secret: key)])
      settings.signString = SignString(parts)
      settings.windowSeconds = G2OSettings.windowSecondsMax
      var verifier = try G2OVerifier(settings)
      let request = SignedRequest(
        method: method.span, scheme: scheme.span, host: host.span, target: target.span,
        clientAddress: address.span)
      return verifier.verify(
        data: data.span, signature: signature.span, of: request, now: 1_471_524_574) == .g2o
    }
    let parts: [SignString.Part] = [.method, .clientAddress, .url]
    #expect(try isProven(parts, method: "POST", host: "", scheme: "", ip: "198.51.100.7"))
    #expect(try !isProven(parts, method: "POST1", host: "", scheme: "", ip: "98.51.100.7"))
    #expect(try !isProven(parts, method: "POST19", host: "", scheme: "", ip: "8.51.100.7"))
    #expect(try !isProven(parts, method: "", host: "", scheme: "", ip: "POST198.51.100.7"))
    let hosts: [SignString.Part] = [.scheme, .hostHeader, .url]
    #expect(try isProven(hosts, method: "", host: "a.example", scheme: "https", ip: ""))
    #expect(try !isProven(hosts, method: "", host: "sa.example", scheme: "http", ip: ""))
    #expect(try !isProven(hosts, method: "", host: "a.example/login", scheme: "https", ip: ""))
    #expect(try !isProven(hosts, method: "", host: "a.example", scheme: "ftp", ip: ""))
  }

  @Test func `a target without query, name or extension has empty ones`() throws {
    #expect(try isSigned([.query], as: "", target: "/abc"))
    #expect(try isSigned([.fileName], as: "", target: "/abc/"))
    #expect(try isSigned([.fileExtension], as: "", target: "/a.b/c"))
    #expect(try isSigned([.query], as: "", target: "/abc?"))
  }
}
