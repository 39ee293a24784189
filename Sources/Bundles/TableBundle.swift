import Rules
import Tables
import Wire

/// A bundle whose every byte has been checked: length, structure, digest and, by a policy, signature,
/// expiry, environment, triggers and certificates.
public struct TableBundle: Sendable {
  public let bytes: BundleBytes
  public let manifest: Manifest

  /// Checks structure, digest and signature. O(bytes), no trap whatever the bytes are.
  public init(_ bytes: BundleBytes, trust policy: BundlePolicy) throws(BundleError) {
    let span = bytes.span
    let (header, digest) = try Self.intactHeader(of: span)
    var trailer = BundleCursor(span, at: header.contentByteCount + ContentDigest.byteCount)
    try Self.checkSignature(of: digest, &trailer, header, policy)
    manifest = try Manifest(header, reading: span)
    self.bytes = bytes
  }

  /// The header of a bundle that is as it was written, whoever wrote it, and its digest. O(bytes).
  static func intactHeader(
    of bytes: Span<UInt8>
  ) throws(BundleError) -> (BundleHeader, ContentDigest) {
    let header = try BundleHeader(reading: bytes)
    let digest = ContentDigest(of: bytes.extracting(0..<header.contentByteCount))
    var trailer = BundleCursor(bytes, at: header.contentByteCount)
    guard try trailer.readDigest() == digest else {
      throw BundleError(
        .badDigest, at: header.contentByteCount, "its bytes are not those it was made of; fetch it again")
    }
    return (header, digest)
  }

  private static func checkSignature(
    of digest: ContentDigest, _ trailer: inout BundleCursor, _ header: BundleHeader,
    _ policy: BundlePolicy
  ) throws(BundleError) {
    guard header.isSigned else {
      if policy.allowsUnsigned { return }
      throw BundleError(
        .unsigned, at: 10, "it has no signature; sign it with `postern bundle sign`")
    }
    if policy.trustedKeys.isEmpty, policy.allowsUnsigned { return }
    let keyOffset = trailer.offset
    let id = KeyID(try trailer.read(byteCount: BundleLayout.keyIDByteCount))
    guard let key = policy.trustedKeys[id] else {
      let known = policy.trustedKeys.keys.map(\.description).sorted().joined(separator: ", ")
      throw BundleError(
        .unknownKey, at: keyOffset,
        "signed by key \(id), which is not trusted; trusted: \(known.isEmpty ? "none" : known)")
    }
    let signatureOffset = trailer.offset
    let signature = try trailer.read(byteCount: BundleLayout.signatureByteCount)
    guard key.isValid(signature, for: BundleLayout.signedMessage(digest, id)) else {
      throw BundleError(
        .badSignature, at: signatureOffset, "the signature is not that of key \(id)")
    }
  }

  /// Checks what makes a good bundle the right one for this server now.
  ///
  /// `now` in seconds since 1970. `served` is what is being served, `kept` what was before a restart and
  /// could not be restored.
  public func check(
    against policy: BundlePolicy, now: Int64, served: ServedBundle?, kept: ServedBundle? = nil
  ) throws(BundleError) {
    if let served { try checkSerial(behind: served, "is served") }
    if let kept { try checkSerial(behind: kept, "was served before the restart") }
    if let expires = manifest.header.expires, expires <= now {
      throw BundleError(
        .expired, at: 40, "it expired at \(expires), now is \(now) (seconds since 1970);"
          + " compile and sign it again")
    }
    guard manifest.environment.isEmpty || manifest.environment == policy.environment else {
      let own = policy.environment.map { "this is `\($0)`" } ?? "this server was given no --environment"
      throw BundleError(
        .wrongEnvironment, at: 64, "it is for environment `\(manifest.environment)`; \(own)")
    }
    try checkChains(policy)
  }

  private func checkSerial(behind other: ServedBundle, _ role: String) throws(BundleError) {
    let isReused = manifest.serial == other.serial && manifest.digest != other.digest
    guard manifest.serial < other.serial || isReused else { return }
    guard isReused else { throw .older(manifest.serial, than: other.serial, which: role) }
    throw BundleError(
      .reusedSerial, at: 24,
      "serial \(manifest.serial) is that of another bundle, which \(role);"
        + " compile it again with a higher --serial")
  }

  private func checkChains(_ policy: BundlePolicy) throws(BundleError) {
    for (index, chain) in manifest.chains.enumerated() {
      let offset = manifest.header.chainsOffset + index * BundleLayout.chainByteCount
      if let triggers = policy.triggers, !triggers.contains(chain.key.trigger) {
        throw BundleError(
          .unknownTrigger, at: offset + 8,
          "unknown trigger `\(chain.key.trigger)`; declare it under `triggers` in the configuration")
      }
      let image = manifest.images[chain.image].digest
      guard chain.certificate.binds(image: image, sources: chain.tables.map(\.source)) else {
        throw BundleError(
          .badCertificate, at: offset + 28,
          "the chain of `\(chain.key.trigger)` has no certificate that it equals its sources;"
            + " compile it with this version of Postern")
      }
    }
  }

  /// The image of an index in the manifest, decompressed and validated. O(bytes).
  public func chain(ofImage index: Int) throws(BundleError) -> CompiledChain {
    let image = manifest.images[index]
    let block = bytes.span.extracting(image.block)
    let memory: ImageMemory?
    do throws(ImageError) {
      // SAFETY: nothing is written but to the memory that is being made.
      memory = unsafe try ImageMemory(
        byteCount: image.byteCount, { unsafe LZ4Block.restore(block, to: $0) })
    } catch {
      throw BundleError(
        .notPublished, at: image.block.lowerBound,
        "there is no memory for an image of \(image.byteCount) bytes; it is tried again")
    }
    guard let memory else {
      throw BundleError(
        .badImage, at: image.block.lowerBound, "a block that does not decompress to its length")
    }
    guard ContentDigest(of: memory.bytes) == image.digest else {
      throw BundleError(.badImage, at: image.block.lowerBound, "an image of another digest")
    }
    do throws(ImageError) {
      return try CompiledChain(memory)
    } catch .otherFormat(let format) {
      var error = BundleError(
        .badImage, at: image.block.lowerBound,
        "it was compiled by another version of Postern: its images have format \(format), this version"
          + " reads \(ImageError.ownFormat); compile it again with this version's `postern compile`")
      error.imageFormat = format
      throw error
    } catch {
      throw BundleError(.badImage, at: image.block.lowerBound, "an image with a fault: \(error)")
    }
  }
}
