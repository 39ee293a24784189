import Foundation

/// `proto-spec/fields.json`: every number of the protocol.
struct Registry: Decodable {
  struct Entry: Decodable, Equatable {
    let id: Int
    let name: String
  }
  struct Flag: Decodable, Equatable {
    let bit: Int
    let name: String
  }
  struct Field: Decodable {
    let id: Int
    let name: String
    /// `nil` for `custom`, which states its own.
    let type: String?
    let carries: String
    let notes: String
  }
  struct Failure: Decodable {
    let code: Int
    let name: String
    let status: Int
  }
  struct Limit: Decodable {
    let name: String
    let value: Int
  }
  struct Part: Decodable {
    let name: String
    let byteCount: Int
  }

  let version: Int
  let contentType: String
  let messageKinds: [Entry]
  let messageFlags: [Flag]
  let requestFlags: [Flag]
  let replyFlags: [Flag]
  let fieldTypes: [Entry]
  let fields: [Field]
  let verdicts: [Entry]
  let modes: [Entry]
  let outputKinds: [Entry]
  let provenances: [Entry]
  let errors: [Failure]
  let limits: [Limit]
  /// What a server whose settings were not changed allows a connection.
  let connection: [Limit]
  let layout: [Part]

  static func load() throws -> Registry {
    let file = protoSpec.appending(path: "fields.json")
    return try JSONDecoder().decode(Registry.self, from: try Data(contentsOf: file))
  }

  func limit(_ name: String) -> Int? { limits.first { $0.name == name }?.value }
  func byteCount(of part: String) -> Int? { layout.first { $0.name == part }?.byteCount }
}
