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
    tables = copy.path
    process = Running()
    let arguments = [
      binary, "serve", "--tables", copy.path, "--listen", "127.0.0.1:0", "--loops", "\(loops)",
    ] + Self.tlsArguments(certificates)
    process.value.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.value.arguments = (cpu.map { ["taskset", "-c", "\($0)"] } ?? []) + arguments
    do throws(Failure) {
      StopOnUnixSignal.removes(directory)
      try Self.copy(source, to: copy)
      let port = try Self.start(process.value, binary)
      url = "\(certificates == nil ? "http" : "https")://127.0.0.1:\(port)"
    } catch {
      StopOnUnixSignal.forget()
      try? files.removeItem(at: directory)
      throw error
    }
  }

  private static func copy(_ source: String, to copy: URL) throws(Failure) {
    do {
      let directory = copy.deletingLastPathComponent()
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
      try FileManager.default.copyItem(at: URL(fileURLWithPath: source), to: copy)
    } catch {
      throw Failure(description: "cannot copy `\(source)`: \(error.localizedDescription)")
    }
  }

  /// Returns the port that it listens on.
  private static func start(_ process: Process, _ binary: String) throws(Failure) -> Int {
    let errors = Pipe()
    process.standardError = errors
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    do {
      try process.run()
    } catch {
      throw Failure(description: "cannot start `\(binary)`: \(error.localizedDescription)")
    }
    let log = Log(errors.fileHandleForReading)
    StopOnUnixSignal.stops(process.processIdentifier)
    guard let port = log.waitForPort(seconds: startSeconds) else {
      end(process)
      throw Failure(description: "`\(binary)` did not start: \(log.tail)")
    }
    return port
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
    Self.end(process.value)
    StopOnUnixSignal.forget()
    try? FileManager.default.removeItem(at: directory)
  }

  private static func end(_ process: Process) {
    process.terminate()
    let end = Date().addingTimeInterval(stopSeconds)
    while process.isRunning, Date() < end { Thread.sleep(forTimeInterval: 0.01) }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
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
