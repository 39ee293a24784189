import Foundation
import RulesOracle
import Signals
import Testing

@testable import Rules

@Suite struct DomainTests {
  @Test(arguments: RandomVocabulary.signals.filter { $0.type != .list })
  func `a set's text is a cell that matches the set and nothing else`(signal: Signal) throws {
    var random = SeededGenerator(seed: 0xD0_3A12)
    for _ in 0..<20 {
      let cells = (0...random.below(4)).map { _ in RandomCell(for: signal, using: &random).tests }
      let domain = Domain(signal, cells: cells)
      for cell in cells where !domain.set(of: cell).isEmpty {
        let text = domain.text(domain.set(of: cell))
        for input in RandomVocabulary.inputs(of: signal).map({ signal.folded($0) }) {
          #expect(
            try Region.matches(text, input, signal) == cell.matches(input),
            "\(cell) as `\(text)`: \(input)")
        }
      }
      // Each class has a sample of its own.
      for number in 0..<domain.classCount {
        let only = domain.text(ClassSet(number..<(number + 1)))
        for other in [0, number - 1, number, number + 1]
        where (0..<domain.classCount).contains(other) {
          let isMatch = try Region.matches(only, domain.sample(other), signal)
          #expect(isMatch == (number == other), "`\(only)` and \(domain.sample(other)) of \(cells)")
        }
      }
    }
  }

  @Test func `numbers are written in digits that read as the same number`() throws {
    var random = SeededGenerator(seed: 0xD161_75)
    var numbers = [
      0, 1, -1, 0.1, 1e15, 1e16, -1e22, 1.5e-7, 5e-324, .greatestFiniteMagnitude, 123456.789e10,
    ]
    for _ in 0..<2000 {
      let number = Double(bitPattern: random.next())
      if number.isFinite { numbers.append(number) }
    }
    for number in numbers {
      let text = numberText(number)
      #expect(Double(text) == number)
      #expect(text.allSatisfy { $0.isNumber || $0 == "." || $0 == "-" }, "\(text)")
    }
  }

  @Test func `a range of addresses is the fewest blocks`() {
    let range = { (first: String, last: String) in
      addressBlocks(address(from: first)!...address(from: last)!)
    }
    #expect(range("10.0.0.0", "10.255.255.255") == ["10.0.0.0/8"])
    #expect(range("10.0.0.1", "10.0.0.4") == ["10.0.0.1", "10.0.0.2/31", "10.0.0.4"])
    #expect(range("0.0.0.0", "255.255.255.255") == ["0.0.0.0/0"])
    #expect(range("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff") == ["::/0"])
    #expect(range("2001:db8::", "2001:db8::ffff") == ["2001:db8::/112"])
  }

  @Test func `sets of classes are what sets of numbers are`() {
    var random = SeededGenerator(seed: 0xC1A5_5E7)
    for _ in 0..<500 {
      let sets = (0..<2).map { _ in Set((0..<12).filter { _ in random.chance(50) }) }
      let classes = sets.map { ClassSet($0.map { $0..<($0 + 1) }) }
      let numbers = { (set: ClassSet) in Set(set.ranges.flatMap { $0 }) }
      #expect(numbers(classes[0].union(classes[1])) == sets[0].union(sets[1]))
      #expect(numbers(classes[0].intersection(classes[1])) == sets[0].intersection(sets[1]))
      #expect(numbers(classes[0].subtracting(classes[1])) == sets[0].subtracting(sets[1]))
      #expect(classes[0].intersects(classes[1]) == !sets[0].isDisjoint(with: sets[1]))
      #expect(classes[0].isSuperset(of: classes[1]) == sets[0].isSuperset(of: sets[1]))
      #expect((0..<12).allSatisfy { classes[0].contains($0) == sets[0].contains($0) })
      #expect(ClassSet(numbers(classes[0]).map { $0..<($0 + 1) }) == classes[0])
    }
  }

  @Test(arguments: [1, 5, 3000])
  func `a cell of thousands of values is shown in part, with how many are left out`(count: Int) {
    let values = (0..<count).map { "\"text, \($0)\"" }
    let cell = values.joined(separator: ", ")
    let text = shortened(cell)
    #expect(text.count < 220)
    guard count > 5 else { return #expect(text == cell) }
    let shown = text.components(separatedBy: ", … (")
    let listed = shown[0].components(separatedBy: "\", \"").count
    #expect(shown[0] == values.prefix(listed).joined(separator: ", ") && listed > 5)
    #expect(shown[1] == "\(count - listed) more, all with --json)")
    #expect(shortened(String(repeating: "x", count: 400)).hasSuffix("… (240 more characters)"))
  }
}

extension Signal {
  /// An input as cells are compared with it.
  fileprivate func folded(_ input: PlainSignal) -> PlainSignal {
    if foldsCase, case .text(let text) = input { .text(foldedASCII(text)) } else { input }
  }
}
