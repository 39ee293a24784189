import Foundation

/// Certificates of a CA of its own in a directory that is removed with it, made by `ops/dev-certs`.
public final class TestCertificates: Sendable {
  public struct Failure: Error { public var text: String }

  public let directory: String

  /// A CA, a server (`localhost`, 127.0.0.1) and a client (`spiffe://postern.test/client`).
  public init() throws {
    directory = "/tmp/postern-certs-\(UUID().uuidString.prefix(8))"
    try run([])
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  public var ca: String { directory + "/ca.pem" }
  public func certificate(_ name: String) -> String { "\(directory)/\(name).pem" }
  public func key(_ name: String) -> String { "\(directory)/\(name).key" }

  /// One more certificate, from now on or in a month; `names` as OpenSSL writes them.
  public func issue(_ name: String, _ names: String, days: Int = 1, inAMonth: Bool = false) throws {
    try run(["--issue", name, "--san", names, "--days", "\(days)"], inAMonth: inAMonth)
  }

  private func run(_ arguments: [String], inAMonth: Bool = false) throws {
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("ops/dev-certs")
    let command = [script.path, directory] + arguments
    let (status, text) =
      try inAMonth
      ? OpenSSL.run("/usr/bin/faketime", ["+30 days"] + command)
      : OpenSSL.run(command[0], Array(command.dropFirst()))
    guard status == 0 else { throw Failure(text: text) }
  }
}

/// Programs of OpenSSL, as clients that are not ours.
public enum OpenSSL {
  /// Runs `openssl s_client` against a local port and says what it printed. It sends nothing, and ends
  /// when the server does or after the handshake.
  public static func connect(port: Int, _ arguments: [String]) throws -> String {
    try run("/usr/bin/openssl", ["s_client", "-connect", "127.0.0.1:\(port)"] + arguments).text
  }

  /// The serial number of the certificate in a file.
  public static func serial(of file: String) throws -> String {
    try run("/usr/bin/openssl", ["x509", "-in", file, "-noout", "-serial"]).text
  }

  /// A program's status and all that it printed.
  static func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, text: String) {
    let process = Process()
    // A client that waits for a server that waits for it fails a test; it does not stop it.
    process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
    process.arguments = ["--signal=KILL", "30", program] + arguments
    let output = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text)
  }
}
