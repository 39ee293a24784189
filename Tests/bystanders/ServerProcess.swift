import Foundation
import TestSupport

/// A server of its own for each attack, so that no other one's memory is in what it holds.
final class ServerProcess {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  let address: RawSocket.Address
  private let process: Process

  /// Starts a command that serves on a port of the system's choice, and waits until it says which one.
  init(_ command: [String], log: String) throws {
    guard FileManager.default.createFile(atPath: log, contents: nil),
      let file = FileHandle(forWritingAtPath: log)
    else { throw Failure(description: "\(log) cannot be written") }
    process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    process.standardError = file
    try process.run()
    var port: Int?
    for _ in 0..<1000 where port == nil {
      usleep(10_000)
      let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
      port = text.firstMatch(of: /listening on 127\.0\.0\.1:(\d+)/).flatMap { Int($0.1) }
    }
    guard let port else {
      process.terminate()
      throw Failure(description: "the server does not start: see \(log)")
    }
    address = .tcp(port: port)
  }

  func stop() {
    process.terminate()
    process.waitUntilExit()
  }

  /// Nanoseconds of processor time of all its threads.
  func processorTime() throws -> UInt64 {
    #if os(Linux)
      var clock = clockid_t()
      var time = timespec()
      let id = process.processIdentifier
      // SAFETY: both are ours, and the calls write nothing else.
      if unsafe clock_getcpuclockid(id, &clock) == 0, unsafe clock_gettime(clock, &time) == 0 {
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
      }
    #endif
    throw Failure(description: "the server's processor time is not known: it has ended, or this is no Linux")
  }

  /// Bytes in memory now.
  func residentByteCount() throws -> Int { try memory("VmRSS") }

  /// The most bytes that were in memory since `forgetPeak`.
  func peakByteCount() throws -> Int { try memory("VmHWM") }

  func forgetPeak() throws {
    let path = "/proc/\(process.processIdentifier)/clear_refs"
    guard let file = unsafe fopen(path, "w") else {
      throw Failure(description: "\(path) cannot be written: the server has ended, or this is no Linux")
    }
    let status = unsafe fputs("5", file)
    guard unsafe fclose(file) == 0, status >= 0 else {
      throw Failure(description: "\(path) does not take a 5")
    }
  }

  private func memory(_ name: String) throws -> Int {
    let path = "/proc/\(process.processIdentifier)/status"
    let status = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix(name + ":") }
    let kibibytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
    guard let kibibytes else { throw Failure(description: "\(path) has no \(name)") }
    return kibibytes << 10
  }
}
