import CNghttp2
import Wire

/// The head that requests of a connection have again and again: most clients send one, in references to
/// HPACK's tables. Its fields are read once, and known again by those references.
///
/// libnghttp2 lends a field as two counted strings, and those of a reference are the table's own. While one
/// is counted as ours it stays as it is, and no other has its address: where a request's fields are the same
/// strings in the same order, its head is the same.
///
/// Cost: two comparisons a field; where they end the fields before are read after all. Allocates nothing per
/// request once it is warm.
///
/// SAFETY, for all of it: the first `count` of `fields` are counted as ours, and the memory that they are
/// given back to outlives us.
@safe
struct RepeatedHead: ~Copyable {
  @safe struct Field: BitwiseCopyable {
    var name: OpaquePointer?
    var value: OpaquePointer?
  }

  /// LIMIT: fields of a head that is known again.
  private static let countMax = 8
  /// LIMIT: bytes of their names and values: a connection may hold them beside HPACK's table. Of Huffman's
  /// longest codes libnghttp2 has allocated seven times as many.
  private static let byteCountMax = 1024
  /// LIMIT: requests with other heads until another one is learned, and between two that cannot be.
  private static let patience = 16

  /// INVARIANT (no-field-behind): those at `count` and behind it are `nil`, which no field is.
  private var fields = InlineArray<10, Field>(repeating: Field())
  private var count = 0
  /// Bytes of names and values in `fields`.
  private var byteCount = 0
  private(set) var isLearned = false
  private(set) var isLearning = false
  /// How many of a request's fields were the head's so far; `stopped` where one was not.
  private var place = stopped
  private static let stopped = countMax + 1
  /// Requests that come before the next may be learned.
  private var waitCount = 0
  /// Requests since the last one that had this head.
  private(set) var otherCount = 0

  /// What the fields come to.
  private var rules = RequestRules()
  private var head = RequestHead()
  private var bytes = ByteWriter(capacity: 64)

  init() {}

  deinit {
    for index in 0..<count { Self.release(fields[index]) }
  }

  private static func release(_ field: Field) {
    unsafe nghttp2_rcbuf_decref(field.name)
    unsafe nghttp2_rcbuf_decref(field.value)
  }

  /// The fields of a request come next.
  @inline(__always)
  mutating func begin() {
    guard isLearned, otherCount < Self.patience else { return beginToLearn() }
    otherCount &+= 1
    place = 0
  }

  /// Fields come next that are no head's.
  mutating func beginTrailers() { place = Self.stopped }

  /// Whether the next field is the head's next.
  @inline(__always)
  mutating func goesOn(_ name: OpaquePointer?, _ value: OpaquePointer?) -> Bool {
    let field = fields[place]
    guard unsafe field.name == name, unsafe field.value == value else { return false }
    place &+= 1
    return true
  }

  /// The request is not one with this head. Returns how many fields, from the first on, it has in common and
  /// nobody has read.
  mutating func stop() -> Int {
    if place == Self.stopped { return 0 }
    defer { place = Self.stopped }
    return place
  }

  /// A request has come to the end of its fields. Where it has this head, gives the stream what they come to;
  /// returns the bytes of its fields, 0 where it has not.
  @inline(__always)
  mutating func complete(_ stream: inout StreamState) -> Int {
    guard isLearned, place == count else { return 0 }
    otherCount = 0
    stream.rules = rules
    stream.head = head
    stream.headerBytes.append(bytes.span)
    return head.fieldByteCount
  }

  // `mutating` in name only: Swift 6.3 copies all of a `~Copyable` struct to lend it.
  mutating func field(at index: Int) -> Field { fields[index] }

  // MARK: Learning

  @inline(never)
  private mutating func beginToLearn() {
    // Others come, or what was to be learned did not come to its end.
    if isLearned || isLearning { forget() }
    if waitCount > 0 { waitCount -= 1 } else { isLearning = true }
  }

  /// A request has this field.
  @inline(__always)
  mutating func learn(_ name: OpaquePointer?, _ value: OpaquePointer?) {
    if isLearning { unsafe note(Field(name: name, value: value)) }
  }

  @inline(never)
  private mutating func note(_ field: Field) {
    // Now, and not at the end of the fields: of a request that is reset they have none.
    byteCount += unsafe nghttp2_rcbuf_get_buf(field.name).len + nghttp2_rcbuf_get_buf(field.value).len
    guard count < Self.countMax, byteCount <= Self.byteCountMax else { return giveUp() }
    unsafe nghttp2_rcbuf_incref(field.name)
    unsafe nghttp2_rcbuf_incref(field.value)
    fields[count] = field
    count += 1
  }

  /// That were all of its fields, and this is what they came to.
  @inline(__always)
  mutating func learned(_ rules: RequestRules, _ head: RequestHead, _ bytes: Span<UInt8>) {
    if isLearning { keep(rules, head, bytes) }
  }

  @inline(never)
  private mutating func keep(_ rules: RequestRules, _ head: RequestHead, _ bytes: Span<UInt8>) {
    guard count > 0, count == head.fieldCount else { return giveUp() }
    self.rules = rules
    self.head = head
    self.bytes.removeAll()
    self.bytes.append(bytes)
    isLearning = false
    isLearned = true
    otherCount = 0
  }

  /// The request cannot be learned: for a while none will.
  mutating func giveUp() {
    if isLearning { forget() }
  }

  private mutating func forget() {
    for index in 0..<count {
      Self.release(fields[index])
      fields[index] = Field()
    }
    // What one request in so many costs to learn is nothing beside them.
    waitCount = isLearning ? Self.patience : 0
    count = 0
    byteCount = 0
    isLearning = false
    isLearned = false
    place = Self.stopped
  }
}
