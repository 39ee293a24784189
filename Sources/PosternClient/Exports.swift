// What a caller handles besides this library's own types: `import PosternClient` is enough.
@_exported import enum Wire.CustomValue
@_exported import struct Wire.DecisionPart
@_exported import struct Wire.DecisionReply
@_exported import enum Wire.ErrorCode
@_exported import enum Wire.Field
@_exported import enum Wire.FieldType
@_exported import enum Wire.Mode
@_exported import enum Wire.OutputKind
@_exported import struct Wire.Reply
@_exported import struct Wire.ReplyFlags
@_exported import enum Wire.Verdict
