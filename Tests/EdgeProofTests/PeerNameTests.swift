import EdgeProof
import Testing

@Suite struct PeerNameTests {
  private static let names: [PeerName] = [
    PeerName(dns: "Gateway.test".utf8)!, PeerName(address: [10, 0, 0, 7])!,
    PeerName(uri: "spiffe://example.org/prod/gateway".utf8)!,
  ]

  @Test(arguments: [
    "dns:gateway.test", "dns:GATEWAY.TEST", "ip:10.0.0.7", "ip:::ffff:10.0.0.7",
    "uri:spiffe://example.org/prod/gateway", "spiffe://example.org/prod/gateway",
    "spiffe://example.org/prod/*", "spiffe://example.org/*",
  ])
  func `a pattern means a certificate that has the name`(text: String) throws {
    #expect(try #require(PeerNamePattern(text)).matches(Self.names))
  }

  @Test(arguments: [
    "dns:test", "dns:gateway.test.", "ip:10.0.0.8", "uri:spiffe://example.org/prod",
    "spiffe://example.org/prod", "spiffe://example.org/prod/gate", "spiffe://example.org/prod/gateway/*",
    "spiffe://example.or/*", "spiffe://example.org.evil/*", "dns:spiffe",
  ])
  func `it means no other`(text: String) throws {
    #expect(try !#require(PeerNamePattern(text)).matches(Self.names))
  }

  @Test(arguments: [
    "", "gateway.test", "dns:", "dns:*.test", "dns:a b", "dns:ä.test", "dns:a:443", "ip:", "ip:10.0.0.0/8",
    "ip:10.0.0", "uri:", "uri:*", "spiffe:", "spiffe://", "spiffe://*", "spiffe:///x", "spiffe://example.org",
    "spiffe://example.org/", "spiffe://Example.org/x", "spiffe://example.org//x", "spiffe://example.org/../x",
    "spiffe://example.org/./x", "spiffe://example.org/x/", "spiffe://example.org/*/x",
    "spiffe://example.org/x*", "spiffe://example.org/%2e", "spiffe://u@example.org/x", "email:a@b",
  ])
  func `other text is no pattern`(text: String) { #expect(PeerNamePattern(text) == nil) }

  /// SPIFFE asks for one URI: which of two is meant nobody knows.
  @Test func `a SPIFFE ID beside another URI is none`() throws {
    let pattern = try #require(PeerNamePattern("spiffe://example.org/*"))
    #expect(!pattern.matches(Self.names + [PeerName(uri: "urn:x".utf8)!]))
    #expect(!pattern.matches([]))
  }

  @Test(arguments: [
    "spiffe://example.org/a/../b", "spiffe://example.org/a//b", "spiffe://example.org/a/",
    "spiffe://example.org/a%2fb", "spiffe://example.org/", "spiffe://example.org",
  ])
  func `what is no SPIFFE ID matches no part of one`(id: String) throws {
    let pattern = try #require(PeerNamePattern("spiffe://example.org/*"))
    #expect(!pattern.matches([PeerName(uri: id.utf8)!]))
  }

  /// A byte that ends a text early for somebody, or that looks like another, is in no name.
  @Test(arguments: ["gateway.test\0.evil.test", "", "gateway test", "gateway.test\n", "gäteway.test"])
  func `bytes that are no name are none`(text: String) {
    #expect(PeerName(dns: text.utf8) == nil)
    #expect(PeerName(uri: text.utf8) == nil)
  }

  @Test func `an address has 4 or 16 bytes`() {
    for count in 0...17 where count != 4 && count != 16 {
      #expect(PeerName(address: [UInt8](repeating: 1, count: count)) == nil)
    }
    #expect(PeerName(address: [10, 0, 0, 7]) == .address(0xFFFF_0A00_0007))
  }
}
