/// The texts that tests name, one by one or by lists, in classes: the texts of a class are in the same
/// lists, and one that a test names by itself has a class of its own.
struct TextClasses {
  struct Class {
    /// One of its texts.
    let sample: String
    /// Whether a test names it by itself.
    let isNamed: Bool
    /// Indexes of the lists that hold its texts, ascending.
    let lists: [Int]
  }

  let lists: [NamedList]
  /// Those of the named texts, in the order in which they were given, then the others.
  private(set) var classes: [Class] = []
  /// Every text, and the class of each.
  private(set) var texts: [String]
  private(set) var classOfText: [Int]
  private let namedIndexes: [ExactText: Int]
  private var classesOfList: [[Int]]

  /// `named` are the texts that tests name by themselves, each once. O(texts).
  init(named: [String], lists: [NamedList]) {
    self.lists = lists
    texts = named
    classOfText = Array(named.indices)
    namedIndexes = Dictionary(
      uniqueKeysWithValues: named.indices.map { (ExactText(named[$0]), $0) })
    classesOfList = lists.map { _ in [] }
    for text in named {
      let exact = ExactText(text)
      let holders = lists.indices.filter { lists[$0].contains(exact) }
      add(Class(sample: text, isNamed: true, lists: holders))
    }
    var classOfLists: [[Int]: Int] = [:]
    for (index, list) in lists.enumerated() {
      for text in list.texts {
        let exact = ExactText(text)
        if namedIndexes[exact] != nil || lists[..<index].contains(where: { $0.contains(exact) }) {
          continue
        }
        let holders = [index] + ((index + 1)..<lists.count).filter { lists[$0].contains(exact) }
        let number = classOfLists[holders] ?? classes.count
        if number == classes.count {
          classOfLists[holders] = number
          add(Class(sample: text, isNamed: false, lists: holders))
        }
        texts.append(text)
        classOfText.append(number)
      }
    }
  }

  /// The classes whose texts pass a test, ascending.
  func indexes(of test: UnaryTest) -> [Int] {
    switch test {
    case .text(let text): namedIndexes[text].map { [$0] } ?? []
    case .list(let list): lists.firstIndex(of: list).map { classesOfList[$0] } ?? []
    default: []
    }
  }

  private mutating func add(_ new: Class) {
    for list in new.lists { classesOfList[list].append(classes.count) }
    classes.append(new)
  }
}
