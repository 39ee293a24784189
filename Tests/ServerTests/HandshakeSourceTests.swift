import NIOCore
import Testing

@testable import TLS

/// Which connections count as one source's.
@Suite struct HandshakeSourceTests {
  private static func source(_ address: String, port: Int = 1) throws -> HandshakeSource {
    HandshakeSource(try SocketAddress(ipAddress: address, port: port))
  }

  @Test(arguments: [
    ("192.0.2.1", "192.0.2.1"), ("192.0.2.1", "::ffff:192.0.2.1"), ("2001:db8::1", "2001:db8::1"),
    ("2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff"),
  ])
  func `ports, forms and the halves that hosts choose make no other source`(one: String, other: String) throws {
    #expect(try Self.source(one, port: 1) == Self.source(other, port: 2))
  }

  @Test(arguments: [
    ("192.0.2.1", "192.0.2.2"), ("2001:db8:0:1::1", "2001:db8:0:2::1"), ("::ffff:192.0.2.1", "::ffff:192.0.2.2"),
    ("192.0.2.1", "::192.0.2.1"), ("::1", "0.0.0.1"),
  ])
  func `other addresses are other sources`(one: String, other: String) throws {
    #expect(try Self.source(one) != Self.source(other))
  }

  @Test func `what has no address is a source of its own`() throws {
    #expect(HandshakeSource(nil) == HandshakeSource(try SocketAddress(unixDomainSocketPath: "/x")))
    #expect(try HandshakeSource(nil) != Self.source("0.0.0.0"))
  }
}
