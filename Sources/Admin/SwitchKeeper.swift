import Synchronization

/// Keeps kills and pins for a restart, and knows whether it could.
public final class SwitchKeeper: Sendable {
  private let write: @Sendable () throws -> Void
  /// Why the last attempt failed. Held for the whole of one, so that the last one to write has the last word.
  private let lastFailure = Mutex<String?>(nil)

  /// `write` keeps the switches as they are when it is called. What was kept before is kept until then.
  public init(_ write: @escaping @Sendable () throws -> Void) { self.write = write }

  /// Why the switches as they are now would not survive a restart; `nil` where they would.
  public var failure: String? { lastFailure.withLock { $0 } }

  public func save() throws {
    try lastFailure.withLock { failure in
      do {
        try write()
        failure = nil
      } catch {
        failure = "\(error)"
        throw error
      }
    }
  }
}
