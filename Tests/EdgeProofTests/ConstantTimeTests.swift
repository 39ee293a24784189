import EdgeProof
import Glibc
import Testing
import Wire

/// A comparison that ends where two texts first differ tells by its time how many bytes were right. Here it
/// is caught by what it reads: the end of the text lies on a page that nobody has touched before.
@Suite struct ConstantTimeTests {
  /// Two pages of zeros, and a text that begins on the first and ends, with zeros, on the second.
  @safe private struct SplitText: ~Copyable {
    private let base: UnsafeMutableRawPointer
    private static let pageByteCount = Int(sysconf(Int32(_SC_PAGESIZE)))
    private let start: Int
    private let count: Int

    init(_ text: [UInt8], endingIn count: Int) throws {
      let pages = unsafe mmap(
        nil, 2 * Self.pageByteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
      guard let pages = unsafe pages, unsafe pages != MAP_FAILED else { throw NoPages() }
      unsafe base = pages
      start = Self.pageByteCount - (text.count - count)
      self.count = text.count
      for (offset, byte) in text.dropLast(count).enumerated() {
        unsafe base.storeBytes(of: byte, toByteOffset: start + offset, as: UInt8.self)
      }
    }

    deinit { unsafe munmap(base, 2 * Self.pageByteCount) }

    var span: Span<UInt8> {
      @_lifetime(borrow self)
      get {
        // SAFETY: as many bytes lie in the two pages, which live as long as we do.
        let text = unsafe UnsafeBufferPointer(
          start: (base + start).assumingMemoryBound(to: UInt8.self), count: count)
        return unsafe _overrideLifetime(text.span, borrowing: self)
      }
    }

    /// Whether anybody has read its end.
    func isRead() throws -> Bool {
      var residence: UInt8 = 0
      let end = unsafe base + Self.pageByteCount
      guard unsafe mincore(end, Self.pageByteCount, &residence) == 0 else { throw NoPages() }
      return residence & 1 == 1
    }
  }

  private struct NoPages: Error {}

  private static let target = Array("/login".utf8)
  private static let data = Array("5, 2001:db8::1, 198.51.100.7, 1000, 1.1, v1".utf8)

  private static func verifier() throws -> G2OVerifier {
    try G2OVerifier(G2OSettings(keys: [G2OKey(id: "v1", secret: Array("s3cr3tk3y".utf8))]))
  }

  private static func outcome(of signature: Span<UInt8>) throws -> EdgeProofOutcome {
    var verifier = try verifier()
    let (data, target) = (data, target)
    let request = SignedRequest(
      method: Span(), scheme: Span(), host: Span(), target: target.span, clientAddress: Span())
    return verifier.verify(data: data.span, signature: signature, of: request, now: 1000)
  }

  @Test func `a comparison that stops early leaves the page alone`() throws {
    let text = [UInt8](repeating: 1, count: 44)
    let split = try SplitText(text, endingIn: 20)
    let isReadAtFirst = try split.isRead()
    #expect(!isReadAtFirst)
    var differs = false
    for index in split.span.indices where !differs { differs = split.span[index] != 2 }
    #expect(differs)
    let isReadTooFar = try split.isRead()
    #expect(!isReadTooFar)
    let last = split.span[43]
    #expect(last == 0)
    let isRead = try split.isRead()
    #expect(isRead)
  }

  @Test(arguments: [0, 1, 22, 23])
  func `a signature is compared to its end, wherever it is first wrong`(wrong: Int) throws {
    var signature = ByteWriter()
    let (data, target, secret) = (Self.data, Self.target, Array("s3cr3tk3y".utf8))
    G2OAlgorithm.hmacSHA256.appendSignature(
      of: data.span, signString: target.span, key: secret.span, to: &signature)
    var text = [UInt8](copying: signature.span)
    let proven = try Self.outcome(of: text.span)
    #expect(proven == .g2o)
    text[wrong] ^= 1
    let split = try SplitText(text, endingIn: 20)
    let outcome = try Self.outcome(of: split.span)
    #expect(outcome == .mismatch)
    let isRead = try split.isRead()
    #expect(isRead)
  }

  @Test(arguments: [0, 1, 22, 23])
  func `a secret is compared to its end, wherever it is first wrong`(wrong: Int) throws {
    let secret = (1...44).map { UInt8($0) }
    let secrets = try SharedSecrets([SharedSecret(secret), SharedSecret(secret.reversed())])
    let isKnown = secrets.contains(secret.span)
    #expect(isKnown)
    var text = secret
    text[wrong] ^= 0x80
    let split = try SplitText(text, endingIn: 20)
    let isTaken = secrets.contains(split.span)
    #expect(!isTaken)
    let isRead = try split.isRead()
    #expect(isRead)
  }
}
