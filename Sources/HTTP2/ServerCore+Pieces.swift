import Wire

/// Bodies' bytes that are lent where they were received.
///
/// SAFETY, for all of it: (streams-owned) and (pieces-lent).
extension ServerCore {
  mutating func beginLending(_ bytes: Span<UInt8>) { unsafe pool.pointee.pieces.lend(bytes) }

  /// Copies what nobody has taken, since its bytes go.
  mutating func endLending() {
    let count = unsafe pool.pointee.pieces.count
    for index in 0..<count {
      let piece = unsafe pool.pointee.pieces[index]
      guard let stream = unsafe piece.stream else { continue }
      unsafe stream.pointee.firstPiece = nil
      unsafe stream.pointee.lastPiece = nil
      if unsafe stream.pointee.isAnswered {
        unsafe hold(-piece.count, for: stream)
      } else {
        unsafe stream.pointee.body.append(piece.bytes)
      }
    }
    unsafe pool.pointee.pieces.removeAll()
  }

  var hasPieces: Bool { unsafe !pool.pointee.pieces.isEmpty }

  /// LIMIT: pieces of a read. Four times what a read has of that length; behind one that is longer,
  /// shorter ones are pieces too.
  private static let pieceCountMax = 256

  /// Keeps a body's bytes: by copying them, or by where they are while that is lent.
  @unsafe mutating func keep(_ bytes: Span<UInt8>, of stream: UnsafeMutablePointer<StreamState>) {
    let isBehindPiece = unsafe stream.pointee.firstPiece != nil
    if isBehindPiece || bytes.count >= settings.lentByteCountMin,
      unsafe pool.pointee.pieces.count < Self.pieceCountMax && pool.pointee.pieces.lends(bytes)
    {
      return unsafe pool.pointee.pieces.append(bytes, of: stream)
    }
    while unsafe stream.pointee.firstPiece != nil {
      unsafe stream.pointee.body.append(takePiece(of: stream))
    }
    unsafe stream.pointee.body.append(bytes)
  }

  mutating func nextUnfinished(from place: inout Int) -> HTTP2Stream? {
    while unsafe place < pool.pointee.pieces.count {
      let stream = unsafe pool.pointee.pieces[place].stream
      place += 1
      if let stream = unsafe stream, unsafe !stream.pointee.isHandedOut {
        return unsafe HTTP2Stream(state: stream)
      }
    }
    return nil
  }

  @_lifetime(immortal)
  @unsafe func piece(at place: Int) -> Span<UInt8> {
    unsafe pool.pointee.pieces[place].bytes
  }

  @_lifetime(immortal)
  @unsafe mutating func takePiece(of stream: UnsafeMutablePointer<StreamState>) -> Span<UInt8> {
    unsafe pool.pointee.pieces.takeFirst(of: stream).bytes
  }

  /// Forgets the pieces of a stream that ends.
  @unsafe mutating func dropPieces(of stream: UnsafeMutablePointer<StreamState>) {
    while unsafe stream.pointee.firstPiece != nil {
      unsafe hold(-takePiece(of: stream).count, for: stream)
    }
  }

  /// Counts what the response has by now as held.
  @unsafe mutating func holdResponse(of stream: UnsafeMutablePointer<StreamState>) {
    let count = unsafe stream.pointee.response.count
    unsafe hold(count - stream.pointee.heldResponseByteCount, for: stream)
    unsafe stream.pointee.heldResponseByteCount = count
  }
}
