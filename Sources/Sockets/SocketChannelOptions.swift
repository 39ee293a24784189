import NIOCore

/// What can be set of a `SocketChannel` on its loop's thread.
struct SocketChannelOptions: NIOSynchronousChannelOptions {
  let channel: SocketChannel

  func setOption<Option: ChannelOption>(_ option: Option, value: Option.Value) throws {
    channel.eventLoop.preconditionInEventLoop()
    switch (option, value) {
    case (is ChannelOptions.Types.AutoReadOption, let value as Bool): channel.readsItself = value
    case (is ChannelOptions.Types.AllowRemoteHalfClosureOption, let value as Bool):
      channel.allowsHalfClosure = value
    default: throw ChannelError.operationUnsupported
    }
  }

  func getOption<Option: ChannelOption>(_ option: Option) throws -> Option.Value {
    channel.eventLoop.preconditionInEventLoop()
    let value =
      switch option {
      case is ChannelOptions.Types.AutoReadOption: channel.readsItself
      case is ChannelOptions.Types.AllowRemoteHalfClosureOption: channel.allowsHalfClosure
      default: throw ChannelError.operationUnsupported
      }
    return value as! Option.Value
  }
}

extension SocketChannel {
  public func setOption<Option: ChannelOption>(
    _ option: Option, value: Option.Value
  ) -> EventLoopFuture<Void> {
    eventLoop.submit { try SocketChannelOptions(channel: self).setOption(option, value: value) }
  }

  public func getOption<Option: ChannelOption>(_ option: Option) -> EventLoopFuture<Option.Value> {
    eventLoop.submit { try SocketChannelOptions(channel: self).getOption(option) }
  }
}
