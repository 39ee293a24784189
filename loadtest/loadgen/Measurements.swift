import LoadGenerator

/// One measurement after the other. Those made before a failure stay.
struct Measurements {
  private(set) var results: [LoadResult] = []
  private var plan: LoadPlan
  private let scenario: Scenario
  private let pool: MessagePool
  private let server: Int32?
  private let actions: ActionClock
  private let progress = ProgressLine()

  init(
    _ plan: LoadPlan, _ scenario: Scenario, pool: MessagePool, server: Int32?, actions: ActionClock
  ) {
    self.plan = plan
    self.scenario = scenario
    self.pool = pool
    self.server = server
    self.actions = actions
  }

  /// Saturation where nothing else is asked for or rates are shares of it, then each rate.
  mutating func measure(_ rates: [Rate], _ arrivals: ArrivalKind) throws {
    if rates.isEmpty || rates.contains(where: \.isShare) { try measure(.saturation) }
    let saturation = results.first?.repliesPerSecond ?? 0
    for rate in rates {
      let perSecond =
        switch rate {
        case .perSecond(let number): number
        case .share(let share): saturation * share
        }
      guard perSecond > 0 else { throw LoadFailure.broken("no reply came, so there is no share of it") }
      try measure(.rate(perSecond: perSecond, arrivals))
    }
  }

  private mutating func measure(_ pace: LoadPlan.Pace) throws {
    plan.pace = pace
    actions.restart()
    defer { progress.clear() }
    let found = try LoadRun(plan, scenario, pool: pool, server: server).run(
      progress: { [progress] in progress.show(pace, share: $0, replies: $1) }, tick: actions.tick)
    guard found.replies > 0 else {
      throw LoadFailure.broken("no reply came in the measured time: try a longer --duration")
    }
    // Who looks at nothing but the status sees no versions.
    if plan.check == .verdicts { try actions.check(found) }
    results.append(found)
  }
}
