import PosternClient
import Wire

/// One request message, encoded once, sent many times: only the correlation ids change.
public struct PreparedMessage: Sendable {
  let bytes: [UInt8]
  /// The kind of login of each decision, by its place among the scenario's templates.
  let templates: [Int]
  /// Where each decision's correlation id stands.
  let idOffsets: [Int]

  init(_ decisions: [(template: Int, request: LoginRequest)]) throws {
    let bytes = try PosternMessage.encode(decisions.map(\.request))
    self.bytes = bytes
    templates = decisions.map(\.template)
    var offsets: [Int] = []
    var start = MessageHeader.byteCount
    for _ in decisions {
      // A decision begins with its length, its budget and its id (proto-spec 3.2).
      offsets.append(start + 8)
      start += Int(bytes[start]) | Int(bytes[start + 1]) << 8 | Int(bytes[start + 2]) << 16
    }
    idOffsets = offsets
  }

  /// The id of a decision in the `number`th request of a connection.
  static func correlationID(number: UInt64, decision: Int) -> UInt64 {
    number << 10 | UInt64(decision)
  }
}

/// The messages that connections send in turn, in the shares of the scenario.
public struct MessagePool: Sendable {
  /// LIMIT: enough that no two in a row are alike; they stay in a core's second-level cache.
  static let byteCountMax = 1 << 20
  static let messageCountMax = 1024

  let messages: [PreparedMessage]
  public let batch: Int

  /// The same for the same seed. Shares are kept as closely as the number of decisions allows.
  public init(_ scenario: Scenario, batch: Int, seed: UInt64) throws {
    self.batch = batch
    var random = SplitMix64(seed: seed)
    let sample = try PreparedMessage(
      scenario.templates.prefix(64).map { (0, try $0.request.make(using: &random)) })
    let decisionByteCount = sample.bytes.count / sample.templates.count
    let fitting = Self.byteCountMax / max(1, decisionByteCount * batch)
    // However large: each template should come.
    let least = (scenario.templates.count + batch - 1) / batch
    let count = max(min(fitting, Self.messageCountMax), min(least, Self.messageCountMax), 4)
    var order = Self.shares(of: scenario.templates.map(\.weight), among: count * batch)
    order.shuffle(using: &random)
    messages = try (0..<count).map { index in
      try PreparedMessage(
        order[(index * batch)..<((index + 1) * batch)].map { template in
          (template, try scenario.templates[template].request.make(using: &random))
        })
    }
  }

  /// `count` indices, each as often as its weight says, rounded, and at least once where there is room.
  static func shares(of weights: [Double], among count: Int) -> [Int] {
    let total = weights.reduce(0, +)
    var indices: [Int] = []
    var sum = 0.0
    for (index, weight) in weights.enumerated() {
      sum += weight
      let end = Int((sum / total * Double(count)).rounded())
      // One place for each of those that come behind.
      let room = max(0, count - indices.count - (weights.count - index - 1))
      let own = min(max(end - indices.count, 1), room)
      indices += [Int](repeating: index, count: own)
    }
    indices += [Int](repeating: 0, count: count - indices.count)
    return indices
  }
}
