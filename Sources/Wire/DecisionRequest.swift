/// Request flags of one decision (proto-spec 3.2).
public struct RequestFlags: OptionSet, BitwiseCopyable, Sendable {
  public let rawValue: UInt16
  @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// Answer with the reasons as well: one explanation output per table and per signal read.
  @inlinable public static var explain: RequestFlags { RequestFlags(rawValue: 1 << 0) }
  /// Name every table that had a part: one `part` output for each.
  @inlinable public static var parts: RequestFlags { RequestFlags(rawValue: 1 << 1) }

  static let known: RequestFlags = [.explain, .parts]

  /// Each flag with its name, by bit.
  public static let names: [(flag: RequestFlags, name: String)] = [
    (.explain, "explain"), (.parts, "parts"),
  ]
}

/// A deployment's own signal in a request: where its name and its value lie.
public struct CustomField: BitwiseCopyable, Sendable {
  public var name: ByteRange
  public var value: ByteRange
  public var type: FieldType
}

/// One decision request, checked: offsets into the message it was read from, nothing copied.
///
/// It is meant to be reused: `RequestReader.next(into:)` overwrites what it needs. What is indexed
/// lies in memory of its own: Swift 6.3 copies an `InlineArray` whole to read one element of it.
///
/// INVARIANT (request-in-bounds): `values` has 32 initialised ranges, one a bit of `present`, and
/// `customs` has `customCountMax` initialised fields.
@safe
public struct DecisionRequest: ~Copyable {
  /// LIMIT: half of `Limits.fieldCount`; a table reads a handful.
  public static let customCountMax = 32
  /// The fixed part of a decision request, in bytes (proto-spec 3.2).
  public static let fixedByteCount = 24
  /// The fixed part of a field, in bytes (proto-spec 3.3).
  public static let fieldFixedByteCount = 8

  public internal(set) var correlationID: UInt64 = 0
  /// The caller's patience from the arrival of the bytes; zero for no limit.
  public internal(set) var budgetMicroseconds: UInt32 = 0
  public internal(set) var flags: RequestFlags = []
  public internal(set) var tenant = ByteRange.empty
  public internal(set) var trigger = ByteRange.empty
  /// Whether tenant and trigger are those of the decision before it, or those that were known.
  public internal(set) var repeatsRoute = false
  /// Bit `f` is set when registered field `f` came.
  public internal(set) var present: UInt32 = 0
  /// Bit `f` is set when raw header `f` came more than once.
  public internal(set) var repeated: UInt32 = 0
  public internal(set) var customCount = 0
  @usableFromInline let values: UnsafeMutablePointer<ByteRange>
  private let customs: UnsafeMutablePointer<CustomField>

  public init() {
    unsafe values = .allocate(capacity: UInt32.bitWidth)
    unsafe values.initialize(repeating: .empty, count: UInt32.bitWidth)
    unsafe customs = .allocate(capacity: Self.customCountMax)
    unsafe customs.initialize(
      repeating: CustomField(name: .empty, value: .empty, type: .string),
      count: Self.customCountMax)
  }

  deinit {
    unsafe values.deallocate()
    unsafe customs.deallocate()
  }

  /// Where the value of a registered field lies, or `nil` when it did not come. O(1).
  @inlinable @inline(__always)
  public func value(of field: Field) -> ByteRange? {
    value(ofRegistered: Int(field.rawValue))
  }

  /// As `value(of:)`, by raw value below `Field.registeredEnd`.
  @inlinable @inline(__always)
  public func value(ofRegistered field: Int) -> ByteRange? {
    // SAFETY: (request-in-bounds): the mask keeps the index below 32.
    present & 1 &<< UInt32(truncatingIfNeeded: field) == 0 ? nil : unsafe values[field & 31]
  }

  /// Whether a raw header came more than once. O(1).
  @inlinable @inline(__always)
  public func isRepeated(_ field: Field) -> Bool {
    repeated & 1 &<< UInt32(truncatingIfNeeded: field.rawValue) != 0
  }

  /// Stores where the value of a registered field lies, which `present` does not say yet.
  @inline(__always)
  func store(_ value: ByteRange, of field: Int) {
    // SAFETY: (request-in-bounds): the mask keeps the index below 32.
    unsafe values[field & 31] = value
  }

  /// The custom signal at `index` below `customCount`. O(1).
  public func custom(at index: Int) -> CustomField {
    precondition(index >= 0 && index < customCount)
    // SAFETY: (request-in-bounds) and the line above.
    return unsafe customs[index]
  }

  /// Adds a custom signal; there is room for it.
  mutating func appendCustom(_ field: CustomField) {
    precondition(customCount < Self.customCountMax)
    // SAFETY: (request-in-bounds) and the line above.
    unsafe customs[customCount] = field
    customCount += 1
  }
}
