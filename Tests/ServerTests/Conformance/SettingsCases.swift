import TestSupport

/// RFC 9113 6.5: SETTINGS.
extension ServerTests.ConformanceTests {
  static let settingsCases: [ConformanceCase] = [
    ConformanceCase(
      "6.5", "an acknowledgement with a payload is an error",
      [Frame(.settings, flags: Frame.acknowledgement, [0])], .connectionError([Code.frameSize])),
    ConformanceCase(
      "6.5", "SETTINGS on a stream are an error", [Frame(.settings, stream: 1)],
      .connectionError([Code.protocolError])),
    ConformanceCase(
      "6.5", "SETTINGS of a wrong length are an error", [Frame(.settings, [0, 3, 0])],
      .connectionError([Code.frameSize])),
    ConformanceCase(
      "6.5", "an acknowledgement that nobody waits for does no good",
      [Frame(.settings, flags: Frame.acknowledgement)], .connectionError([Code.protocolError])),
    ConformanceCase(
      "6.5.2", "ENABLE_PUSH is 0 or 1", [.settings([(id: 2, value: 2)])],
      .connectionError([Code.protocolError])),
    ConformanceCase(
      "6.5.2", "INITIAL_WINDOW_SIZE is at most 2^31 - 1", [.settings([(id: 4, value: 0x8000_0000)])],
      .connectionError([Code.flowControl])),
    ConformanceCase(
      "6.5.2", "MAX_FRAME_SIZE is at least 16,384", [.settings([(id: 5, value: 16_383)])],
      .connectionError([Code.protocolError])),
    ConformanceCase(
      "6.5.2", "MAX_FRAME_SIZE is at most 2^24 - 1", [.settings([(id: 5, value: 1 << 24)])],
      .connectionError([Code.protocolError])),
    ConformanceCase(
      "6.5.2", "the largest and the smallest values are taken",
      [
        .send(
          Frame.settings([
            (id: 1, value: 0), (id: 2, value: 1), (id: 3, value: 0), (id: 4, value: 0x7FFF_FFFF),
            (id: 5, value: (1 << 24) - 1), (id: 6, value: 0xFFFF_FFFF),
          ]).bytes + get(1).bytes), .await(1),
      ], .answered([1])),
    ConformanceCase(
      "6.5.3", "of a setting that is there twice the last one holds",
      settings: [(id: 4, value: 100), (id: 4, value: 1)], [get(1)],
      .satisfied { client in try client.response(on: 1).body == Array("p".utf8) }),
    ConformanceCase(
      "6.5.3", "SETTINGS are acknowledged, one by one", [.settings(), .settings([(id: 4, value: 9)])],
      .satisfied { client in
        client.frames.count { $0.kind == .settings && $0.flags == Frame.acknowledgement } == 3
      }),
  ]
}
