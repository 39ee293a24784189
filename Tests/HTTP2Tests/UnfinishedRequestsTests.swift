import Testing

@testable import HTTP2

@Suite struct UnfinishedRequestsTests {
  /// Opened, ended and asked for at random, from few to more than are remembered.
  @Test(arguments: [3, 100, 1200])
  func `what is unfinished is what a plain list says`(openMax: Int) {
    var random = SplitMix64(seed: UInt64(openMax))
    var requests = UnfinishedRequests()
    var model: [UInt32] = []
    var forgotten: UInt32 = 0
    var highest: UInt32 = 0
    for step in 0..<20_000 {
      let mayOpen = model.count < min(openMax, 1024) || openMax > 1024
      switch random.below(4) {
      case 0 where mayOpen, 1 where mayOpen:
        highest += 2 * UInt32(1 + random.below(2)) - (highest == 0 ? 1 : 0)
        if model.count == 1024 { forgotten = model.removeFirst() }
        model.append(highest)
        requests.insert(highest, at: UInt64(step))
      case 2 where openMax <= 1024 || random.below(3) == 0:
        guard !model.isEmpty else { continue }
        // The oldest ends first as often as any other.
        let stream = random.below(2) == 0 ? model[0] : model[random.below(model.count)]
        model.removeAll { $0 == stream }
        if random.below(2) == 0 {
          requests.remove(stream)
        } else {
          let isAllowed = requests.allows(stream, ends: true)
          #expect(isAllowed)
        }
      default:
        let stream = UInt32(random.below(Int(highest) + 3))
        let isAllowed = requests.allows(stream, ends: false)
        #expect(isAllowed == (model.contains(stream) || stream <= forgotten))
      }
      if step % 64 == 0 { #expect(requests.entries.map(\.stream) == model) }
      #expect(requests.isEmpty == model.isEmpty)
    }
    for stream in model { requests.remove(stream) }
    requests.rest()
    #expect(requests.isEmpty && requests.entries.isEmpty)
  }
}
