import Testing

@testable import Rules

@Suite struct HitPolicyTests {
  @Test func `a policy is read by its name and by its letters`() {
    let letters = ["U", "A", "P", "F", "R", "O", "C", "C+", "C<", "C>", "C#"]
    #expect(HitPolicy.allCases.map(\.letters) == letters)
    for policy in HitPolicy.allCases {
      #expect(HitPolicy(name: policy.rawValue) == policy)
      #expect(HitPolicy(name: policy.letters) == policy)
    }
    #expect(HitPolicy(name: "") == nil)
    #expect(HitPolicy(name: "unique") == nil)
  }

  @Test func `YAML leaves the letters of a policy as they are`() {
    for policy in HitPolicy.allCases {
      let text =
        "---\ntrigger: a\nhitPolicy: \(policy.letters)\nmode: off\nvalues:\n  claim.n: 1\n---\n## Rules\n"
        + "| verdict | claim.n |\n|---|---|\n| allow | 1 |\n"
      #expect(TableReader.read(text, file: "t.table.md").table?.hitPolicy == policy)
    }
  }
}
