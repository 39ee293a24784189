import Tables
import Wire

/// The tables of one directory, compiled: what a server publishes, or what is wrong with it.
public struct TableSet: Sendable {
  public struct Chain: Sendable {
    public var key: TableKey
    public var plan: ChainPlan
    /// How long its tables took to become a plan.
    public var compileTime: Duration
  }

  /// By tenant and trigger, in that order. Empty when the diagnostics hold an error: a set is
  /// served whole or not at all.
  public private(set) var chains: [Chain] = []
  /// By tenant, trigger, order and file.
  public private(set) var tables: [Table] = []
  /// By file and place.
  public private(set) var diagnostics: [Diagnostic]

  /// Groups and compiles tables. `diagnostics` are what reading them has found.
  public init(_ tables: [Table], diagnostics: [Diagnostic] = []) {
    self.tables = tables.sorted {
      ($0.tenant, $0.trigger, $0.order, $0.file) < ($1.tenant, $1.trigger, $1.order, $1.file)
    }
    self.diagnostics = diagnostics
    var start = 0
    while start < self.tables.count {
      let key = self.tables[start].key
      let chain = self.tables[start...].prefix { $0.key == key }
      let begin = ContinuousClock.now
      let (plan, found) = ChainCompiler.compile(Array(chain))
      self.diagnostics += found
      if let plan { chains.append(Chain(key: key, plan: plan, compileTime: ContinuousClock.now - begin)) }
      start = chain.endIndex
    }
    self.diagnostics = self.diagnostics.sorted()
    if self.diagnostics.hasErrors { chains = [] }
  }
}

extension Table {
  /// What its chain is published under.
  public var key: TableKey { TableKey(tenant: tenant, trigger: trigger) }
}
