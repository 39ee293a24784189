import HTTP2
import Testing

@testable import Server

extension ServerTests {
  /// How long a connection is kept that is to end.
  @Suite struct LingeringTests {
    /// In how many rounds it is over for a peer that has left `unsent` bytes in each.
    private static func rounds(
      _ unsent: (Int) -> Int, stallSeconds: Int = 10, isShort: Bool = false
    ) -> Int {
      var settings = HTTP2Settings()
      settings.stallSeconds = stallSeconds
      settings.stallByteCount = 4096
      var lingering = Lingering()
      lingering.isShort = isShort
      var rounds = 1
      while !lingering.isOver(unsentByteCount: unsent(rounds), settings) { rounds += 1 }
      return rounds
    }

    @Test func `who takes nothing, or too little, has the patience of the settings`() {
      // The first round may come at once.
      #expect(Self.rounds { _ in 100_000 } == 1 + 10)
      #expect(Self.rounds { 100_000 - 300 * $0 } == 1 + 10)
      #expect(Self.rounds({ _ in 100_000 }, stallSeconds: 1) == 1 + 1)
      #expect(Self.rounds({ _ in 100_000 }, stallSeconds: 0) == 1 + 1)
      // Bytes of a unix socket count for more in the kernel.
      #expect(Self.rounds { 100_000 + 1000 * $0 } == 1 + 10)
    }

    @Test func `who takes its replies has longer, but not for ever`() {
      #expect(Self.rounds { max(0, 40_000 - 4096 * $0) } == 19)
      #expect(Self.rounds { 10_000_000 - 4096 * $0 } == 60)
      #expect(Self.rounds({ 10_000_000 - 4096 * $0 }, isShort: true) == 1 + 10)
    }

    @Test func `who has all is heard for five periods, whatever it took to get there`() {
      var lingering = Lingering()
      for _ in 0..<20 {
        lingering.hear(13)
        #expect(lingering.goesOn(unsentByteCount: 1) == true)
      }
      for period in 1...5 {
        lingering.hear(13)
        #expect(lingering.goesOn(unsentByteCount: 0) == (period < 5))
      }
    }

    @Test func `who says nothing, says too much or has broken a rule is not waited for`() {
      var silent = Lingering()
      #expect(silent.goesOn(unsentByteCount: 0) == false)
      var loud = Lingering()
      loud.hear(1 << 20)
      #expect(loud.goesOn(unsentByteCount: 1) == true)
      loud.hear(1)
      #expect(loud.goesOn(unsentByteCount: 1) == false)
      var offender = Lingering()
      offender.isShort = true
      offender.hear(13)
      #expect(offender.goesOn(unsentByteCount: 1) == false)
    }
  }
}
