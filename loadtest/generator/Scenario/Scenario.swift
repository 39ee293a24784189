import Foundation
import PosternClient
import Wire

/// What callers ask and what they must be told: a file of `loadtest/scenarios`.
public struct Scenario: Sendable {
  public var name: String
  public var about: String
  /// The directory of tables that the server must serve, as a path that can be opened.
  public var tables: String?
  /// Decisions in one message, where the command line does not say.
  public var batch: Int
  public var templates: [Template]
  /// What happens to the served tables while the load runs.
  public var actions: [TableAction]

  /// One kind of login, as often among all as its weight says.
  public struct Template: Sendable {
    public var name: String
    public var weight: Double
    public var request: RequestTemplate
    public var expectation: Expectation
  }
}

/// What a reply to one kind of login must say.
public struct Expectation: Equatable, Sendable {
  public var verdict: Verdict
  /// The name of the rule that must have given it; `nil` for any.
  public var rule: String?
  /// The verdict if audited tables counted; `nil` for any.
  public var wouldBe: Verdict?
  /// Exactly these flags.
  public var flags: ReplyFlags
  /// Whether lines of explanation must be there; without it they must not.
  public var explains: Bool

  public init(
    verdict: Verdict, rule: String? = nil, wouldBe: Verdict? = nil, flags: ReplyFlags = [],
    explains: Bool = false
  ) {
    self.verdict = verdict
    self.rule = rule
    self.wouldBe = wouldBe
    self.flags = flags
    self.explains = explains
  }

  /// What is wrong with a decision, as a line; `nil` when it is right.
  func complaint(about reply: DecisionReply) -> String? {
    if reply.verdict != verdict { return "verdict `\(reply.verdict.name)`, not `\(verdict.name)`" }
    if let rule, reply.value(of: .rule) != rule {
      return "rule `\(reply.value(of: .rule) ?? "\(reply.rule)")`, not `\(rule)`"
    }
    if let wouldBe, reply.wouldBe != wouldBe {
      return "wouldBe `\(reply.wouldBe.name)`, not `\(wouldBe.name)`"
    }
    if reply.flags != flags { return "flags \(reply.flags.text), not \(flags.text)" }
    if explains != reply.outputs.contains(where: { $0.kind == .explanation }) {
      return explains ? "no explanation" : "an explanation that nobody asked for"
    }
    return nil
  }
}

extension ReplyFlags {
  var text: String {
    "[" + Self.names.filter { contains($0.flag) }.map(\.name).joined(separator: ", ") + "]"
  }
}
