import TestSupport
import Testing

/// What the libnghttp2 that is loaded must have mended, beyond what its version number says.
@Suite struct LibraryTests {
  /// A request, with a RST_STREAM of a wrong size behind its first data.
  private static var bytes: [UInt8] {
    let frames = [
      Frame(.headers, flags: Frame.endHeaders, stream: 1, RawRequest("POST", "/").headerBlock),
      Frame(.data, stream: 1, [1, 2, 3]), Frame(.rstStream, stream: 1, [0, 0, 0]),
      Frame(.rstStream, stream: 1, [0, 0, 0]), Frame(.data, flags: Frame.endStream, stream: 1, [1]),
    ]
    return Frame.preface + Frame.settings().bytes + frames.flatMap(\.bytes)
  }

  /// CVE-2026-27135: a session that is told to end from within a callback, and then reads a
  /// RST_STREAM of a wrong size in the same read, aborts the process where that is not mended.
  @Test(arguments: EndingSession.Moment.allCases.map(\.rawValue))
  func `a session that ends in the middle of a read survives what follows`(moment: Int) async {
    await #expect(processExitsWith: .success) { [moment] in
      let session = EndingSession(at: try #require(EndingSession.Moment(rawValue: moment)))
      #expect(session.receive(Self.bytes))
      #expect(session.hasEnded, "the moment never came: this shows nothing")
    }
  }
}
