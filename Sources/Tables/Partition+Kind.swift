import Signals

extension Partition {
  /// How values of a signal are looked up in it; `nil` when they have another type.
  func kind(for signal: Signal) -> InputRecord.Kind? {
    switch (self, signal.type) {
    case (.direct, .number): .directNumber
    case (.direct, .boolean), (.direct, .enumeration): .directIndex
    case (.numbers(let boundaries), .number):
      WholeNumberIndex(boundaries) == nil ? .numbers : .wholeNumbers
    case (.addresses, .address): .addresses
    case (.strings, .string): .strings
    case (.list, .list): .list
    default: nil
    }
  }

  /// Whether it divides its domain: in order, and with a class for every value.
  var isConsistent: Bool {
    switch self {
    case .direct(let classes): !classes.isEmpty && classes.allSatisfy { $0 >= 0 }
    case .numbers(let boundaries):
      boundaries.allSatisfy(\.isFinite) && zip(boundaries, boundaries.dropFirst()).allSatisfy(<)
    case .addresses(let starts, let classes):
      zip(starts, starts.dropFirst()).allSatisfy(<) && classes.count == starts.count + 1
        && classes.allSatisfy { $0 >= 0 }
    case .strings(let members, let classes):
      Self.areDifferent(members) && classes.count == members.count
        && classes.allSatisfy { $0 > 0 }
    case .list(let members, let classes):
      Self.areDifferent(members) && classes.count == members.count
        && classes.allSatisfy { $0 >= 0 }
    }
  }

  private static func areDifferent(_ members: [String]) -> Bool {
    Set(members.map { Array($0.utf8) }).count == members.count
  }

  /// Whether it divides its domain as another does, class by class. Texts are compared byte by byte:
  /// those that only look alike are not the same.
  func isSame(as other: Partition) -> Bool {
    switch (self, other) {
    case (.strings(let members, let classes), .strings(let otherMembers, let otherClasses)),
      (.list(let members, let classes), .list(let otherMembers, let otherClasses)):
      classes == otherClasses && members.count == otherMembers.count
        && zip(members, otherMembers).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
    default: self == other
    }
  }
}
