import Testing

/// The service over real sockets. One test at a time: some measure this process.
@Suite(.serialized) struct ServerTests {}
