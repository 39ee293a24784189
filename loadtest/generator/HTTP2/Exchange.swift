/// One request of a connection and the reply to it, as far as it has come.
struct Exchange {
  /// 0 while the place is free.
  var stream: UInt32 = 0
  /// Which message of the pool it is.
  var message = 0
  /// Counts the requests of its connection from 0.
  var number: UInt64 = 0
  /// When it was to be sent, in nanoseconds.
  var intended: UInt64 = 0

  /// The message as it is sent. Memory stays from one request to the next.
  var body: [UInt8] = []
  var sentCount = 0
  /// How much the server still takes on this stream.
  var window = 0

  var isOK = false
  var reply: [UInt8] = []
}
