/// What came on one stream.
public struct RawResponse: Equatable, Sendable {
  public var headers: [HeaderField] = []
  public var body: [UInt8] = []
  /// The code of a RST_STREAM.
  public var resetCode: UInt32?
  /// Whether the response was sent to its end.
  public var isComplete = false

  public init() {}

  public var status: Int { self[":status"].flatMap { Int($0) } ?? 0 }

  public var text: String { String(decoding: body, as: UTF8.self) }

  /// The value of a header; `nil` when it did not come.
  public subscript(_ name: String) -> String? {
    headers.first { $0.name == name }.map { String(decoding: $0.value, as: UTF8.self) }
  }
}
