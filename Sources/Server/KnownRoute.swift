import EdgeProof
import Tables
import Wire

/// The tenant and trigger that a loop decided for last, and what was looked up for them: callers
/// name the same ones in message after message.
struct KnownRoute: ~Copyable {
  /// Tenant and trigger, one behind the other.
  private var names = ByteWriter(capacity: 2 * Limits.nameByteCount)
  private(set) var byteCounts: UInt16 = 0
  /// Index of the trigger in the registry.
  private(set) var trigger = 0
  /// `nil` where nothing was ever published.
  private(set) var place: PublicationPlace?

  /// What the tenant asks of requests.
  private(set) var proof = TenantProof.off

  /// Forgets the names, so that all is looked up anew.
  mutating func forget() {
    names.removeAll()
    byteCounts = 0
  }

  /// Keeps what was looked up for a request; its names only where something was published, since
  /// something may be later.
  mutating func keep(
    _ request: borrowing DecisionRequest, in message: Span<UInt8>, trigger: Int,
    _ place: PublicationPlace?, _ proof: TenantProof
  ) {
    self.trigger = trigger
    self.place = place
    self.proof = proof
    forget()
    guard place != nil else { return }
    names.append(message.extracting(request.tenant))
    names.append(message.extracting(request.trigger))
    byteCounts = UInt16(request.tenant.count) | UInt16(request.trigger.count) << 8
  }

  /// The names.
  ///
  /// SAFETY: for a reader that does not look at them any more once they are changed.
  @unsafe var unsafeNames: Span<UInt8> {
    @_lifetime(immortal)
    get { unsafe names.unsafeSpan }
  }
}

extension PublishedTables {
  /// The chain that is published for a route now.
  @_lifetime(borrow self)
  func chain(of route: borrowing KnownRoute) -> PublishedChain? {
    guard let place = route.place else { return nil }
    return published(at: place)
  }
}
