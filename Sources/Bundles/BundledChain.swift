import Rules
import Signals
import Tables
import Wire

/// A chain of a bundle, and what its image says of its tables.
struct BundledChain {
  private let bundle: TableBundle
  private let chain: Manifest.Chain
  let image: ContentDigest
  let tables: [Manifest.TableEntry]
  let rules: [[BundleRule]]
  /// `nil` before `read`, and of an image of another format.
  private var compiled: CompiledChain?
  private var format = ImageError.ownFormat

  static func all(of bundle: TableBundle) throws(BundleError) -> [TableKey: BundledChain] {
    let rules = try bundle.rules()
    var chains: [TableKey: BundledChain] = [:]
    for (index, chain) in bundle.manifest.chains.enumerated() {
      chains[chain.key] = BundledChain(
        bundle: bundle, chain: chain, image: bundle.manifest.images[chain.image].digest,
        tables: chain.tables, rules: rules[index])
    }
    return chains
  }

  /// With its image, where this version of Postern reads its format.
  func read() throws(BundleError) -> BundledChain {
    var read = self
    do throws(BundleError) {
      read.compiled = try bundle.chain(ofImage: chain.image)
    } catch {
      guard let format = error.imageFormat else { throw error }
      read.format = format
    }
    return read
  }

  var isRead: Bool { compiled != nil }

  /// For a comparison with one that is not read: as if neither were.
  func comparable(with other: BundledChain) -> BundledChain {
    var comparable = self
    if !other.isRead { comparable.compiled = nil }
    return comparable
  }

  func place(of table: String) -> Int? { tables.firstIndex { $0.name == table } }

  /// Of the chain as a whole.
  var facts: Facts {
    guard let compiled else {
      let isOwn = format == ImageError.ownFormat
      return [
        ("tables", names(tables.map(\.name))),
        ("image format", "\(format)\(isOwn ? "" : ", which this version of Postern does not look into")"),
      ]
    }
    let view = compiled.view
    var live: [String] = []
    var shadows: [String] = []
    for index in 0..<view.tableCount {
      let content = view.content(ofTable: index)
      if content.role == .live { live.append(content.name) } else { shadows.append(content.name) }
    }
    return [("order", names(live)), ("candidates", names(shadows)), ("onLate", view.onLate.name)]
  }

  func facts(ofTable index: Int) -> Facts {
    let entry = tables[index]
    var facts: Facts = [
      ("version", hexadecimal(entry.version)), ("file", entry.file), ("rules", "\(entry.ruleCount)"),
    ]
    guard let compiled, let place = place(inImage: index) else { return facts }
    let view = compiled.view
    let content = view.content(ofTable: place)
    facts.append(("mode", content.mode.name))
    facts.append(("hits", hits(content, ofTable: place)))
    let role =
      switch content.role {
      case .live: "a table of the chain"
      case .shadowOfChain: "a candidate beside the chain"
      case .shadowOfTable(let live): "a candidate beside \(view.content(ofTable: live).name)"
      }
    facts.append(("part", role))
    facts.append(("canary", canary(content.canary)))
    let columns = (0..<content.columnCount).map { number in
      view.signal(inSlot: view.content(ofColumn: number, ofTable: place).slot).name
    }
    facts.append(("columns", names(columns.sorted())))
    return facts
  }

  /// Of rules by their numbers; those of rules that are off say only that. `nil` where the image is unknown.
  func facts(ofRules numbers: [Int], ofTable index: Int) -> [Int: Facts]? {
    guard let compiled, let place = place(inImage: index) else { return nil }
    let view = compiled.view
    let ranks = self.ranks(ofTable: index)
    let there = numbers.filter { ranks[$0] != nil }
    let cells = view.cellTexts(ofRules: there.map { ranks[$0]! }, ofTable: place)
    var facts = Dictionary(numbers.map { ($0, [("mode", "off")] as Facts) }) { first, _ in first }
    for (number, cells) in zip(there, cells) {
      let content = view.content(ofRule: ranks[number]!, ofTable: place)
      var own: Facts = [("verdict", content.verdict.name)]
      own += content.outputs.filter { ![.table, .rule].contains($0.output.kind) }
        .map { (name(of: $0.output), jsonString($0.output.value)) }
      own += [("mode", content.mode.name), ("canary", canary(content.canary))]
      facts[number] = own + cells.sorted { $0.key < $1.key }.map { ("if \($0.key)", $0.value) }
    }
    return facts
  }

  /// By the number of each rule that is not off, its place among the bits of its table.
  func ranks(ofTable index: Int) -> [Int: Int] {
    guard let compiled, let place = place(inImage: index) else { return [:] }
    let numbers = compiled.view.ruleNumbers(ofTable: place)
    return Dictionary(zip(numbers, numbers.indices)) { first, _ in first }
  }

  private func place(inImage index: Int) -> Int? {
    guard let compiled else { return nil }
    let view = compiled.view
    return (0..<view.tableCount).first { view.content(ofTable: $0).name == tables[index].name }
  }

  private func hits(_ content: ChainView.TableContent, ofTable place: Int) -> String {
    if content.hits == .first { return "the first rule that matches" }
    let outputs = content.aggregations.isEmpty ? [:] : self.outputs(ofTable: place)
    let aggregated = content.aggregations.sorted { $0.key < $1.key }.map { key, function in
      "\(function) of \(outputs[key] ?? "output \(key)")"
    }
    return "every rule that matches" + (aggregated.isEmpty ? "" : ": \(aggregated.joined(separator: ", "))")
  }

  /// By key, the name of each output of a table.
  private func outputs(ofTable place: Int) -> [UInt32: String] {
    guard let compiled else { return [:] }
    let view = compiled.view
    var outputs: [UInt32: String] = [:]
    for rule in 0..<view.content(ofTable: place).ruleCount {
      for (key, output) in view.content(ofRule: rule, ofTable: place).outputs {
        outputs[key] = name(of: output)
      }
    }
    return outputs
  }

  private func canary(_ plan: CanaryPlan?) -> String {
    guard let plan, let compiled else { return "everybody" }
    return "\(numberText(Double(plan.basisPoints) / 100))% by \(compiled.view.signal(inSlot: plan.slot).name)"
  }

  private func names(_ names: [String]) -> String { names.isEmpty ? "none" : names.joined(separator: ", ") }

  private func name(of output: DecisionReply.Output) -> String {
    output.name.isEmpty ? "\(output.kind)" : "\(output.kind).\(output.name)"
  }
}
