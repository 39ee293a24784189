import Testing
import Wire

struct ScratchListTests {
  @Test func `values stay in their order while the list grows, and go when it is emptied`() {
    var list = ScratchList<UInt32>(capacity: 1)
    for value in 0..<1000 { list.append(UInt32(value)) }
    var values: [UInt32] = []
    for index in list.indices { values.append(list[index]) }
    #expect(values == Array(0..<1000))
    list[999] = 7
    let last = list[999]
    #expect(last == 7)
    list.removeAll()
    let isEmpty = list.isEmpty
    #expect(isEmpty)
    list.append(5)
    let (count, first) = (list.count, list[0])
    #expect(count == 1 && first == 5)
  }

  @Test func `as many are counted as are written into the room for several`() {
    var list = ScratchList<Int>(capacity: 1)
    var values: [Int] = []
    for count in [0, 1, 5, 3, 40] {
      list.append(upTo: count + count % 2) { room in
        for value in 0..<count { room.append(value) }
      }
      values += 0..<count
      var found: [Int] = []
      for index in list.indices { found.append(list[index]) }
      #expect(found == values)
    }
  }

  @Test func `a place behind the last value traps`() async {
    await #expect(processExitsWith: .failure) {
      var list = ScratchList<UInt8>(capacity: 8)
      list.append(1)
      _ = list[1]
    }
  }
}
