import Signals
import Wire

/// A borrowed, validated chain image: typed access to its records, without checks of its own.
///
/// SAFETY: all memory access of an evaluation goes through here, and is in bounds by (image-valid); whoever
/// makes a view keeps the image.
@safe
public struct ChainView: ~Escapable {
  @usableFromInline let base: UnsafeRawPointer

  @_lifetime(immortal)
  @unsafe init(_ base: UnsafeRawPointer) { unsafe self.base = base }

  var header: ImageHeader { load(at: 0) }

  /// The signals that the chain reads.
  public var schema: SchemaView {
    @_lifetime(copy self)
    get {
      let header = self.header
      let slots: Span<SlotDescriptor> = span(at: header.slotsOffset, count: header.slotCount)
      return SchemaView(slots: slots, names: text, headers: header.headers)
    }
  }

  /// The verdict of a request that is too late, where no table is killed or a canary.
  public var onLate: Verdict { verdict(header.onLate) }

  func onLate(of table: TableRecord) -> Verdict { verdict(details(of: table).onLate) }

  /// Live tables and shadows.
  public var tableCount: Int { Int(header.tableCount) }

  /// The live tables come first.
  var liveTableCount: Int { Int(header.liveTableCount) }

  var slotCount: Int { Int(header.slotCount) }

  var text: Span<UInt8> {
    @_lifetime(copy self)
    get {
      let range = header.text
      return span(at: range.offset, count: range.count)
    }
  }

  func table(_ index: Int) -> TableRecord {
    load(at: Int(header.tablesOffset) &+ index &* MemoryLayout<TableRecord>.stride)
  }

  func details(of table: TableRecord) -> TableDetails { load(at: Int(table.detailsOffset)) }

  func column(_ index: Int, of table: TableRecord) -> ColumnRecord {
    load(at: Int(table.columnsOffset) &+ index &* MemoryLayout<ColumnRecord>.stride)
  }

  func input(_ index: Int) -> InputRecord {
    load(at: Int(header.inputsOffset) &+ index &* MemoryLayout<InputRecord>.stride)
  }

  func rule(_ index: Int, of table: TableRecord) -> RuleRecord {
    load(at: Int(table.rulesOffset) &+ index &* MemoryLayout<RuleRecord>.stride)
  }

  func output(_ index: Int, of rule: RuleRecord) -> OutputRecord {
    load(at: Int(rule.outputsOffset) &+ index &* MemoryLayout<OutputRecord>.stride)
  }

  func signalName(_ slot: Int) -> ByteRange {
    load(at: Int(header.slotNamesOffset) &+ slot &* MemoryLayout<ByteRange>.stride)
  }

  /// A stored verdict; validation has refused any other number.
  @inline(__always)
  func verdict(_ raw: UInt32) -> Verdict { Verdict(stored: raw) }

  /// A stored mode; validation has refused any other number.
  @inline(__always)
  func mode(_ raw: UInt32) -> Mode { Mode(stored: raw) }

  @inline(__always)
  func load<Record: BitwiseCopyable>(at offset: Int) -> Record {
    // SAFETY: (image-valid); records are aligned to their stride's alignment by the builder.
    unsafe base.load(fromByteOffset: offset, as: Record.self)
  }

  /// Eight words of a row, by the byte offset of the first.
  @inline(__always)
  func block(at offset: Int) -> Block { load(at: offset) }

  @inline(__always)
  @_lifetime(copy self)
  func span<Element: BitwiseCopyable>(at offset: UInt32, count: UInt32) -> Span<Element> {
    // SAFETY: (image-valid); the span has our lifetime.
    let span = unsafe Span<Element>(
      _unsafeStart: (base + Int(offset)).assumingMemoryBound(to: Element.self), count: Int(count))
    return unsafe _overrideLifetime(span, copying: self)
  }
}
