@testable import LoadGenerator
import PosternClient
import Testing
import Wire

@Suite struct MessagePoolTests {
  @Test func `shares are those of the weights`() {
    let indices = MessagePool.shares(of: [98, 1, 1], among: 1000)
    #expect((0..<3).map { index in indices.count { $0 == index } } == [980, 10, 10])
  }

  @Test func `what is rare comes as well`() {
    let indices = MessagePool.shares(of: [1e6, 1, 1], among: 10)
    #expect(indices.count == 10 && Set(indices) == [0, 1, 2])
  }

  private func scenario() throws -> Scenario {
    try ScenarioReader.read(
      """
      requests:
        - {trigger: t, signals: {user.id: "{hex:8}"}, expect: {verdict: allow}}
        - {trigger: u, signals: {user.id: "{int:5..5}"}, expect: {verdict: allow}}
      """, file: "s.yaml")
  }

  @Test func `messages are the same for the same seed and no two alike`() throws {
    let pools = try [1, 1, 2].map { try MessagePool(try scenario(), batch: 4, seed: $0) }
    let bytes = pools.map { $0.messages.map(\.bytes) }
    #expect(bytes[0] == bytes[1])
    #expect(bytes[0] != bytes[2])
    #expect(Set(bytes[0]).count > bytes[0].count / 2)
  }

  @Test func `correlation ids stand where the protocol has them`() throws {
    let pool = try MessagePool(try scenario(), batch: 3, seed: 1)
    for message in pool.messages.prefix(20) {
      var bytes = message.bytes
      for (index, offset) in message.idOffsets.enumerated() { bytes[offset] = UInt8(index + 1) }
      var reader = try RequestReader(bytes.span)
      var request = DecisionRequest()
      var ids: [UInt64] = []
      while try reader.next(into: &request) { ids.append(request.correlationID) }
      #expect(ids == [1, 2, 3])
    }
  }
}
