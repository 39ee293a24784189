import Wire

/// The parts of a check's path: `/v1/check/{trigger}` and what follows it.
struct CheckTarget {
  var trigger: ByteRange
  /// From the next slash on, query included: what a proxy asks about.
  var rest: ByteRange

  init(path: Span<UInt8>) {
    let start = Door.checkPrefix.utf8CodeUnitCount
    var end = start
    while end < path.count, path[end] != UInt8(ascii: "/"), path[end] != UInt8(ascii: "?") {
      end += 1
    }
    trigger = ByteRange(offset: start, count: end - start)
    let hasRest = end < path.count && path[end] == UInt8(ascii: "/")
    rest = hasRest ? ByteRange(offset: end, count: path.count - end) : .empty
  }
}
