import Bundles
import Rules
import Tables

extension FuzzTarget {
  /// A bundle whose digest is made right, as by somebody who may sign: loaded, and decided by.
  static let bundle = FuzzTarget("bundle", upTo: 8192, from: Seeds.bundles) { input throws(Finding) in
    var bytes = input
    if let mode = bytes.popLast(), mode & 1 == 1, bytes.count > ContentDigest.byteCount {
      let content = bytes.count - ContentDigest.byteCount
      bytes.replaceSubrange(
        content..., with: ContentDigest(of: Array(bytes.prefix(content))).bytes)
    }
    var policy = BundlePolicy()
    policy.allowsUnsigned = true
    do {
      let bundle = try TableBundle(BundleBytes(bytes), trust: policy)
      _ = try? bundle.rules()
      try bundle.check(against: policy, now: 2_000, served: nil)
      for index in bundle.manifest.images.indices {
        Probing.decide(by: try bundle.chain(ofImage: index))
      }
    } catch {
      // Refused.
    }
  }

  /// A table's image, as it would lie in a bundle: what passes the check is safe to evaluate.
  static let image = FuzzTarget("image", upTo: 8192, from: Seeds.images) { input throws(Finding) in
    guard
      let memory = unsafe try? ImageMemory(
        byteCount: input.count,
        { target in
          // SAFETY: there is room for just these bytes.
          unsafe target.copyBytes(from: input)
          return true
        }),
      let chain = try? CompiledChain(memory)
    else { return }
    Probing.decide(by: chain)
  }
}
