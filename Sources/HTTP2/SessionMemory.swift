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
/// class `classCount` are too large for a list and go straight to the system, that of
/// `frameBufferClass` stays.
///
/// INVARIANT (frame-buffer): libnghttp2 makes its frames in a buffer of 16 KiB, which it allocates with
/// each session. `nghttp2_session_mem_send` hands out all that lies in it, so between two calls nothing
/// of it counts, and the sessions of a loop have one in common: an idle connection has none, and those
/// at work find it warm. A debug build overwrites it after each use, so that tests would see a
/// library of which this is not true.
///
/// SAFETY, for all of it: (chunk-header), and a chunk in a list is nobody else's: its first word may point at
/// the next.
@safe
struct SessionMemory: ~Copyable {
  /// LIMIT: classes of 32 bytes, up to 2 KiB: above are frame buffers, made once a session.
  private static let classByteCount = 32
  private static let classCount = 64
  /// Keeps objects aligned as malloc does.
  private static let headerByteCount = 16
  /// LIMIT: the payload of the largest frame that is sent (RFC 9113 6.5.2): no other object that a new
  /// session allocates is as large.
  private static let frameBufferByteCountMin = 16 << 10
  private static let frameBufferClass = classCount + 1

  /// By class: the first free chunk, which points at the next.
  private var lists = unsafe InlineArray<64, UnsafeMutableRawPointer?>(repeating: nil)
  /// The buffer of all sessions, its header in front, and the bytes behind that; `nil` before the first.
  private var frameBuffer: UnsafeMutableRawPointer?
  private var frameBufferByteCount = 0
  /// A session is being made that has not asked for its frame buffer.
  private var owesFrameBuffer = false

  #if DEBUG
    /// In the header's second half while an object is in use.
    private static let usedMark: UInt64 = 0x504F_5354_4552_4E21
  #endif

  init() {}

  /// The next large object is the frame buffer of a new session.
  mutating func beginSession() { owesFrameBuffer = true }

  mutating func endSession() { owesFrameBuffer = false }

  #if DEBUG
    /// Overwrites what a session has left of its frames.
    mutating func spoilFrameBuffer() {
      guard let buffer = unsafe frameBuffer else { return }
      // SAFETY: (chunk-header).
      unsafe (buffer + Self.headerByteCount).initializeMemory(
        as: UInt8.self, repeating: 0xA5, count: frameBufferByteCount)
    }
  #endif

  deinit {
    unsafe free(frameBuffer)
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
    let index = Int(
      bitPattern: (UInt(bitPattern: byteCount) &+ UInt(Self.classByteCount - 1)) / UInt(Self.classByteCount))
    guard index < Self.classCount, let chunk = unsafe lists[index] else {
      return unsafe allocateAnew(byteCount, min(index, Self.classCount))
    }
    unsafe lists[index] = chunk.load(as: UnsafeMutableRawPointer?.self)
    return unsafe object(in: chunk, ofClass: index)
  }

  @inline(never)
  @unsafe private mutating func allocateAnew(_ byteCount: Int, _ index: Int) -> UnsafeMutableRawPointer? {
    if owesFrameBuffer, byteCount >= Self.frameBufferByteCountMin {
      return unsafe takeFrameBuffer(byteCount)
    }
    let room = index < Self.classCount ? index * Self.classByteCount : byteCount
    guard let chunk = unsafe malloc(Self.headerByteCount + room) else { return nil }
    return unsafe object(in: chunk, ofClass: index)
  }

  /// A chunk becomes an object.
  @inline(__always)
  @unsafe private func object(
    in chunk: UnsafeMutableRawPointer, ofClass index: Int
  ) -> UnsafeMutableRawPointer {
    unsafe chunk.storeBytes(of: index, as: Int.self)
    #if DEBUG
      unsafe chunk.storeBytes(of: Self.usedMark, toByteOffset: 8, as: UInt64.self)
    #endif
    return unsafe chunk + Self.headerByteCount
  }

  @unsafe private mutating func takeFrameBuffer(_ byteCount: Int) -> UnsafeMutableRawPointer? {
    owesFrameBuffer = false
    if unsafe frameBuffer == nil {
      guard let new = unsafe malloc(Self.headerByteCount + byteCount) else { return nil }
      unsafe new.storeBytes(of: Self.frameBufferClass, as: Int.self)
      unsafe frameBuffer = new
      frameBufferByteCount = byteCount
    }
    // Every session asks for the same.
    guard byteCount <= frameBufferByteCount, let buffer = unsafe frameBuffer else {
      return unsafe allocate(byteCount)
    }
    return unsafe buffer + Self.headerByteCount
  }

  @unsafe private mutating func deallocate(_ object: UnsafeMutableRawPointer?) {
    guard let object = unsafe object else { return }
    // SAFETY, here and below: (chunk-header).
    let chunk = unsafe object - Self.headerByteCount
    let index = unsafe chunk.load(as: Int.self)
    #if DEBUG
      if index == Self.frameBufferClass { return }
      let mark = unsafe chunk.load(fromByteOffset: 8, as: UInt64.self)
      precondition(mark == Self.usedMark, "freed twice, or never allocated here")
      unsafe chunk.storeBytes(of: 0, toByteOffset: 8, as: UInt64.self)
    #endif
    guard index < Self.classCount else {
      if index == Self.classCount { unsafe free(chunk) }
      return
    }
    unsafe chunk.storeBytes(of: lists[index], as: UnsafeMutableRawPointer?.self)
    unsafe lists[index] = chunk
  }

  @unsafe private mutating func reallocate(
    _ object: UnsafeMutableRawPointer?, _ byteCount: Int
  ) -> UnsafeMutableRawPointer? {
    guard let object = unsafe object else { return unsafe allocate(byteCount) }
    let chunk = unsafe object - Self.headerByteCount
    let index = unsafe chunk.load(as: Int.self)
    if index == Self.frameBufferClass {
      guard let own = unsafe allocate(byteCount) else { return nil }
      unsafe own.copyMemory(from: object, byteCount: min(byteCount, frameBufferByteCount))
      return unsafe own
    }
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
