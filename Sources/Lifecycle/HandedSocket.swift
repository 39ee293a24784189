#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A listening socket that goes from one process to the next.
public struct HandedSocket: Sendable, Equatable {
  /// As the giving process was told to listen: `127.0.0.1:8080`. Empty where that is not known.
  public var address: String
  public var descriptor: Int32

  public init(address: String, descriptor: Int32) {
    self.address = address
    self.descriptor = descriptor
  }
}

extension HandedSocket {
  /// The sockets that systemd has opened for this process (sd_listen_fds(3)). The variables that say
  /// so are removed: no child is meant by them.
  public static func fromServiceManager() -> [HandedSocket] {
    guard let count = Environment.take("LISTEN_FDS").flatMap({ Int32($0) }),
      let process = Environment.take("LISTEN_PID").flatMap({ Int32($0) }),
      process == getpid(), (1...firstCountMax).contains(count)
    else { return [] }
    _ = Environment.take("LISTEN_FDNAMES")
    return (firstDescriptor..<(firstDescriptor + count)).map { descriptor in
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
      return HandedSocket(address: "", descriptor: descriptor)
    }
  }

  /// SD_LISTEN_FDS_START.
  private static let firstDescriptor: Int32 = 3
  /// LIMIT: no unit has more sockets.
  private static let firstCountMax: Int32 = 64
}

/// Variables that a parent process has left for this one.
enum Environment {
  static func value(_ name: String) -> String? {
    // SAFETY: read while the process starts; nobody changes the environment meanwhile.
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
  }

  /// The value, which is not there any more.
  static func take(_ name: String) -> String? {
    // SAFETY: as above.
    defer { unsafe unsetenv(name) }
    return value(name)
  }
}
