import NIOCore
import TLS

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Why a socket cannot be bound, without the name of the call.
func reason(of error: any Error) -> String {
  switch (error as? IOError)?.errnoCode {
  case EADDRINUSE: "the address is in use"
  case EADDRNOTAVAIL: "this machine has no such address"
  case EACCES, EPERM: "permission denied"
  case ENOENT: "no such directory"
  default: "\(error)"
  }
}

/// Why a server cannot start.
public enum ServerError: Error, CustomStringConvertible {
  case cannotListen(ListenAddress, reason: String)
  /// A socket came from outside that no `listen` asks for.
  case notAskedFor(ListenAddress, listen: [ListenAddress])
  /// What a library lacks, as one line.
  case unusable(String)
  case cannotUse(TLSFileError)

  public var description: String {
    switch self {
    case .unusable(let complaint): complaint
    case .cannotUse(let error): "cannot speak tls: \(error)"
    case .cannotListen(let address, let reason):
      "cannot listen on \(address): \(reason); is another server there, and may this user listen?"
    case .notAskedFor(let address, let listen):
      "a socket was handed over that listens on \(address), and `listen` names only "
        + "\(listen.map(\.description).joined(separator: ", ")); name it there, or leave it out of the unit"
    }
  }
}
