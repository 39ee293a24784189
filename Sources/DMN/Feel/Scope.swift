/// Names and their values, seen from the inside out.
final class Scope: Sendable {
  /// By canonical name.
  private let values: [String: FeelValue]
  /// An element of a filtered list, whose entries are names.
  private let element: FeelContext?
  /// What `?` stands for.
  private let ownTested: FeelValue?
  private let parent: Scope?

  init(
    _ values: [String: FeelValue] = [:], element: FeelContext? = nil, tested: FeelValue? = nil,
    in parent: Scope? = nil
  ) {
    self.values = values
    self.element = element
    self.ownTested = tested
    self.parent = parent
  }

  func value(of name: String) -> FeelValue? {
    var scope: Scope? = self
    while let current = scope {
      if let value = current.element?.member(name) ?? current.values[name] { return value }
      scope = current.parent
    }
    return Builtins.functions[name].map { .function($0) }
  }

  var tested: FeelValue? {
    var scope: Scope? = self
    while let current = scope {
      if let tested = current.ownTested { return tested }
      scope = current.parent
    }
    return nil
  }
}
