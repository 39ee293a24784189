import Wire

/// Which request headers of `/v1/check` carry which fields.
enum ContextHeaders {
  struct Source: Sendable {
    let name: [UInt8]
    let field: Field
    /// Proxies and clients send it of themselves; a header of our own goes before it.
    let isForwarded: Bool
    /// Only proxies do: whoever is none is not believed.
    var isOfProxy: Bool { isForwarded && field != .requestUserAgent }
  }

  /// `session.mfaRequired` is in `postern-session-mfa-required`, and so on; and what proxies send.
  static let sources: [Source] = {
    let context = Field.allCases.filter { $0.type != .header && $0 != .custom }
    var sources = (Field.signalHeaders + context).map { field in
      Source(name: Array(headerName(of: field).utf8), field: field, isForwarded: false)
    }
    for (name, field) in [
      ("x-forwarded-uri", Field.requestPath), ("x-forwarded-method", .requestMethod),
      ("x-forwarded-host", .requestHost), ("user-agent", .requestUserAgent),
    ] { sources.append(Source(name: Array(name.utf8), field: field, isForwarded: true)) }
    return sources
  }()

  /// What a header carries; `nil` when it carries no field. O(fields).
  static func source(of name: Span<UInt8>) -> Source? {
    for source in sources where source.name.count == name.count {
      if source.name.span.elementsEqual(name) { return source }
    }
    return nil
  }

  /// `akamai-bot` as it is; a context signal's words in lower case, joined by hyphens.
  static func headerName(of field: Field) -> String {
    if field.type == .header { return field.name }
    var name = "postern-"
    var previousIsCapital = true
    for character in field.name {
      let isCapital = character.isUppercase
      if character == "." {
        name.append("-")
        previousIsCapital = true
        continue
      }
      // A run of capitals is one word: "mfaRequired", but "request.userAgent" and "user.id".
      if isCapital, !previousIsCapital { name.append("-") }
      name.append(character.lowercased())
      previousIsCapital = isCapital
    }
    return name
  }
}
