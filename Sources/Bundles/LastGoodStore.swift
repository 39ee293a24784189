/// The last bundle that was served, kept in a directory of this server alone, for a restart while its
/// source is gone.
public struct LastGoodStore: Sendable {
  public let directory: StateDirectory
  private var file: DurableFile { DurableFile(directory: directory, name: "last-good.bundle") }

  public init(in directory: StateDirectory) { self.directory = directory }

  public var path: String { file.path }

  /// The bundle that is kept, mapped; `nil` where there is none yet.
  public func load() throws(BundleError) -> BundleBytes? {
    do throws(BundleError) {
      return file.isAbsent ? nil : try BundleBytes.mapping(path)
    } catch {
      throw unusable(error)
    }
  }

  /// A bundle that is kept and does not say any more below which serial nothing is to be served.
  func unusable(_ error: BundleError) -> BundleError {
    BundleError(
      error.reason, at: error.offset,
      "the last good bundle, `\(path)`, cannot be used (\(error.message)), so nobody knows which bundles are"
        + " older than what was served; put a good copy there, or remove the file to give up the protection"
        + " against older bundles")
  }

  /// Replaces the bundle that is kept. O(bytes). When it throws, the old one is still there.
  public func save(
    _ bytes: BundleBytes, at step: (DurableFile.Step) -> Void = { _ in }
  ) throws(BundleError) {
    try file.replace(with: bytes.span, at: step)
  }
}
