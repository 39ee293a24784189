import ArgumentParser
import Lifecycle
import Logging
import Server
import Settings

extension ServeCommand {
  /// The sockets of the server before, and of the service manager.
  func handedSockets(_ before: Takeover?, _ logger: Logger) -> [ListeningSocket] {
    var handed: [ListeningSocket] = []
    for socket in (before?.sockets ?? []) + HandedSocket.fromServiceManager() {
      let address = socket.address.isEmpty ? nil : ListenAddress(socket.address)
      if let listening = ListeningSocket(handedOver: socket.descriptor, as: address) {
        logger.info("handed over: a socket on \(listening.address)")
        handed.append(listening)
      } else {
        logger.warning("a socket was handed over that listens on nothing we know; it is left alone")
      }
    }
    return handed
  }

  /// Where the next server asks for the sockets. A successor does without: the server before drains.
  func makePoint(
    _ settings: ServerConfiguration, _ logger: Logger, isSuccessor: Bool
  ) throws(TakeoverError) -> TakeoverPoint? {
    guard let path = settings.takeover else { return nil }
    do throws(TakeoverError) {
      return try TakeoverPoint(at: path)
    } catch {
      guard isSuccessor else { throw error }
      logger.error("serving on, and the next server cannot take over: \(error)")
      return nil
    }
  }
  /// What is wrong with the addresses of file and options together. Throws where an option names it and
  /// nothing more is to be said.
  func checkAddresses(of told: inout ServeSettings) throws {
    let isOption = [
      "listen": !listen.isEmpty, "plainListen": !tls.plainListen.isEmpty, "admin": admin != nil,
      "takeover": takeover != nil,
    ]
    for fault in told.server.addressFaults(looksAtFiles: check) {
      if isOption[fault.key] != true {
        told.problems.append(told.line(of: fault))
      } else if check {
        told.problems.append(fault.what)
      } else {
        throw ValidationError(fault.what)
      }
    }
  }
}
