import Testing

@testable import postern

/// `postern compile --expires`.
@Suite struct ExpiryDateTests {
  @Test(arguments: [
    ("2027-01-31", 1_801_353_600), ("2027-01-31T00:00:00Z", 1_801_353_600),
    ("2027-01-31T12:00:00Z", 1_801_396_800), ("2027-01-31T12:00:00+01:00", 1_801_393_200),
    ("2027-01-31T23:59:59.999Z", 1_801_439_999), ("2028-02-29", 1_835_395_200), ("1970-01-01", 0),
  ])
  func `a date is taken with its time of day`(text: String, seconds: Int64) {
    #expect(ExpiryDate.seconds(text) == seconds)
  }

  @Test(arguments: [
    "", "soon", "2027", "2027-1-31", "27-01-31", "2027-01-31x", "2027-01-31 ", " 2027-01-31",
    "2027-01-31T12:00:00", "2027-01-31T12:00Z", "2027-01-31T12:00:00Zx", "2027-01-31T25:00:00Z",
    "2027-01-31T12:61:00Z", "2027-02-30", "2027-02-30T12:00:00Z", "2027-13-01", "2027-00-10",
    "2027-01-31T12:00:00+99:00", "2027-01-31\n", "２０２７-01-31",
  ])
  func `anything else is refused, all of it`(text: String) {
    #expect(ExpiryDate.seconds(text) == nil)
  }
}
