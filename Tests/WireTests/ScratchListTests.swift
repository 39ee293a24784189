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

  @Test func `a place behind the last value traps`() async {
    await #expect(processExitsWith: .failure) {
      var list = ScratchList<UInt8>(capacity: 8)
      list.append(1)
      _ = list[1]
    }
  }
}
