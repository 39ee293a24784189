import CNghttp2
import Wire

/// The head of responses that a connection's requests get again and again, as HPACK said it last.
///
/// A block that enters nothing in HPACK's table says the same fields whenever it is sent again, as long as no
/// other block has changed the table meanwhile. So libnghttp2 encodes a head until that is so; later it is
/// given responses without fields, and their empty blocks are filled on their way out.
///
/// INVARIANT (sent-table-unchanged): since the block that is known was sent only such were that leave HPACK's
/// table as it is. What libnghttp2 writes is looked at in the order in which it has encoded it.
///
/// SAFETY, for all of it: heads live for ever; frames are whole, as libnghttp2 hands them out.
@safe
struct RepeatedResponse: ~Copyable {
  /// LIMIT: bytes of a block that is known: those of our heads have two or three.
  private static let blockByteCountMax = 16
  /// LIMIT: other heads in a row until one of theirs is learned.
  private static let patience = 16

  private var head: ResponseHead?
  private var block = ByteWriter(capacity: blockByteCountMax)
  private(set) var isLearned = false
  /// The stream whose head is to be learned when it is sent, 0 for none.
  private var learning: Int32 = 0
  private var otherCount = 0

  init() {}

  /// Whether a response with this head is to be submitted without it; else it may be learned.
  @inline(__always)
  mutating func shortens(_ head: ResponseHead, of stream: Int32) -> Bool {
    if isLearned, head == self.head {
      otherCount = 0
      return true
    }
    noteOther(head, of: stream)
    return false
  }

  @inline(never)
  private mutating func noteOther(_ head: ResponseHead, of stream: Int32) {
    if isLearned {
      otherCount += 1
      guard otherCount > Self.patience else { return }
      isLearned = false
    }
    self.head = head
    learning = stream
  }

  /// Appends a frame of headers, which begins with `frameHead`, to `output`: with the fields of `shortened`,
  /// where it was submitted without.
  @inline(__always)
  mutating func write(
    _ frame: Span<UInt8>, _ frameHead: FrameHead, _ shortened: ResponseHead?, to output: inout ByteWriter
  ) {
    if let shortened, isLearned, shortened == head, frame.count == FrameHead.byteCount {
      var filled = frameHead
      filled.payloadByteCount = block.count
      let bytes = filled.bytes
      output.append(bytes.span)
      output.append(block.span)
    } else {
      writeOther(frame, frameHead, shortened, to: &output)
    }
  }

  @inline(never)
  private mutating func writeOther(
    _ frame: Span<UInt8>, _ frameHead: FrameHead, _ shortened: ResponseHead?, to output: inout ByteWriter
  ) {
    var head = frameHead
    let written = frame.extracting(FrameHead.byteCount...)
    let leavesTable = head.isWholeBlock && written.leavesTable
    if !leavesTable { isLearned = false }
    guard let shortened else {
      output.append(frame)
      if Int32(bitPattern: head.stream) == learning { learn(written, leavesTable) }
      return
    }
    // Another block has changed the table, or this one says the table's size: whatever that is, fields in
    // full mean the same.
    head.payloadByteCount = written.count + shortened.inFullByteCount
    output.append(head.bytes.span)
    output.append(written)
    shortened.appendInFull(to: &output)
  }

  mutating func forget() {
    isLearned = false
    learning = 0
  }

  private mutating func learn(_ written: Span<UInt8>, _ leavesTable: Bool) {
    learning = 0
    guard leavesTable, written.count <= Self.blockByteCountMax else { return }
    block.removeAll()
    block.append(written)
    isLearned = true
    otherCount = 0
  }
}
