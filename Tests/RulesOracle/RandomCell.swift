import Rules
import Signals

/// A random cell: its text as an author would write it, and what it must be read as.
package struct RandomCell {
  package var text: String
  package var tests: UnaryTests

  package init(for signal: Signal, using random: inout SeededGenerator) {
    if random.chance(25) {
      self.init(text: random.pick(["-", "", " - "]), tests: .any)
      return
    }
    let states = random.chance(25) ? Self.states(using: &random) : []
    let names = states.map(\.name)
    let set = UnaryTests.States(states.map(UnaryTests.States.init))
    if !states.isEmpty, random.chance(30) {
      self.init(
        text: "not(\(names.joined(separator: ", ")))",
        tests: UnaryTests(states: UnaryTests.States.all.subtracting(set), values: .any))
    } else if !states.isEmpty, random.chance(40) {
      self.init(text: names.joined(separator: ","), tests: UnaryTests(states: set, values: .none))
    } else {
      var texts: [String] = []
      var tests: [UnaryTest] = []
      for _ in 0...random.below(3) {
        let (text, made) = Self.test(of: signal, using: &random)
        texts.append(text)
        tests += made
      }
      if states.isEmpty, random.chance(25) {
        self.init(
          text: "not( \(texts.joined(separator: ", ")) )",
          tests: UnaryTests(states: [], values: .noneOf(tests)))
      } else {
        self.init(
          text: (texts + names).joined(separator: " , "),
          tests: UnaryTests(states: set, values: .anyOf(tests)))
      }
    }
  }

  private init(text: String, tests: UnaryTests) {
    self.text = text
    self.tests = tests
  }

  private static func states(using random: inout SeededGenerator) -> [SignalState] {
    let states: [SignalState] = [.absent, .invalid, .unverified]
    return Array(states.shuffled(using: &random).prefix(1 + random.below(3)))
  }

  private static func test(
    of signal: Signal, using random: inout SeededGenerator
  ) -> (String, [UnaryTest]) {
    switch signal.type {
    case .number:
      let (text, intervals) = numbers(of: signal, using: &random)
      return (text, intervals.map(UnaryTest.number))
    case .string, .list:
      let text = random.pick(RandomVocabulary.texts)
      return (
        RandomVocabulary.literal(text),
        [.text(ExactText(signal.foldsCase ? lowercasedASCII(text) : text))]
      )
    case .boolean:
      let boolean = random.chance(50)
      return (boolean ? "true" : "= false", [.boolean(boolean)])
    case .enumeration:
      let index = random.below(signal.cases.count)
      let name = random.chance(50) ? signal.cases[index] : signal.cases[index].uppercased()
      return (random.chance(50) ? name : "\"\(name)\"", [.enumeration(index)])
    case .address:
      let (text, block) = random.pick(RandomVocabulary.blocks)
      return (text, [.addresses(block)])
    }
  }

  private static func numbers(
    of signal: Signal, using random: inout SeededGenerator
  ) -> (String, [NumberInterval]) {
    let pool = RandomVocabulary.numbers(of: signal)
    let first = random.pick(pool)
    let (low, lower) = first
    let inside = NumberInterval.init(lower:includesLower:upper:includesUpper:)
    switch random.below(8) {
    case 0: return (low, [NumberInterval(lower)])
    case 1: return ("= \(low)", [NumberInterval(lower)])
    case 2:
      return (
        "!= \(low)",
        [inside(-.infinity, false, lower, false), inside(lower, false, .infinity, false)]
      )
    case 3: return (">=\(low)", [inside(lower, true, .infinity, false)])
    case 4: return ("<= \(low)", [inside(-.infinity, false, lower, true)])
    case 5 where lower < RandomVocabulary.largest(of: signal):
      return ("> \(low)", [inside(lower, false, .infinity, false)])
    case 6 where lower > RandomVocabulary.smallest(of: signal):
      return ("< \(low)", [inside(-.infinity, false, lower, false)])
    default:
      let ends = [first, random.pick(pool)].sorted { $0.number < $1.number }
      let (from, to) = (ends[0].number, ends[1].number)
      // Two whole numbers between the ends leave room for any choice of brackets.
      let isOpen = to - from >= 2
      let opening = isOpen ? random.pick(["[", "(", "]"]) : "["
      let closing = isOpen ? random.pick(["]", ")", "["]) : "]"
      return (
        "\(opening)\(ends[0].text)..\(ends[1].text)\(closing)",
        [inside(from, opening == "[", to, closing == "]")]
      )
    }
  }
}

package func lowercasedASCII(_ text: String) -> String {
  String(decoding: text.utf8.map { (65...90).contains($0) ? $0 + 32 : $0 }, as: UTF8.self)
}
