import Rules
import Wire

extension TableBundle {
  /// The same bundle, signed by a key; a signature that it has is replaced. O(bytes).
  public func signed(by key: PrivateKey) -> [UInt8] {
    let header = manifest.header
    var out = ByteWriter(capacity: header.fileByteCount + 128)
    out.append(bytes.span.extracting(0..<header.contentByteCount))
    out.store(BundleLayout.signedFlag, at: 10)
    out.store(
      UInt64(header.contentByteCount + BundleLayout.trailerByteCount(isSigned: true)), at: 16)
    let digest = ContentDigest(of: out.span)
    let id = key.publicKey.id
    out.append(digest.bytes.span)
    out.append(id.bytes.span)
    let signature = key.signature(of: BundleLayout.signedMessage(digest, id))
    out.append(signature.span)
    return Array(copying: out.span)
  }
}
