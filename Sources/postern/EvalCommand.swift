import ArgumentParser
import Rules
import Signals
import Tables
import Wire

/// `postern eval`: one decision, in process.
struct EvalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval",
    abstract: "Decide once, in process, and print the decision as JSON.",
    discussion: """
      FILE is a table, or a directory of one trigger's tables, which then run as its chain.

        postern eval step-up.table.md --input '{"akamaiUserRisk.score": 92}'
        postern eval ops/tables --trigger post-login --explain \\
          --header 'Akamai-User-Risk: status=0;score=92'

      FILE may also be a decision model (*.dmn, DMN 1.1 to 1.5, or what `postern convert` made of one): \
      decision tables of all hit policies, FEEL, and boxed expressions. Its inputs are members by name; \
      dates, times and durations are their ISO strings; an input that is not given is null, and so is a \
      component of one. It prints {"result": ...}, numbers with all their digits, and warnings on \
      standard error, also of what is given and not read: a name may be misspelt. Models are read alone: \
      what is imported and used is refused with its line, and so are functions in other languages.

      Values are made to fit the types of variables, expressions, outputs, columns and parameters; one \
      that does not conform is null, with a warning, and so is a table's input that is none of its \
      inputValues. Only the type of an inputExpression makes no value null.

        postern eval loans.dmn --decision 'Risk Grade' \\
          --input '{"Applicant": {"Age": 31}, "Credit Limit": 5000}' --json

      A signal is a member of the input by its name, or in parts ({"request": {"ip": "192.0.2.7"}}); a \
      date, a time or a duration is its ISO string. \
      null is absent; {"state": "invalid"} gives a state.

      Where every rule that matches is a hit, `hits` has them one by one, each with its outputs by name \
      (null for an empty cell), beside the lists by column.

      Exit status: 0 decided; 1 the table is wrong; 2 the input is wrong; 3 no such file, or a DMN model \
      that cannot be read.
      """)

  @Argument(help: "A table file, a directory of tables, or a DMN model (*.dmn).")
  var file: String

  @Option(help: "Signals, or the inputs of a DMN model, as a JSON object.")
  var input = ""

  @Option(name: .customLong("header"), help: "A raw header, 'Name: value'. May be repeated.")
  var headers: [String] = []

  @Option(help: "The trigger whose chain to run, where FILE holds several.")
  var trigger: String?

  @Option(
    help: "The decision, service or knowledge model of a DMN model, by name or id; not needed for one."
  )
  var decision: String?

  @Option(help: "The tenant whose chain to run.")
  var tenant = ""

  @Option(help: "The verdict when no rule of an enforcing table matches.")
  var onMissing = "review"

  @Flag(help: "Print JSON, which it always does: as with the other commands.")
  var json = false

  @Flag(help: "Say what each table did and what each signal was.")
  var explain = false

  @Flag(help: "Name every table that had a part: rule, verdict, whether it counted.")
  var parts = false

  func run() throws {
    if let bytes = try model() {
      return try EvalDMN(file: file, bytes: bytes, decision: decision, input: input, json: json).run()
    }
    guard let fallback = Verdict(name: onMissing) else {
      throw ValidationError(
        "`--on-missing \(onMissing)` is no verdict; the verdicts are "
          + Verdict.allCases.map(\.name).joined(separator: ", "))
    }
    let (chain, tables) = try loadChain()
    let (parsed, problems) = InputParser(tables).parse(json: input, headers: headers)
    guard let parsed else {
      throw ValidationError(problems.map(\.message).joined(separator: "\n"))
    }
    let (reply, hits) = try decide(parsed, by: chain, of: tables, fallback)
    var decision = DecisionJSON(reply)
    decision.hits = hits.isEmpty ? nil : hits.map(HitJSON.init)
    try printJSON(decision)
  }

  /// The bytes of a decision model; `nil` where the path is a table or a directory.
  private func model() throws -> [UInt8]? {
    guard TableFormat(reading: file) != nil, isThere(file) else { return nil }
    switch TableDirectory.bytes(of: file) {
    case .success(let bytes):
      return decision != nil || ModelFile.isModel(bytes, file: file) ? bytes : nil
    case .failure(let problem):
      printError(problem.diagnostic.description)
      throw ExitStatus.unavailable.code
    }
  }

  private func loadChain() throws -> (TableSet.Chain, [Table]) {
    guard let set = TableDirectory.loadAll([file]).first else { throw ExitStatus.unavailable.code }
    if set.diagnostics.hasErrors {
      for diagnostic in set.diagnostics { printError(diagnostic.description) }
      throw (isThere(file) ? ExitStatus.failed : ExitStatus.unavailable).code
    }
    let chains = set.chains.filter {
      $0.key.tenant == tenant && (trigger == nil || $0.key.trigger == trigger)
    }
    guard chains.count == 1, let chain = chains.first else {
      let names = set.chains.map { chain in
        "--trigger \(chain.key.trigger)" + (chain.key.tenant.isEmpty ? "" : " --tenant \(chain.key.tenant)")
      }
      throw ValidationError(
        "`\(file)` has \(chains.count) chains that fit; name one of: \(names.joined(separator: ", "))")
    }
    return (chain, set.tables.filter { $0.key == chain.key })
  }

  private func decide(
    _ input: DecisionInput, by chain: TableSet.Chain, of tables: [Table], _ fallback: Verdict
  ) throws -> (reply: DecisionReply, hits: [HitOutputs]) {
    let compiled = try CompiledChain(chain.plan)
    let encoded = EncodedInput(input, for: chain.plan.signals, of: chain.key)
    var evaluator = Evaluator()
    try encoded.fill(&evaluator.vector, reading: compiled.view.schema)
    let message = encoded.bytes.span
    let decision = evaluator.evaluate(compiled.view, in: message, fallback: fallback)
    var reply = ByteWriter()
    reply.beginMessage(.reply)
    var flags: RequestFlags = []
    if explain { flags.insert(.explain) }
    if parts { flags.insert(.parts) }
    compiled.view.write(
      decision, of: &evaluator, correlationID: 0, answering: flags, in: message, to: &reply)
    reply.finishMessage(decisionCount: 1)
    let hits = chain.hitOutputs(evaluator.hits, of: tables)
    return (try Reply(reading: reply.span).decisions[0], hits)
  }
}
