/// By bit of a clustered table: which rows of one column have it.
struct ColumnBounds {
  /// LIMIT: the share of bits, one in so many, whose bounds may be inexact where a column is to be bounded:
  /// for them, all rows are looked at.
  private static let inexactShareDivisor = 8

  private(set) var lowest: [UInt16]
  private(set) var highest: [UInt16]
  /// Whether some row between the lowest and the highest does not have the bit.
  private(set) var isInexact: [Bool]
  /// Whether it pays to look at them.
  private(set) var areUseful = false

  /// `word` is a word of a row, of at most `UInt16.max` rows. O(rows × words).
  init<Failure: Error>(
    rowCount: Int, bitCount: Int, word: (_ row: Int, _ word: Int) throws(Failure) -> UInt64
  ) throws(Failure) {
    lowest = Array(repeating: 1, count: bitCount)
    highest = Array(repeating: 0, count: bitCount)
    isInexact = Array(repeating: false, count: bitCount)
    let wordCount = (bitCount + 63) / 64
    var last = [UInt64](repeating: 0, count: wordCount)
    for row in 0..<rowCount {
      for index in 0..<wordCount {
        let bits = try word(row, index)
        var toggled = bits ^ last[index]
        if toggled == 0 { continue }
        last[index] = bits
        while toggled != 0 {
          let place = toggled.trailingZeroBitCount
          toggled &= toggled - 1
          let bit = 64 * index + place
          guard bit < bitCount else { continue }
          if bits >> UInt64(place) & 1 == 0 {
            highest[bit] = UInt16(row - 1)
            continue
          }
          if lowest[bit] <= highest[bit] {
            isInexact[bit] = true
          } else {
            lowest[bit] = UInt16(row)
          }
          highest[bit] = UInt16(rowCount - 1)
        }
      }
    }
    areUseful = isInexact.count(where: \.self) * Self.inexactShareDivisor <= bitCount
  }
}
