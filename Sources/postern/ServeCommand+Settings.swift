import ArgumentParser
import Server
import Settings

/// What is served, and how: the file, and the options that stand above it.
extension ServeCommand {
  /// What file and options say; throws where an option is wrong.
  func readSettings() throws -> ServeSettings {
    var told = ServeSettings()
    if let config { told.read(config) }
    if let tables {
      told.server.tables = tables
      told.bundles.source = nil
    }
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
    return told
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
      guard poll > 0 else { throw ValidationError("`--poll \(poll)` is less than 1") }
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
