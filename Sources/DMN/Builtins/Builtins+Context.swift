/// Functions of contexts.
extension Builtins {
  static let contexts: [String: FeelFunction] = [
    "get value": function("m, key: string", "context, key: string", "m, keys", "context, keys") {
      arguments, _ in
      guard case .context(let context) = arguments[0].single else { return .null }
      if let key = arguments[1].string { return context[key] ?? .null }
      guard case .list(let keys) = arguments[1], !keys.isEmpty else { return .null }
      var value = FeelValue.context(context)
      for key in keys {
        guard case .context(let inner) = value, let key = key.string else { return .null }
        value = inner[key] ?? .null
      }
      return value
    },
    "get entries": function("m", "context") { arguments, _ in
      guard case .context(let context) = arguments[0].single else { return .null }
      return .list(
        context.entries.map {
          .context(FeelContext([("key", .string($0.key)), ("value", $0.value)]))
        })
    },
    "context": function("entries") { arguments, _ in
      withList(arguments[0]) { entries in
        var result = FeelContext()
        for entry in entries {
          guard case .context(let pair) = entry, let key = pair["key"]?.string,
            let value = pair["value"],
            result[key] == nil
          else { return .null }
          result[key] = value
        }
        return .context(result)
      }
    },
    "context put": function("context, key: string, value", "context, keys, value") { arguments, _ in
      guard case .context(let context) = arguments[0].single else { return .null }
      if let key = arguments[1].string { return put(context, [key], arguments[2]) }
      guard case .list(let keys) = arguments[1], !keys.isEmpty else { return .null }
      let texts = keys.compactMap(\.string)
      return texts.count == keys.count ? put(context, texts[...], arguments[2]) : .null
    },
    "context merge": function("contexts") { arguments, _ in
      withList(arguments[0]) { contexts in
        var result = FeelContext()
        for element in contexts {
          guard case .context(let context) = element else { return .null }
          for (key, value) in context.entries { result[key] = value }
        }
        return .context(result)
      }
    },
  ]

  private static func put(
    _ context: FeelContext, _ keys: ArraySlice<String>, _ value: FeelValue
  ) -> FeelValue {
    guard let key = keys.first else { return value }
    var context = context
    if keys.count == 1 {
      context[key] = value
      return .context(context)
    }
    guard case .context(let inner)? = context[key] else { return .null }
    let changed = put(inner, keys.dropFirst(), value)
    if changed.isNull { return .null }
    context[key] = changed
    return .context(context)
  }
}
