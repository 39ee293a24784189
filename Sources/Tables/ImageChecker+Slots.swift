import Signals
import Wire

extension ImageChecker {
  /// Checks the descriptors of the signals and their names.
  func checkSlots() throws(ImageError) {
    try check(
      Section(header.slotsOffset, count: header.slotCount, of: SlotDescriptor.self), alignment: 4)
    var headers: SchemaView.Headers = []
    let names = Section(header.slotNamesOffset, count: header.slotCount, of: ByteRange.self)
    for index in 0..<names.count {
      try checkName(try record(at: names.offset(of: index)), at: names.offset(of: index))
      let slot = try slot(index)
      try checkText(slot.name, at: names.offset(of: index))
      headers.formUnion(slot.source.header)
      // Nothing else is read from a text into a number.
      guard slot.scale == .plain || slot.source == .custom && slot.type == .number else {
        throw .malformed(offset: Int(header.slotsOffset) + index * MemoryLayout<SlotDescriptor>.stride)
      }
      // The bytes of a registered field are read by the slot's type.
      if slot.source == .field {
        guard let field = Field(rawValue: UInt16(slot.key)), slot.type.isCarried(by: field) else {
          throw .malformed(
            offset: Int(header.slotsOffset) + index * MemoryLayout<SlotDescriptor>.stride)
        }
      }
    }
    guard headers == header.headers else {
      throw .malformed(offset: MemoryLayout<ImageHeader>.offset(of: \.headers) ?? 0)
    }
  }

  /// A descriptor whose every byte stands for something. A `SlotDescriptor` has enums and a `Bool`,
  /// so its bytes are looked at before they are taken for one.
  func slot(_ index: Int) throws(ImageError) -> SlotDescriptor {
    let offset = Int(header.slotsOffset) + index * MemoryLayout<SlotDescriptor>.stride
    try checkCode(\.source, at: offset, count: Int(SlotDescriptor.Source.custom.rawValue) + 1)
    try checkCode(\.part, at: offset, count: UserRiskItem.Part.allCases.count)
    try checkCode(\.type, at: offset, count: SignalType.allCases.count)
    try checkCode(\.foldsCase, at: offset, count: 2)
    try checkCode(\.scale, at: offset, count: SignalScale.allCases.count)
    return try record(at: offset)
  }

  /// An enum without payload is a byte: the index of its case.
  private func checkCode<Code>(
    _ field: KeyPath<SlotDescriptor, Code>, at offset: Int, count: Int
  ) throws(ImageError) {
    guard let fieldOffset = MemoryLayout<SlotDescriptor>.offset(of: field) else {
      preconditionFailure("a slot descriptor's fields are stored")
    }
    let code: UInt8 = try record(at: offset + fieldOffset)
    guard code < count else { throw .malformed(offset: offset) }
  }
}

extension SignalType {
  fileprivate func isCarried(by field: Field) -> Bool {
    switch (self, field.type) {
    case (.number, .number), (.string, .string), (.boolean, .boolean), (.list, .list),
      (.address, .address):
      true
    default: false
    }
  }
}
