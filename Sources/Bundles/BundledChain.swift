import Foundation
import Rules
import Signals
import Tables
import Wire

/// What is said of something, in an order for people, each by a name that is there once.
typealias Facts = [(what: String, text: String)]

extension Facts {
  /// What a bundle says of itself.
  static func of(_ manifest: Manifest) -> Facts {
    [
      ("serial", "\(manifest.serial)"), ("created", dateText(manifest.header.created)),
      ("expires", manifest.header.expires.map(dateText) ?? "never"),
      ("environment", manifest.environment.isEmpty ? "any" : manifest.environment),
      ("signed by", manifest.keyID.map { "key \($0)" } ?? "nobody"),
    ]
  }
}

extension BundleDiff.Detail {
  /// What is not said alike of two things.
  static func differences(_ old: Facts, _ new: Facts) -> [Self] {
    let after = Dictionary(new.map { ($0.what, $0.text) }) { first, _ in first }
    let known = Set(old.map(\.what))
    return old.filter { $0.text != after[$0.what] }
      .map { Self(what: $0.what, before: $0.text, after: after[$0.what]) }
      + new.filter { !known.contains($0.what) }.map { Self(what: $0.what, before: nil, after: $0.text) }
  }
}

/// Seconds since 1970 in ISO 8601; a time that lies beyond what a calendar can say as it is.
public func dateText(_ seconds: Int64) -> String {
  // LIMIT: the year 9999, where ISO 8601 ends.
  guard seconds < 253_402_300_800 else { return "\(seconds) s after 1970" }
  return Date(timeIntervalSince1970: Double(seconds)).ISO8601Format()
}

/// A chain of a bundle, and what its image says of its tables.
struct BundledChain {
  private let bundle: TableBundle
  private let chain: Manifest.Chain
  let image: ContentDigest
  let tables: [Manifest.TableEntry]
  let rules: [[BundleRule]]
  /// `nil` before `read`, and of an image that this version of Postern cannot read.
  private var compiled: CompiledChain?

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

  /// With its image.
  func read() -> BundledChain {
    var read = self
    read.compiled = try? bundle.chain(ofImage: chain.image)
    return read
  }

  func place(of table: String) -> Int? { tables.firstIndex { $0.name == table } }

  /// Of the chain as a whole.
  var facts: Facts {
    guard let compiled else { return [("tables", names(tables.map(\.name)))] }
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
    facts.append(("hits", hits(content, outputs(ofTable: place))))
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

  private func hits(_ content: ChainView.TableContent, _ outputs: [UInt32: String]) -> String {
    if content.hits == .first { return "the first rule that matches" }
    let aggregated = content.aggregations.sorted { $0.key < $1.key }.map { key, function in
      "\(function) of \(outputs[key] ?? "output \(key)")"
    }
    return "every rule that matches" + (aggregated.isEmpty ? "" : ": \(aggregated.joined(separator: ", "))")
  }

  private func canary(_ plan: CanaryPlan?) -> String {
    guard let plan, let compiled else { return "everybody" }
    return "\(Double(plan.basisPoints) / 100) % by \(compiled.view.signal(inSlot: plan.slot).name)"
  }

  private func names(_ names: [String]) -> String { names.isEmpty ? "none" : names.joined(separator: ", ") }

  private func name(of output: DecisionReply.Output) -> String {
    output.name.isEmpty ? "\(output.kind)" : "\(output.kind).\(output.name)"
  }
}
