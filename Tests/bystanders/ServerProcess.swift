import Foundation
import TestSupport

/// A server of its own for each attack, so that no other one's memory is in what it holds.
final class ServerProcess {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// Its first address, over TLS where it has a certificate, and its last, over cleartext.
  let (attacked, address): (RawSocket.Address, RawSocket.Address)
  private let process: Process

  /// Starts a command that serves on so many ports of the system's choice, and waits until it says which.
  init(_ command: [String], ports count: Int, log: String) throws {
    guard FileManager.default.createFile(atPath: log, contents: nil),
      let file = FileHandle(forWritingAtPath: log)
    else { throw Failure(description: "\(log) cannot be written") }
    process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    process.standardError = file
    try process.run()
    var ports: [Int] = []
    for _ in 0..<3000 where ports.count < count {
      usleep(10_000)
      let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
      ports = text.matches(of: /listening on 127\.0\.0\.1:(\d+)\n/).compactMap { Int($0.1) }
    }
    guard ports.count >= count, let first = ports.first, let last = ports.last else {
      process.terminate()
      throw Failure(description: "the server does not start: see \(log)")
    }
    (attacked, address) = (.tcp(port: first), .tcp(port: last))
  }

  func stop() {
    process.terminate()
    process.waitUntilExit()
  }

  /// Returns when it has done what it had to do, or does not become quiet.
  func settle() throws {
    var time = try processorTime()
    for _ in 0..<100 {
      usleep(20_000)
      let now = try processorTime()
      if now - time < Self.quietNanoseconds { return }
      time = now
    }
  }

  /// LIMIT: of processor time in 20 ms, a fortieth: timers, and no work.
  private static let quietNanoseconds = 500_000

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

  /// Of these the pages of files: of the program and its libraries.
  func mappedByteCount() throws -> Int { try memory("RssFile") }

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
