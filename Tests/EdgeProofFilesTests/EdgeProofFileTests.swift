import EdgeProof
import EdgeProofFiles
import Foundation
import TestSupport
import Testing

struct EdgeProofFileTests {
  @Test func `everything can be set, and secrets come from files`() throws {
    let folder = try Folder()
    try folder.write("s3cr3tk3y\n", to: "v1.secret")
    try folder.write("the next key\r\n", to: "v2.secret")
    try folder.write("0123456789abcdef", to: "edge.secret")
    let settings = try folder.read(
      """
      loops: 4
      edgeProof:
        mode: observe
        tenants: {shop: require, bank: off}
        trustedPeers: [10.0.0.0/8, unix, dns:proxy.internal, "spiffe://example.org/proxy/*"]
        sharedSecrets: [{file: edge.secret, tenants: [shop]}]
        g2o:
          keys:
            - {id: v1, file: v1.secret}
            - {id: v2, file: \(folder.path)/v2.secret, tenants: [bank]}
          algorithms: [4, 5]
          windowSeconds: 60
          replayMemory: 1000
          signString: [AK_METHOD, AK_PATH]
        headers: {g2oData: X-Data, secret: x-secret}
      """)
    var expected = EdgeProofSettings()
    expected.mode = .observe
    expected.tenants = ["shop": .require, "bank": .off]
    expected.trustedPeers = [AddressBlock("10.0.0.0/8")!]
    expected.trustedPeerNames = ["dns:proxy.internal", "spiffe://example.org/proxy/*"].map {
      PeerNamePattern($0)!
    }
    expected.trustsLocalPeers = true
    expected.secrets = [SharedSecret(Array("0123456789abcdef".utf8), tenants: ["shop"])]
    var g2o = G2OSettings(keys: [
      try G2OKey(id: "v1", secret: Array("s3cr3tk3y".utf8)),
      try G2OKey(id: "v2", secret: Array("the next key".utf8), tenants: ["bank"]),
    ])
    g2o.algorithms = [.hmacSHA1, .hmacSHA256]
    g2o.windowSeconds = 60
    g2o.signString = SignString([.method, .path])
    expected.g2o = g2o
    expected.replayCapacity = 1000
    expected.headers.g2oData = "x-data"
    expected.headers.secret = "x-secret"
    #expect(settings == expected)
  }

  @Test func `without the section nothing is asked`() throws {
    let folder = try Folder()
    #expect(try folder.read("loops: 1\n") == EdgeProofSettings())
    #expect(try folder.read("") == EdgeProofSettings())
    #expect(try folder.read("edgeProof: {mode: off}\n") == EdgeProofSettings())
  }

