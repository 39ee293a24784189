import Foundation
import Server

/// Something wrong with where a server is to listen, beyond the form of an address.
package struct AddressFault: Equatable {
  /// The key of the settings file that the address is under; its option has the same name.
  package var key: String
  /// What, and what to do.
  package var what: String
}

extension ServerConfiguration {
  /// LIMIT: bytes of a unix socket's path: `sun_path` has 108, one of them for the end.
  static let socketPathByteCountMax = 107
  /// LIMIT: the same of `takeover`, whose socket is made as `PATH.PID`; numbers of processes have 7 digits.
  static let takeoverPathByteCountMax = socketPathByteCountMax - 8

  /// What is wrong with the addresses taken together, and each by itself. With `looksAtFiles` of their
  /// directories too: these may come to be between a check and a start, and a start says so itself.
  package func addressFaults(looksAtFiles: Bool) -> [AddressFault] {
    var named = listen.map { ("listen", $0) } + plainListen.map { ("plainListen", $0) }
    if let admin { named.append(("admin", admin)) }
    if let takeover { named.append(("takeover", .unix(path: takeover))) }
    var faults: [AddressFault] = []
    var keys: [ListenAddress: String] = [:]
    for (key, address) in named {
      func report(_ what: String) { faults.append(AddressFault(key: key, what: what)) }
      let name = key == "takeover" ? takeover ?? "" : "\(address)"
      // Port 0 is another one each time.
      if case .tcp(_, 0) = address { continue }
      if let other = keys.updateValue(key, forKey: address.standardized) {
        report(
          other == key
            ? "`\(key)` has `\(name)` twice; take one away"
            : "`\(key)` has `\(name)`, and so has `\(other)`; give it one of its own")
      }
      guard case .unix(let path) = address else { continue }
      let byteCountMax = key == "takeover" ? Self.takeoverPathByteCountMax : Self.socketPathByteCountMax
      if path.utf8.count > byteCountMax {
        report(
          "`\(name)` has \(path.utf8.count) bytes, and the path of a socket at most \(byteCountMax);"
            + " name a shorter one")
      } else if looksAtFiles, let fault = fileFault(of: path) {
        report("`\(name)`: \(fault)")
      }
    }
    return faults
  }

  private func fileFault(of path: String) -> String? {
    let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
    // Only a directory, or a link to one, has itself in it.
    guard FileManager.default.fileExists(atPath: directory + "/.") else {
      return "there is no directory `\(directory)`; make it, or name another"
    }
    // Of a link this is the link.
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else { return nil }
    guard attributes[.type] as? FileAttributeType != .typeSocket else { return nil }
    return "something is there that is no socket; name another path, or remove it"
  }
}

extension ListenAddress {
  /// The same for different ways to write a unix socket's path.
  fileprivate var standardized: ListenAddress {
    guard case .unix(let path) = self else { return self }
    return .unix(path: URL(fileURLWithPath: path).standardizedFileURL.path)
  }
}

extension ServeSettings {
  /// Says of a fault where it stands, when the file says it.
  package func line(of fault: AddressFault) -> String {
    guard let file, let path, let key = ConfigurationFile.CodingKeys(rawValue: fault.key) else {
      return fault.what
    }
    return file.problem(key, path, fault.what).description
  }
}
