import CEpoll
import Glibc
import NIOCore

/// The kernel's list of what a loop waits for (epoll(7)), and a place for each: level-triggered.
///
/// Not thread-safe: it lives on its loop's thread.
///
/// SAFETY, for all of it: what the kernel keeps with a descriptor is a union of which we use the number only;
/// (events-owned).
@safe
final class Epoll {
  /// What a descriptor is looked at for.
  struct Events: OptionSet {
    let rawValue: UInt32
    static let input = Events(rawValue: EPOLLIN.rawValue)
    static let output = Events(rawValue: EPOLLOUT.rawValue)
    /// Told unasked: the other side is gone, or the socket has failed.
    static let hangUp = Events(rawValue: EPOLLHUP.rawValue | EPOLLERR.rawValue)
  }

  private struct Place {
    var source: EventSource?
    /// How many it has had. An event is of the one for which it was asked, though another has its place.
    var generation: UInt32 = 0
  }

  /// LIMIT: events that are asked for at first. More where as many were ready, up to the second number: a
  /// look is to be at all that is ready, and the kernel keeps the order of what is left over.
  private static let eventCountMin = 64
  private static let eventCountMax = 4096

  private let descriptor: CInt
  private var places: [Place] = []
  private var free: [Int] = []
  /// No array: each look and each event would be guarded against another one.
  ///
  /// INVARIANT (events-owned): ours alone, initialized, from `init` to `deinit`.
  private var events: UnsafeMutableBufferPointer<epoll_event>
  /// Of those, how many the last look has brought.
  private(set) var readyCount = 0

  init() throws(IOError) {
    descriptor = epoll_create1(CInt(EPOLL_CLOEXEC))
    guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "epoll_create1") }
    unsafe events = Self.makeRoom(Self.eventCountMin)
  }

  deinit {
    unsafe events.deallocate()
    _ = Glibc.close(descriptor)
  }

  private static func makeRoom(_ count: Int) -> UnsafeMutableBufferPointer<epoll_event> {
    let room = UnsafeMutableBufferPointer<epoll_event>.allocate(capacity: count)
    unsafe room.initialize(repeating: epoll_event())
    return unsafe room
  }

  /// All that are looked at.
  var sources: [EventSource] { places.compactMap(\.source) }

  /// Looks at a descriptor from now on. The source is kept until `remove`.
  func add(_ source: EventSource, for wanted: Events) throws(IOError) {
    if free.isEmpty {
      free.append(places.count)
      places.append(Place())
    }
    let place = free.last!
    source.place = place
    do {
      try control(EPOLL_CTL_ADD, source, wanted)
    } catch {
      source.place = nil
      throw error
    }
    free.removeLast()
    places[place].source = source
  }

  func change(_ source: EventSource, to wanted: Events) throws(IOError) {
    guard source.place != nil else { return }
    try control(EPOLL_CTL_MOD, source, wanted)
  }

  /// To be called before the descriptor is closed: where somebody has a copy of it, it would go on being
  /// looked at.
  func remove(_ source: EventSource) {
    guard let place = source.place else { return }
    try? control(EPOLL_CTL_DEL, source, [])
    source.place = nil
    places[place].source = nil
    places[place].generation &+= 1
    free.append(place)
  }

  private func control(_ operation: CInt, _ source: EventSource, _ wanted: Events) throws(IOError) {
    let place = source.place!
    var event = unsafe epoll_event()
    unsafe event.events = wanted.rawValue
    unsafe event.data.u64 = UInt64(places[place].generation) << 32 | UInt64(place)
    // SAFETY: the kernel copies the event before the call returns.
    guard unsafe epoll_ctl(descriptor, operation, source.descriptor, &event) == 0 else {
      throw IOError(errnoCode: errno, reason: "epoll_ctl")
    }
  }

  /// Waits until something is ready; with `waits` false looks only.
  func look(waits: Bool) {
    if unsafe readyCount == events.count, unsafe events.count < Self.eventCountMax {
      let more = unsafe Self.makeRoom(2 * events.count)
      unsafe events.deallocate()
      unsafe events = more
    }
    let room = unsafe CInt(events.count)
    // SAFETY: the kernel writes no more events than it is told there is room for.
    let count = unsafe epoll_wait(descriptor, events.baseAddress!, room, waits ? -1 : 0)
    // A signal: the next look will tell. Nothing else can be wrong with arguments of our own.
    readyCount = max(0, Int(count))
  }

  /// The source of one of the last look's events; `nil` where it is gone.
  func ready(_ index: Int) -> (source: EventSource, events: Events)? {
    let (data, ready) = unsafe (events[index].data.u64, events[index].events)
    let place = places[Int(truncatingIfNeeded: data & 0xFFFF_FFFF)]
    guard place.generation == UInt32(truncatingIfNeeded: data >> 32), let source = place.source else {
      return nil
    }
    return (source, Events(rawValue: ready))
  }
}

/// Something with a descriptor that a loop looks at.
///
/// A class to inherit from, not a protocol: it is told of each read.
public class EventSource {
  let descriptor: CInt
  /// Where its loop keeps it; `nil` while it does not.
  fileprivate(set) var place: Int?

  init(descriptor: CInt) { self.descriptor = descriptor }

  /// On its loop's thread.
  func ready(_ events: Epoll.Events) {}

  /// The loop ends.
  func abandon() {}
}
