import ArgumentParser
import Server
import Settings

/// What is served, and how: the file, and the options that stand above it.
extension ServeCommand {
  /// What file and options say; throws where an option is wrong.
  func readSettings() throws -> ServeSettings {
    var told = ServeSettings()
    if let config { told.read(config) }
    if let tables { try serve(tables, in: &told) }
    try apply(to: &told.bundles)
    if !listen.isEmpty { told.server.listen = try listen.map(address) }
    if let takeover { told.server.takeover = takeover }
    if let admin { told.server.admin = try address(admin) }
    do {
      if !forwardedFrom.isEmpty { try told.server.setForwardedFrom(forwardedFrom) }
    } catch {
      throw ValidationError("\(error)")
    }
    try tls.apply(to: &told.server)
    if let loops {
      guard (1...ServerConfiguration.loopCountMax).contains(loops) else {
        throw ValidationError("`--loops \(loops)` is not 1 to \(ServerConfiguration.loopCountMax)")
      }
      told.server.loops = loops
    }
    guard config != nil || tables != nil || bundle != nil else {
      throw ValidationError(
        "say where the tables are: --tables DIR, --bundle SOURCE or --config FILE")
    }
    try checkAddresses(of: &told)
    return told
  }

  /// Serves the sources of `--tables`. Above a bundle of the file nobody is to come by that without notice:
  /// what was signed is then decided by whoever can write into a directory.
  private func serve(_ tables: String, in told: inout ServeSettings) throws {
    let isOverBundle = told.bundles.source != nil
    let ofBundles = [
      ("--trust", !trust.isEmpty), ("--bundle-ca", bundleCA != nil), ("--environment", environment != nil),
      ("--poll", poll != nil), ("--insecure-unsigned-bundle", insecureUnsignedBundle && !isOverBundle),
    ]
    if bundle == nil, let option = ofBundles.first(where: \.1)?.0 {
      throw ValidationError(
        "`\(option)` is about bundles, and `--tables \(tables)` serves none; remove one of the two")
    }
    if let source = told.bundles.source, bundle == nil {
      let file = config ?? ""
      guard insecureUnsignedBundle || told.bundles.allowsUnsigned else {
        throw ValidationError(
          "`--tables \(tables)` would serve what nobody signed in place of the bundle `\(source)` of"
            + " `\(file)`; remove `--tables`, or add --insecure-unsigned-bundle")
      }
      told.warnings.append(
        "`--tables \(tables)` is served in place of the bundle `\(source)` of `\(file)`, and nobody signed"
          + " it; remove `--tables` to serve the bundle")
    }
    told.server.tables = tables
    told.bundles.source = nil
  }

  private func apply(to bundles: inout BundleSettings) throws {
    guard tables == nil || bundle == nil else {
      throw ValidationError("`--tables` and `--bundle` are both there; keep one")
    }
    if let bundle { bundles.source = bundle }
    if let bundleCA { bundles.authorities = bundleCA }
    if !trust.isEmpty { bundles.trust = trust }
    if let environment { bundles.environment = environment }
    if let state { bundles.state = state }
    if let poll {
      let range = BundleSettings.pollSecondsRange
      guard range.contains(poll) else {
        throw ValidationError("`--poll \(poll)` is not \(range.lowerBound) to \(range.upperBound)")
      }
      bundles.pollSeconds = poll
    }
    if insecureUnsignedBundle { bundles.allowsUnsigned = true }
    if let problem = bundles.authorityProblem { throw ValidationError(problem) }
    guard bundles.source == nil || !bundles.trust.isEmpty || bundles.allowsUnsigned else {
      throw ValidationError(
        "no key is trusted: give --trust KEYFILE, or --insecure-unsigned-bundle to serve what"
          + " nobody signed")
    }
  }

  private func address(_ text: String) throws -> ListenAddress {
    guard let address = ListenAddress(text) else {
      throw ValidationError("`\(text)` is no address; write 127.0.0.1:8080 or unix:/run/postern.sock")
    }
    return address
  }
}
