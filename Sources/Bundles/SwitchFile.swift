import Foundation
import Rules
import Synchronization
import Tables
import Wire

/// The kills and pins of a server, kept in its state directory: what an operator switched off stays off
/// when the process restarts, and what was rolled back stays rolled back.
///
/// `switches.json`: a line `postern-switches 1 DIGEST`, the SHA-256 of all that follows, and JSON. A
/// pinned version is in it as its image, for a source that has newer tables only. What was proved and
/// signed when it was published is not proved again: the directory is this server's alone, as its
/// process is (mode 0700 where we make it).
public final class SwitchFile: Sendable {
  /// LIMIT: images in base64, and JSON around them, in memory twice; far more than tables take that
  /// are rolled back by hand.
  public static let byteCountMax = 256 << 20

  private static let heading = "postern-switches 1 "
  private let file: DurableFile
  /// One save after the other, so that the last one has the newest switches.
  private let saving = Mutex<Void>(())

  public init(in directory: StateDirectory) {
    file = DurableFile(directory: directory, name: "switches.json")
  }

  public var path: String { file.path }

  private struct Chain: Codable {
    var tenant: String
    var trigger: String
    var killed: Bool
    var killedTables: [String]
    var pinnedImage: Data?
  }

  /// Keeps the switches of a store as they are now. When it throws, what was kept before still is.
  public func save(_ store: TableStore) throws(BundleError) {
    try saving.withLock { (_) throws(BundleError) in
      let chains = store.switches.map { kept in
        Chain(
          tenant: kept.key.tenant, trigger: kept.key.trigger, killed: kept.isKilled,
          killedTables: kept.killedTables,
          pinnedImage: kept.pinned.map { chain in
            let image = chain.image
            // SAFETY: copied while the chain is kept.
            return unsafe image.withUnsafeBytes { unsafe Data($0) }
          })
      }
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
      guard let json = try? encoder.encode(chains) else {
        throw BundleError(.malformed, "the switches have no JSON")
      }
      let digest = ContentDigest(of: Array(json)).hexadecimal
      let bytes = Array("\(Self.heading)\(digest)\n".utf8) + Array(json)
      guard bytes.count <= Self.byteCountMax else {
        throw BundleError(
          .tooLarge, "the pinned tables take \(bytes.count) bytes; \(Self.byteCountMax) is the most")
      }
      try file.replace(with: bytes.span)
    }
  }

  /// What was kept; empty where nothing ever was. Throws for a file that is not as it was written: then
  /// nobody knows what is killed. A pinned version that cannot be read, as after an upgrade that changes the
  /// format of images, comes as a fault, and keeps no server from starting.
  public func load() throws(BundleError) -> [ChainSwitches] {
    if self.file.isAbsent { return [] }
    let file = try BundleBytes.reading(path)
    let bytes = [UInt8](copying: file.span)
    let end = bytes.firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
    let json = Array(bytes.dropFirst(end + 1))
    let heading = String(decoding: bytes[..<end], as: UTF8.self)
    guard heading == Self.heading + ContentDigest(of: json).hexadecimal else {
      throw damaged("its bytes are not those that were written")
    }
    guard let chains = try? JSONDecoder().decode([Chain].self, from: Data(json)) else {
      throw damaged("it is of another version of postern")
    }
    var switches: [ChainSwitches] = []
    for chain in chains {
      let key = TableKey(tenant: chain.tenant, trigger: chain.trigger)
      var kept = ChainSwitches(key: key, isKilled: chain.killed, killedTables: chain.killedTables)
      if let image = chain.pinnedImage {
        do throws(ImageError) {
          kept.pinned = try Self.chain(image)
        } catch {
          kept.pinFault = error
        }
      }
      switches.append(kept)
    }
    return switches
  }

  private static func chain(_ image: Data) throws(ImageError) -> CompiledChain {
    let memory = unsafe try ImageMemory(
      byteCount: image.count,
      { target in
        // SAFETY: the target has room for all of the image.
        unsafe image.copyBytes(to: target) == image.count
      })
    guard let memory else { throw .malformed(offset: 0) }
    return try CompiledChain(memory)
  }

  private func damaged(_ what: String) -> BundleError {
    BundleError(
      .malformed,
      "`\(path)`, which keeps what is killed and pinned, cannot be used: \(what); put it back from a"
        + " copy, or remove it to start with nothing killed and nothing pinned")
  }
}
