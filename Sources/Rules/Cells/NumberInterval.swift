/// A set of numbers without gaps: `>= 90`, `[50..90)`, `42`.
public struct NumberInterval: Hashable, Sendable {
  /// Minus infinity where it has no lower end.
  public var lower: Double
  public var upper: Double
  public var includesLower: Bool
  public var includesUpper: Bool

  public init(
    lower: Double = -.infinity, includesLower: Bool = false, upper: Double = .infinity,
    includesUpper: Bool = false
  ) {
    self.lower = lower
    self.includesLower = includesLower
    self.upper = upper
    self.includesUpper = includesUpper
  }

  /// Just that number.
  public init(_ number: Double) {
    self.init(lower: number, includesLower: true, upper: number, includesUpper: true)
  }

  public func contains(_ number: Double) -> Bool {
    (number > lower || (includesLower && number == lower))
      && (number < upper || (includesUpper && number == upper))
  }

  /// Whether no number is in it.
  public var isEmpty: Bool {
    lower > upper || (lower == upper && !(includesLower && includesUpper))
  }

  /// The ends that are numbers.
  var boundaries: [Double] { [lower, upper].filter(\.isFinite) }
}
