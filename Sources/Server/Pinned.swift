/// A value at a fixed address, to be changed on one event loop.
///
/// Each change of a class's property is guarded against another one that it is within: for a short call that
/// is more than the call takes. Who has one of these sees to it that a change calls nothing that comes back.
///
/// SAFETY, for all of it: the memory is initialized from `init` to `deinit`, and the pointer goes nowhere
/// else.
@safe
struct Pinned<Value: ~Copyable>: ~Copyable {
  private let pointer: UnsafeMutablePointer<Value>

  init(_ value: consuming Value) {
    unsafe pointer = .allocate(capacity: 1)
    unsafe pointer.initialize(to: value)
  }

  deinit {
    unsafe pointer.deinitialize(count: 1)
    unsafe pointer.deallocate()
  }

  var value: Value {
    unsafeAddress { unsafe UnsafePointer(pointer) }
    nonmutating unsafeMutableAddress { unsafe pointer }
  }
}
