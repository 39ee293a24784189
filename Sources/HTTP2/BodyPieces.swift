import Wire

/// Bodies' bytes where they were received, while the session lends them to whoever answers.
///
/// INVARIANT (pieces-lent): the bytes of a piece stay until the list is emptied; a piece that has a
/// stream is among that stream's pieces, from its `firstPiece` to its `lastPiece`, in their order.
@safe
struct BodyPieces: ~Copyable {
  @safe
  struct Piece: BitwiseCopyable {
    /// `nil` once it has been taken, or its stream is gone.
    var stream: UnsafeMutablePointer<StreamState>?
    var start: UnsafePointer<UInt8>?
    var count: Int
    /// The stream's next one.
    var next: Int?

    /// SAFETY: (pieces-lent).
    var bytes: Span<UInt8> {
      @_lifetime(immortal)
      get {
        let span = unsafe Span(_unsafeStart: start!, count: count)
        return unsafe _overrideLifetime(span, copying: ())
      }
    }
  }

  private var list = ScratchList<Piece>()
  /// Where the bytes lie that are lent; none when nothing is.
  private var lent: Range<UInt> = 0..<0

  var isEmpty: Bool { list.isEmpty }
  var count: Int { list.count }

  subscript(index: Int) -> Piece { list[index] }

  /// Bytes lie where they are until `removeAll`.
  mutating func lend(_ bytes: Span<UInt8>) { lent = Self.addresses(of: bytes) }

  /// Whether these are among the bytes that are lent: no others may be kept.
  func lends(_ bytes: Span<UInt8>) -> Bool {
    let addresses = Self.addresses(of: bytes)
    return addresses.lowerBound >= lent.lowerBound && addresses.upperBound <= lent.upperBound
  }

  private static func addresses(of bytes: Span<UInt8>) -> Range<UInt> {
    // SAFETY: the address is taken as a number.
    unsafe bytes.withUnsafeBufferPointer {
      let start = UInt(bitPattern: $0.baseAddress)
      return start..<(start + UInt($0.count))
    }
  }

  @unsafe mutating func append(_ bytes: Span<UInt8>, of stream: UnsafeMutablePointer<StreamState>) {
    guard bytes.count > 0 else { return }
    let place = list.count
    // SAFETY: (pieces-lent).
    unsafe bytes.withUnsafeBufferPointer {
      unsafe list.append(
        Piece(stream: stream, start: $0.baseAddress!, count: $0.count, next: nil))
    }
    if let last = unsafe stream.pointee.lastPiece {
      list[last].next = place
    } else {
      unsafe stream.pointee.firstPiece = place
    }
    unsafe stream.pointee.lastPiece = place
  }

  /// Takes the first piece of a stream that has one.
  @unsafe mutating func takeFirst(of stream: UnsafeMutablePointer<StreamState>) -> Piece {
    // SAFETY: (streams-owned), and (pieces-lent).
    let place = unsafe stream.pointee.firstPiece!
    let piece = list[place]
    unsafe list[place].stream = nil
    unsafe stream.pointee.firstPiece = piece.next
    if piece.next == nil { unsafe stream.pointee.lastPiece = nil }
    return piece
  }

  /// Nothing is lent any more.
  mutating func removeAll() {
    list.removeAll()
    lent = 0..<0
  }
}
