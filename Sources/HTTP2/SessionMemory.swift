import CNghttp2

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Memory of the sessions of one loop: what libnghttp2 frees is kept, by size, for what it allocates
/// next.
///
/// It makes and frees about ten small objects for each request; lists of the loop's own need
/// neither lock nor search, and a loop at work asks the system for nothing.
///
/// INVARIANT (chunk-header): `headerByteCount` bytes before each object hold its class; objects of
/// class `classCount` are too large for a list and go straight to the system.
@safe
struct SessionMemory: ~Copyable {
  /// LIMIT: classes of 32 bytes, up to 2 KiB: above are frame buffers, made once a session.
  private static let classByteCount = 32
  private static let classCount = 64
  /// Keeps objects aligned as malloc does.
  private static let headerByteCount = 16

  /// By class: the first free chunk, which points at the next.
  private var lists = unsafe InlineArray<64, UnsafeMutableRawPointer?>(repeating: nil)

  #if DEBUG
    /// In the header's second half while an object is in use.
    private static let usedMark: UInt64 = 0x504F_5354_4552_4E21
  #endif

  init() {}

  deinit {
    for index in 0..<Self.classCount {
      var next = unsafe lists[index]
      while let chunk = unsafe next {
        unsafe next = chunk.load(as: UnsafeMutableRawPointer?.self)
        unsafe free(chunk)
      }
    }
  }

  /// Gives all free chunks back to the system.
  mutating func release() {
    for index in 0..<Self.classCount {
      while let chunk = unsafe lists[index] {
        unsafe lists[index] = chunk.load(as: UnsafeMutableRawPointer?.self)
        unsafe free(chunk)
      }
    }
  }

  @unsafe private mutating func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer? {
    #if DEBUG
      if AllocationFault.isDue?() == true { return nil }
    #endif
    let index = min((byteCount + Self.classByteCount - 1) / Self.classByteCount, Self.classCount)
    let chunk: UnsafeMutableRawPointer
    if index < Self.classCount, let free = unsafe lists[index] {
      unsafe lists[index] = free.load(as: UnsafeMutableRawPointer?.self)
      unsafe chunk = free
    } else {
      let room = index < Self.classCount ? index * Self.classByteCount : byteCount
      guard let new = unsafe malloc(Self.headerByteCount + room) else { return nil }
      unsafe chunk = new
    }
    unsafe chunk.storeBytes(of: index, as: Int.self)
    #if DEBUG
      unsafe chunk.storeBytes(of: Self.usedMark, toByteOffset: 8, as: UInt64.self)
    #endif
    return unsafe chunk + Self.headerByteCount
  }

  @unsafe private mutating func deallocate(_ object: UnsafeMutableRawPointer?) {
    guard let object = unsafe object else { return }
    // SAFETY, here and below: (chunk-header).
    let chunk = unsafe object - Self.headerByteCount
    let index = unsafe chunk.load(as: Int.self)
    #if DEBUG
      let mark = unsafe chunk.load(fromByteOffset: 8, as: UInt64.self)
      precondition(mark == Self.usedMark, "freed twice, or never allocated here")
      unsafe chunk.storeBytes(of: 0, toByteOffset: 8, as: UInt64.self)
    #endif
    guard index < Self.classCount else { return unsafe free(chunk) }
    unsafe chunk.storeBytes(of: lists[index], as: UnsafeMutableRawPointer?.self)
    unsafe lists[index] = chunk
  }

  @unsafe private mutating func reallocate(
    _ object: UnsafeMutableRawPointer?, _ byteCount: Int
  ) -> UnsafeMutableRawPointer? {
    guard let object = unsafe object else { return unsafe allocate(byteCount) }
    let chunk = unsafe object - Self.headerByteCount
    let index = unsafe chunk.load(as: Int.self)
    guard index < Self.classCount else {
      #if DEBUG
        if AllocationFault.isDue?() == true { return nil }
      #endif
      guard let moved = unsafe realloc(chunk, Self.headerByteCount + byteCount) else { return nil }
      return unsafe moved + Self.headerByteCount
    }
    let room = index * Self.classByteCount
    if byteCount <= room { return unsafe object }
    guard let moved = unsafe allocate(byteCount) else { return nil }
    unsafe moved.copyMemory(from: object, byteCount: room)
    unsafe deallocate(object)
    return unsafe moved
  }

  /// The functions that libnghttp2 calls; their last argument is the memory.
  @unsafe static func functions(
    _ memory: UnsafeMutablePointer<SessionMemory>
  ) -> nghttp2_mem {
    unsafe nghttp2_mem(
      mem_user_data: memory,
      malloc: { byteCount, memory in
        unsafe memory!.assumingMemoryBound(to: SessionMemory.self).pointee.allocate(byteCount)
      },
      free: { object, memory in
        unsafe memory!.assumingMemoryBound(to: SessionMemory.self).pointee.deallocate(object)
      },
      calloc: { count, byteCount, memory in
        let (total, overflow) = count.multipliedReportingOverflow(by: byteCount)
        guard !overflow else { return nil }
        let object = unsafe memory!.assumingMemoryBound(to: SessionMemory.self).pointee
          .allocate(total)
        unsafe object?.initializeMemory(as: UInt8.self, repeating: 0, count: total)
        return unsafe object
      },
      realloc: { object, byteCount, memory in
        unsafe memory!.assumingMemoryBound(to: SessionMemory.self).pointee
          .reallocate(object, byteCount)
      })
  }
}

#if DEBUG
  /// Lets a test refuse libnghttp2 memory, inside `$isDue.withValue`: asked at each allocation. It is
  /// not there in a release build.
  package enum AllocationFault {
    @TaskLocal package static var isDue: (@Sendable () -> Bool)?
  }
#endif
