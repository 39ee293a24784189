import TestSupport

/// A hostile connection: bytes of HTTP/2 in and out, sealed where its door speaks TLS. Not thread-safe.
final class Line {
  private let socket: RawSocket
  private let seal: Seal?
  /// What is sealed and not sent.
  private var sealed: ArraySlice<UInt8> = []

  init(_ door: Door) throws {
    socket = try RawSocket(door.address)
    seal = try door.tls.map { try Seal($0) }
    guard let seal else { return }
    while true {
      let bytes = seal.takeSealed()
      if !bytes.isEmpty { try socket.send(bytes) }
      if seal.isOpen { return }
      let received = try socket.receive()
      seal.read(received)
      if received.isEmpty || seal.hasEnded { throw Seal.NoHandshake() }
    }
  }

  /// Sends all of the bytes.
  func send(_ bytes: [UInt8]) throws {
    guard let seal else { return try socket.send(bytes) }
    seal.write(bytes[...])
    try socket.send(seal.takeSealed())
  }

  /// Sends what the socket takes at once. Returns how many of the bytes need not be sent again.
  func sendSome(_ bytes: ArraySlice<UInt8>) throws -> Int {
    guard let seal else { return try socket.sendSome(bytes) }
    // What has been sealed cannot be taken back: it goes first.
    try sendSealed()
    guard sealed.isEmpty else { return 0 }
    seal.write(bytes)
    sealed = seal.takeSealed()[...]
    try sendSealed()
    return bytes.count
  }

  private func sendSealed() throws {
    if !sealed.isEmpty { sealed = sealed.dropFirst(try socket.sendSome(sealed)) }
  }

  /// The next bytes; empty when the peer has ended the connection.
  func receive() throws -> [UInt8] {
    guard let seal else { return try socket.receive() }
    while true {
      if let bytes = seal.takeOpened() { return bytes }
      seal.read(try socket.receive())
    }
  }

  /// The bytes that have come; empty when the peer has ended the connection, `nil` when there are none yet.
  func receiveSome() throws -> [UInt8]? {
    guard let seal else { return try socket.receiveSome() }
    // An end that comes while it sends is read below.
    try? sendSealed()
    while true {
      // First what is here already: the socket may never have more.
      if let bytes = seal.takeOpened() { return bytes }
      guard let received = try socket.receiveSome() else { return nil }
      seal.read(received)
    }
  }

  /// Says over cleartext that no more will be sent. Over TLS nothing is said: a FIN alone is a cut there, for
  /// which a server need not answer what it has read.
  func finishSending() {
    if seal == nil { socket.finishSending() }
  }

  func close() { socket.close() }
}
