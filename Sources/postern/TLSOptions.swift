import ArgumentParser
import PosternClient

/// What a client of an `https://` address trusts and shows.
struct TLSOptions: ParsableArguments {
  @Option(help: "PEM: the roots that an https:// server is trusted by. The system's without it.")
  var ca: String?

  @Option(help: "PEM: the certificate to show to a server that asks for one.")
  var certificate: String?

  @Option(help: "PEM: its private key.")
  var key: String?

  var files: TLSFiles { TLSFiles(ca: ca, certificate: certificate, key: key) }

  func validate() throws {
    guard (certificate == nil) == (key == nil) else {
      throw ValidationError("`--certificate` and `--key` belong together; give both or none")
    }
  }
}
