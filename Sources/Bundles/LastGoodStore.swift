/// The last bundle that was served, kept in a directory of this server alone, for a restart while its
/// source is gone.
public struct LastGoodStore: Sendable {
  public let directory: StateDirectory
  private var file: DurableFile { DurableFile(directory: directory, name: "last-good.bundle") }

  public init(in directory: StateDirectory) { self.directory = directory }

  public var path: String { file.path }

  /// The bundle that is kept, mapped; `nil` where there is none yet.
  public func load() throws(BundleError) -> BundleBytes? {
    file.isAbsent ? nil : try BundleBytes.mapping(path)
  }

  /// Replaces the bundle that is kept. O(bytes). When it throws, the old one is still there.
  public func save(
    _ bytes: BundleBytes, at step: (DurableFile.Step) -> Void = { _ in }
  ) throws(BundleError) {
    try file.replace(with: bytes.span, at: step)
  }
}
