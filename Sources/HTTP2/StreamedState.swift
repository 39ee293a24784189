/// What a session keeps of a stream whose request is handed out while it comes in.
struct StreamedState {
  /// Its messages are answered as they come; otherwise nothing else here counts.
  var isStreamed = false
  /// All of its headers have come: before, nobody can tell what is asked.
  var hasHeaders = false
  /// The response has begun.
  var isAnswering = false
  /// Messages of it were answered while it went on.
  var hasReplied = false
  /// Nothing more will be appended to the response, and nothing more of the body is read.
  var isFinished = false
  /// The response ends behind the message that has begun to come.
  var endsAfterMessage = false
  /// libnghttp2 waits to be told that there is more to send.
  var isDeferred = false
  /// What comes is kept and not looked at, since the replies before it wait to be sent.
  var isHeld = false
  /// Bytes that came while it was held: the peer's windows are as much smaller.
  var withheldByteCount = 0
  /// Response bytes of it that count among its session's queued ones.
  var queuedByteCount = 0
  /// Bytes of the body have come since the last round.
  var hasMoved = false
  /// Rounds in which none came, and all rounds, since the message that is coming began.
  var stalledRoundCount: Int32 = 0
  var messageRoundCount: Int32 = 0
  /// Rounds that the peer has taken for `owedByteCount` bytes more of its replies.
  var unreadRoundCount: Int32 = 0
  var owedByteCount: Int32 = 0
  var marks = ReadMarks()

  /// Makes it ready for its next request.
  mutating func reset() {
    var marks = marks
    marks.removeAll()
    self = StreamedState()
    self.marks = marks
  }
}
