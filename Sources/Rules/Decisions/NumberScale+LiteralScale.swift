import DMN

extension NumberScale {
  init(_ scale: LiteralScale) {
    guard scale != .number else {
      self = .plain
      return
    }
    self.init(
      name: scale.name, isWhole: scale.isWhole, cellText: { scale.feelText($0) ?? numberText($0) },
      inputText: { scale.isoText($0) })
  }
}
