import Foundation
import Synchronization

/// A `postern serve` of our own, with a copy of a scenario's tables.
final class ServerProcess: Sendable {
  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  /// LIMIT: a start takes milliseconds.
  private static let startSeconds = 20.0
  private static let stopSeconds = 10.0

  let tables: String
  let url: String
  var pid: Int32 { process.value.processIdentifier }
  private let process: Running
  private let directory: URL

  /// Shared with nobody: only the thread that made it stops it.
  private struct Running: @unchecked Sendable {
    let value = Process()
  }

  /// Returns when it listens.
  ///
  /// With a directory of `ops/dev-certs` it speaks TLS and asks for client certificates.
  init(
    _ binary: String, tables source: String, cpu: Int?, loops: Int, certificates: String? = nil
  ) throws {
    let files = FileManager.default
    directory = files.temporaryDirectory.appendingPathComponent("loadgen-\(UUID().uuidString)")
    let copy = directory.appendingPathComponent("tables")
    do {
      try files.createDirectory(at: directory, withIntermediateDirectories: true)
      try files.copyItem(at: URL(fileURLWithPath: source), to: copy)
    } catch {
      throw Failure(description: "cannot copy `\(source)`: \(error.localizedDescription)")
    }
    tables = copy.path
    process = Running()
    let arguments = [
      binary, "serve", "--tables", copy.path, "--listen", "127.0.0.1:0", "--loops", "\(loops)",
    ] + Self.tlsArguments(certificates)
    process.value.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.value.arguments = (cpu.map { ["taskset", "-c", "\($0)"] } ?? []) + arguments
    let errors = Pipe()
    process.value.standardError = errors
    process.value.standardInput = FileHandle.nullDevice
    process.value.standardOutput = FileHandle.nullDevice
    do {
      try process.value.run()
    } catch {
      throw Failure(description: "cannot start `\(binary)`: \(error.localizedDescription)")
    }
    let log = Log(errors.fileHandleForReading)
    StopOnUnixSignal.stops(process.value.processIdentifier)
    guard let port = log.waitForPort(seconds: Self.startSeconds) else {
      process.value.terminate()
      throw Failure(description: "`\(binary)` did not start: \(log.tail)")
    }
    url = "\(certificates == nil ? "http" : "https")://127.0.0.1:\(port)"
  }

  private static func tlsArguments(_ directory: String?) -> [String] {
    guard let directory else { return [] }
    return [
      "--tls-certificate", directory + "/server.pem", "--tls-key", directory + "/server.key",
      "--tls-client-ca", directory + "/ca.pem",
    ]
  }

  /// Asks it to end and waits. Removes the copy of its tables.
  func stop() {
    StopOnUnixSignal.forget(pid)
    process.value.terminate()
    let end = Date().addingTimeInterval(Self.stopSeconds)
    while process.value.isRunning, Date() < end { Thread.sleep(forTimeInterval: 0.01) }
    if process.value.isRunning { kill(pid, SIGKILL) }
    try? FileManager.default.removeItem(at: directory)
  }
}

/// What the server writes to its standard error, read on a thread of its own.
private final class Log: Sendable {
  private struct State {
    var text = ""
    var isOver = false
  }

  /// LIMIT: enough for why it did not start.
  private static let kept = 4096
  private let state = Mutex(State())

  init(_ handle: FileHandle) {
    Thread {
      // Not `read(upToCount:)`: that one waits until it has as many.
      while true {
        let data = handle.availableData
        if data.isEmpty { break }
        let text = String(decoding: data, as: UTF8.self)
        self.state.withLock { $0.text = String(($0.text + text).suffix(Self.kept)) }
      }
      self.state.withLock { $0.isOver = true }
    }.start()
  }

  var tail: String {
    let lines = state.withLock { $0.text }.split(separator: "\n").suffix(5)
    return lines.isEmpty ? "it printed nothing" : lines.joined(separator: " / ")
  }

  func waitForPort(seconds: Double) -> Int? {
    let end = Date().addingTimeInterval(seconds)
    while Date() < end {
      let (text, isOver) = state.withLock { ($0.text, $0.isOver) }
      if let match = text.firstMatch(of: #/listening on 127\.0\.0\.1:(\d+)/#) { return Int(match.1) }
      if isOver { return nil }
      Thread.sleep(forTimeInterval: 0.01)
    }
    return nil
  }
}