  @Test(arguments: [
    ("mode: maybe", "2:9", "`mode: maybe`; write off, observe or require"),
    ("mood: off", "2:3", "unknown key `mood` in `edgeProof`"),
    ("mode: require", "2:3", "proof is asked for and nothing counts as one"),
    ("tenants: {\"a b\": off}", "2:13", "tenant `a b` is no name"),
    ("tenants: {shop: on}", "2:19", "`shop: on`; write off, observe or require"),
    ("tenants: [shop]", "2:12", "`tenants` is no mapping"),
    ("trustedPeers: [10.0.0.1/8]", "2:18", "`10.0.0.1/8` is no address"),
    ("trustedPeers: ['dns:*.internal']", "2:18", "no certificate's name"),
    ("trustedPeers: unix", "2:17", "`trustedPeers` is no list"),
    ("sharedSecrets: [{tenants: [a]}]", "2:19", "a secret has no `file`"),
    ("sharedSecrets: [{file: none}]", "2:26", "cannot read `"),
    ("sharedSecrets: [{file: /dev/null}]", "2:26", "`/dev/null` is no file"),
    ("sharedSecrets: [{file: open.secret}]", "2:26", "everybody may read or write `"),
    ("sharedSecrets: [{file: long.secret}]", "2:26", "is empty or has more than 8194 bytes"),
    ("sharedSecrets: [{file: empty.secret}]", "2:26", "is empty or has more than 8194 bytes"),
    ("sharedSecrets: [{file: short.secret}]", "2:3", "a secret of 5 bytes can be guessed"),
    ("g2o: {keys: []}", "2:3", "no keys; name at least one"),
    ("g2o: {keys: [{id: v1}]}", "2:16", "a key has no `id` or no `file`"),
    ("g2o: {keys: [{id: \"v 1\", file: short.secret}]}", "2:21", "`v 1` is no key id"),
    ("g2o: {keys: [{id: short, file: short.secret}]}", "2:21", "is its id, which each request shows"),
    ("g2o: {keys: [{id: v1, file: line.secret}]}", "2:21", "has no secret"),
    ("g2o: {windowSeconds: 0}", "2:24", "`windowSeconds: 0` is no whole number from 1 to 3600"),
    ("g2o: {windowSeconds: soon}", "2:24", "`windowSeconds: soon` is no whole number"),
    ("g2o: {replayMemory: 16777217}", "2:23", "is no whole number from 0 to 16777216"),
    ("g2o: {algorithms: [6]}", "2:22", "`algorithms: 6` is no whole number from 1 to 5"),
    ("g2o: {algorithms: []}", "2:21", "`algorithms` names none"),
    ("g2o: {signString: [AK_COOKIE]}", "2:22", "`AK_COOKIE` is no part of a sign-string"),
    ("g2o: {signString: []}", "2:21", "`signString` needs 1 to 16 parts"),
    ("headers: {target: akamai-bot}", "2:21", "`target: akamai-bot` is a header of signals"),
    ("headers: {target: postern-tenant}", "2:21", "is a header of signals"),
    ("headers: {target: \"x y\"}", "2:21", "`target: x y` is no header name"),
    ("headers: {target: x, scheme: x}", "2:12", "two of the `headers` have one name"),
  ])
  func `what is wrong has its place`(line: String, place: String, message: String) throws {
    let folder = try Folder()
    try folder.write("short", to: "short.secret")
    try folder.write("\n", to: "line.secret")
    try folder.write("", to: "empty.secret")
    try folder.write(String(repeating: "x", count: 8195), to: "long.secret")
    try folder.write("0123456789abcdef", to: "open.secret", mode: 0o644)
    let problems = try folder.problems("edgeProof:\n  \(line)\n")
    #expect(
      problems.contains {
        $0.hasPrefix("\(folder.file):\(place): error: ") && $0.contains(message)
      }, "\(problems)")
  }

  @Test func `all that is wrong is said at once`() throws {
    let problems = try Folder().problems(
      """
      edgeProof:
        mode: maybe
        trustedPeers: [host, 1.2.3.4, other]
        g2o: {keys: [{id: v1, file: none}], windowSeconds: 0}
      """)
    #expect(problems.count == 5)
  }

  @Test func `a file that is no YAML is refused`() throws {
    let problems = try Folder().problems("edgeProof: [")
    #expect(problems.count == 1)
  }

  @Test func `a section that was there cannot vanish, as it does while a file is written`() throws {
    let folder = try Folder()
    try folder.write("0123456789abcdef", to: "a.secret")
    let text = "edgeProof: {mode: require, sharedSecrets: [{file: a.secret}]}\n"
    var file = EdgeProofFile(folder.file)
    try folder.write("loops: 1\n", to: "postern.yaml")
    #expect(try file.read() == EdgeProofSettings())
    try folder.write(text, to: "postern.yaml")
    let settings = try file.read()
    #expect(settings.mode == .require)
    for half in ["", "edgeProof:", "edgeProof:\n  mode: require\n", "loops: 1\n"] {
      try folder.write(half, to: "postern.yaml")
      #expect(throws: EdgeProofFileError.self, "\(half)") { try file.read() }
    }
    try folder.write(text, to: "postern.yaml")
    #expect(try file.read() == settings)
    try folder.write("edgeProof: {mode: off}\n", to: "postern.yaml")
    #expect(try file.read() == EdgeProofSettings())
  }

  @Test func `a change of any file is seen, by links and modes too`() throws {
    let folder = try Folder()
    try folder.write("0123456789abcdef", to: "a.secret")
    try folder.write("fedcba9876543210", to: "b.secret")
    try folder.link("edge.secret", to: "a.secret")
    let text = "edgeProof: {mode: require, sharedSecrets: [{file: edge.secret}]}\n"
    try folder.write(text, to: "postern.yaml")
    var file = EdgeProofFile(folder.file)
    #expect(file.hasChanged)
    func secret() throws -> String {
      String(decoding: try file.read().secrets[0].bytes, as: UTF8.self)
    }
    #expect(try secret() == "0123456789abcdef")
    #expect(!file.hasChanged)
    try folder.link("edge.secret", to: "b.secret")
    #expect(file.hasChanged)
    #expect(try secret() == "fedcba9876543210")
    try folder.write("another secret of it", to: "b.secret")
    #expect(file.hasChanged)
    #expect(try secret() == "another secret of it")
    try folder.remove("b.secret")
    #expect(file.hasChanged)
    #expect(throws: EdgeProofFileError.self) { try file.read() }
    #expect(!file.hasChanged)
    try folder.write("another secret of it", to: "b.secret", mode: 0o604)
    #expect(file.hasChanged)
    #expect(throws: EdgeProofFileError.self) { try file.read() }
    try folder.setMode("b.secret", 0o640)
    #expect(file.hasChanged)
    #expect(try secret() == "another secret of it")
    try folder.write(text + "# changed\n", to: "postern.yaml")
    #expect(file.hasChanged)
  }

  @Test func `a file that somebody is writing to is read when it rests`() throws {
    let folder = try Folder()
    try folder.write("edgeProof: {mode: off}\n", to: "postern.yaml")
    var file = EdgeProofFile(folder.file)
    _ = try file.read()
    var looks = [file.hasSettledChange()]
    try folder.write("edgeProof: {mode: observe}\n", to: "postern.yaml")
    looks.append(file.hasSettledChange())
    try folder.write("edgeProof: {mode: require, trustedPeers: [unix]}\n", to: "postern.yaml")
    looks.append(file.hasSettledChange())
    looks.append(file.hasSettledChange())
    #expect(try file.read().mode == .require)
    looks.append(file.hasSettledChange())
    #expect(looks == [false, false, false, true, false])
  }

  @Test func `no beginning of a file asks for less than the file before it, but for whole lines`() throws {
    let folder = try Folder()
    try folder.write("0123456789abcdef", to: "a.secret")
    let whole = """
      loops: 1
      edgeProof:
        sharedSecrets:
          - file: a.secret
        trustedPeers: [unix]
        mode: require
        tenants: {shop: observe}

      """
    try folder.write(whole, to: "postern.yaml")
    var file = EdgeProofFile(folder.file)
    #expect(try file.read().mode == .require)
    for count in 0..<whole.utf8.count {
      try folder.write(String(whole.prefix(count)), to: "postern.yaml")
      if let read = try? file.read() {
        #expect(read.mode == .require && whole.prefix(count).hasSuffix("require\n"), "\(count)")
      }
    }
    try folder.write("edgeProof: {}\n", to: "postern.yaml")
    let error = #expect(throws: EdgeProofFileError.self) { try file.read() }
    #expect(error?.problems.first?.description.contains("write `mode: off`") == true)
  }

  @Test func `a file that could not be read once is read at the next look, unchanged`() throws {
    let folder = try Folder()
    try folder.write("edgeProof: {mode: off}\n", to: "postern.yaml")
    var file = EdgeProofFile(folder.file)
    _ = try file.read()
    try folder.write("edgeProof: {mode: require, trustedPeers: [unix]}\n", to: "postern.yaml")
    withoutDescriptors {
      #expect(throws: EdgeProofFileError.self) { try file.read() }
    }
    #expect(file.hasChanged)
    #expect(try file.read().mode == .require)
    #expect(!file.hasChanged)
  }

  @Test func `a secret that could not be read once is read at the next look, unchanged`() throws {
    let folder = try Folder()
    // A file that can be opened and not be read: nothing lies at address 0.
    try folder.link("edge.secret", to: "/proc/self/mem")
    try folder.write(
      "edgeProof: {mode: require, sharedSecrets: [{file: edge.secret}]}\n", to: "postern.yaml")
    var file = EdgeProofFile(folder.file)
    let error = #expect(throws: EdgeProofFileError.self) { try file.read() }
    #expect(error?.problems.first?.description.contains("cannot read `") == true)
    #expect(file.hasChanged)
    #expect(throws: EdgeProofFileError.self) { try file.read() }
    #expect(file.hasChanged)
    // What is not there is not looked for again until it is.
    try folder.remove("edge.secret")
    #expect(throws: EdgeProofFileError.self) { try file.read() }
    #expect(!file.hasChanged)
  }
}

/// A directory of its own, with a settings file.
private final class Folder {
  let path: String
  var file: String { path + "/postern.yaml" }

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/edge-proof-\(UInt64.random(in: 0 ... .max))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ text: String, to name: String, mode: Int = 0o600) throws {
    try Data(text.utf8).write(to: URL(filePath: "\(path)/\(name)"), options: .atomic)
    try setMode(name, mode)
  }

  func setMode(_ name: String, _ mode: Int) throws {
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: "\(path)/\(name)")
  }

  func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: "\(path)/\(name)") }

  func link(_ name: String, to target: String) throws {
    try? remove(name)
    try FileManager.default.createSymbolicLink(
      atPath: "\(path)/\(name)", withDestinationPath: target)
  }

  func read(_ text: String) throws -> EdgeProofSettings {
    try write(text, to: "postern.yaml")
    var file = EdgeProofFile(file)
    return try file.read()
  }

  func problems(_ text: String) throws -> [String] {
    try write(text, to: "postern.yaml")
    var file = EdgeProofFile(file)
    do throws(EdgeProofFileError) {
      _ = try file.read()
      return []
    } catch {
      return error.problems.map(\.description)
    }
  }
}
