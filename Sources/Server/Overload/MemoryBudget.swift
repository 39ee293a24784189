#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How the memory that a server may have is dealt out, where it is bounded.
///
/// A process that takes more than its container has is killed, with all that it was answering. So what
/// connections may hold is a part of that from the start, and not only what a look a moment later finds to
/// be too much.
struct MemoryBudget {
  /// What may be resident of the whole process; 0 for no bound.
  let residentByteCountMax: Int
  /// What of that is dealt out; as above.
  private let dealtByteCount: Int

  /// LIMIT: what a connection that rests takes, with its buffers in the kernel, twice.
  private static let connectionByteCount = 32 << 10

  /// - Parameters:
  ///   - setting: `RunningSettings.residentByteCountMax`.
  ///   - container: what the container has; `nil` where it has no bound.
  ///   - resident: what the process has before anybody has connected: no refusal would give that back.
  ///   - files: what of that are files, the program among them. The kernel takes it back when it is short.
  init(_ setting: Int?, container: Int?, resident: Int, files: Int) {
    guard setting == nil, let container else {
      residentByteCountMax = setting ?? 0
      dealtByteCount = residentByteCountMax
      return
    }
    // LIMIT: the rest is for what counts as the container's and not as the process's: the kernel's buffers
    // of sockets, files in use.
    dealtByteCount = container / 4 * 3
    let own = max(0, resident - files)
    residentByteCountMax = files + max(dealtByteCount, min(own + container / 8, container / 16 * 15))
  }

  /// What is the same however often a server is told other settings.
  struct Start {
    let container = ContainerMemory.byteCount()
    let byteCounts = residentByteCounts()

    /// Of this process, as it is now. Blocks.
    init() {}
  }

  init(_ settings: RunningSettings, at start: Start) {
    self.init(
      settings.residentByteCountMax, container: start.container, resident: start.byteCounts.all,
      files: start.byteCounts.files)
  }

  func applied(to settings: ServerConfiguration) -> ServerConfiguration {
    var settings = settings
    settings.heldByteCountMax = heldByteCount(upTo: settings.heldByteCountMax)
    return settings
  }

  /// Bytes of requests and replies: of small connections it may become twice as much.
  func heldByteCount(upTo setting: Int) -> Int {
    dealtByteCount > 0 ? min(setting, dealtByteCount / 4) : setting
  }

  func connectionCount(upTo setting: Int) -> Int {
    dealtByteCount > 0 ? min(setting, max(1, dealtByteCount / Self.connectionByteCount)) : setting
  }
}

/// The memory of the control groups that this process is in, of either version.
enum ContainerMemory {
  /// LIMIT: what is more is no bound: version 1 says so by the largest number of pages.
  private static let boundedUpTo = 1 << 50

  /// The least that one of them allows; `nil` where none is bounded. Blocks.
  static func byteCount(groups: String = "/proc/self/cgroup", root: String = "/sys/fs/cgroup") -> Int? {
    let lines = text(of: groups).split(separator: "\n")
    return lines.flatMap { files(of: $0, root) }
      .compactMap { Int(text(of: $0).prefix { $0.isNumber }) }
      .filter { $0 > 0 && $0 < boundedUpTo }.min()
  }

  /// The files with the bounds of a group and of those that it is in; a line is
  /// `number:controllers:path`. In a container the path may be the host's: its own group is the root then.
  private static func files(of line: Substring, _ root: String) -> [String] {
    let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3 else { return [] }
    let isSecond = parts[1].isEmpty
    guard isSecond || parts[1].split(separator: ",").contains("memory") else { return [] }
    let top = isSecond ? root : root + "/memory"
    let name = isSecond ? "memory.max" : "memory.limit_in_bytes"
    var directory = top
    var files = ["\(top)/\(name)"]
    for part in parts[2].split(separator: "/") {
      directory += "/\(part)"
      files.append("\(directory)/\(name)")
    }
    return files
  }

  /// The beginning of a small file; empty where it cannot be read.
  private static func text(of path: String) -> String {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
      // SAFETY: the call writes no more than there is room for.
      count = unsafe max(0, read(descriptor, buffer.baseAddress, buffer.count))
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
