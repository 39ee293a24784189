import Admin
import ArgumentParser
import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Server

/// Asks a running server's admin port.
struct AdminClient {
  let address: ListenAddress

  /// LIMIT: bytes of an answer: a thousand chains with a thousand rules each would be cut.
  private static let answerByteCountMax = 256 << 20
  private static let patience = TimeAmount.seconds(10)

  enum Failure: Error {
    /// The server says no; the message says why.
    case refused(String)
    case unreachable(String)
  }

  func get<Report: Decodable>(_ operation: String, _ parameters: [(String, String)]) async throws
    -> Report
  {
    try await ask(operation, parameters, .GET)
  }

  func post<Report: Decodable>(_ operation: String, _ parameters: [(String, String)]) async throws
    -> Report
  {
    try await ask(operation, parameters, .POST)
  }

  private func ask<Report: Decodable>(
    _ operation: String, _ parameters: [(String, String)], _ method: HTTPMethod
  ) async throws -> Report {
    var request = HTTPClientRequest(url: try url(operation, parameters))
    request.method = method
    request.headers.add(name: "postern-admin", value: "yes")
    let status: UInt
    let body: Data
    do {
      let response = try await HTTPClient.shared.execute(request, timeout: Self.patience)
      status = response.status.code
      var buffer = try await response.body.collect(upTo: Self.answerByteCountMax)
      body = Data(buffer.readBytes(length: buffer.readableBytes) ?? [])
    } catch {
      throw Failure.unreachable("\(error)")
    }
    let decoder = JSONDecoder()
    if status == 200, let report = try? decoder.decode(Report.self, from: body) { return report }
    if let refusal = try? decoder.decode(AdminReport.Refusal.self, from: body) {
      throw Failure.refused(refusal.error.message)
    }
    throw Failure.unreachable("status \(status) without a readable answer: is this an admin port?")
  }

  private func url(_ operation: String, _ parameters: [(String, String)]) throws -> String {
    var components = URLComponents()
    components.path = "/v1/admin/\(operation)"
    if !parameters.isEmpty {
      components.queryItems = parameters.map { URLQueryItem(name: $0.0, value: $0.1) }
    }
    let uri = components.string ?? ""
    switch address {
    case .tcp: return "http://\(address)\(uri)"
    case .unix(let path):
      guard let url = URL(httpURLWithSocketPath: path, uri: uri) else {
        throw Failure.unreachable("`\(path)` is no path of a socket")
      }
      return url.absoluteString
    }
  }
}

/// What every subcommand of `postern admin` is told.
struct AdminOptions: ParsableArguments {
  @Option(help: "The server's admin port: 127.0.0.1:8081 or unix:/path.")
  var admin = "127.0.0.1:8081"

  @Flag(help: "Print JSON.")
  var json = false

  /// Asks, and prints what comes back; complains and exits where the server refuses or is not there.
  func run<Report: Codable>(
    text: (Report) -> String, _ ask: (AdminClient) async throws -> Report
  ) async throws {
    guard let address = ListenAddress(admin) else {
      throw ValidationError("`\(admin)` is no address; write 127.0.0.1:8081 or unix:/path")
    }
    do {
      let report = try await ask(AdminClient(address: address))
      if json { try printJSON(report) } else { print(text(report)) }
    } catch AdminClient.Failure.refused(let message) {
      complain(message)
      throw ExitStatus.failed.code
    } catch AdminClient.Failure.unreachable(let reason) {
      complain("no answer from \(address): \(reason); was the server started with --admin \(address)?")
      throw ExitStatus.unavailable.code
    }
  }
}
