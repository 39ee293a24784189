#!/usr/bin/env python3
"""Postern protocol version 1: requests to bytes, bytes to replies and errors.

Written from ../../postern-v1.md alone; the sections named below are that text's. Standard library
only. It carries no HTTP: POST what `encode` writes to /v1/decide with any HTTP/2 client.

    postern_client.py encode --trigger post-login --field statsLoginsCount=3 > request.bin
    curl --http2-prior-knowledge -H 'content-type: application/vnd.postern.v1' \\
      --data-binary @request.bin -o reply.bin http://127.0.0.1:8080/v1/decide
    postern_client.py decode reply.bin
"""

import argparse
import json
import math
import pathlib
import struct
import sys
from dataclasses import dataclass, field

VERSION = 1
CONTENT_TYPE = "application/vnd.postern.v1"
KINDS = {"request": 1, "reply": 2, "error": 3}

# Section 3.1, 3.2, 3.3, 5.1, 5.3, 7.1: "<" is little-endian and without padding.
MESSAGE_HEADER = struct.Struct("<BBHIIHHQ")
DECISION_REQUEST = struct.Struct("<IIQHHBBH")
FIELD = struct.Struct("<HBBI")
DECISION_REPLY = struct.Struct("<IBBBBQHHIQ")
OUTPUT = struct.Struct("<BBH")
ERROR = struct.Struct("<HHI")

COMPRESSED = 1
EXPLAIN = 1
PARTS = 2
REQUEST_FLAGS = ["explain", "parts"]  # From bit 0.

# Section 6.
MESSAGE_BYTE_COUNT = 1_048_576
DECISION_COUNT = 1_024
FIELD_COUNT = 64
CUSTOM_FIELD_COUNT = 32
NAME_BYTE_COUNT = 64

TYPES = ["header", "string", "number", "boolean", "list", "address"]  # From 1.
VERDICTS = ["allow", "mfa", "review", "deny", "revoke"]  # From 1.
MODES = ["off", "audit", "advisory", "enforce"]  # From 0.
PROVENANCES = [None, "g2o", "sharedSecret", "trustedPeer", "peerCertificate", "missing", "malformed",
               "algorithmNotAllowed", "unknownKey", "outsideWindow", "mismatch", "replayed",
               "unknownSecret"]  # From 0; section 4.5.
REPLY_FLAGS = ["late", "missing", "noMatch", "invalidSignal", "unverifiedSignal",
               "unproven"]  # From bit 0.
OUTPUT_KINDS = ["table", "rule", "reason", "code", "message", "obligation", "claim", "metadata",
                "explanation", "part"]  # From 1.
STANDINGS = ["decided", "enforced", "watched"]
CUSTOM = 4096
# Section 4.2: name to id and type.
FIELDS = {
    "akamaiBot": (1, "header"), "akamaiUserRisk": (2, "header"),
    "g2oAuthData": (3, "header"), "g2oAuthSign": (4, "header"), "edgeSecret": (5, "header"),
    "forwardedTarget": (6, "header"), "forwardedScheme": (7, "header"),
    "requestIP": (16, "address"), "requestCountry": (17, "string"), "requestPath": (18, "string"),
    "requestMethod": (19, "string"), "requestHost": (20, "string"),
    "requestUserAgent": (21, "string"), "sessionID": (22, "string"),
    "sessionMFARequired": (23, "boolean"), "userID": (24, "string"), "userEmail": (25, "string"),
    "userEmailVerified": (26, "boolean"), "connectionName": (27, "string"),
    "clientID": (28, "string"), "organizationID": (29, "string"),
    "statsLoginsCount": (30, "number"), "authenticationMethods": (31, "list"),
}
FIELDS_BY_ID = {number: (name, type_) for name, (number, type_) in FIELDS.items()}
# Section 7.
ERRORS = {
    1: "truncated", 2: "trailingBytes", 3: "unknownVersion", 4: "unknownKind", 5: "unknownFlag",
    6: "reservedNotZero", 7: "wrongLength", 8: "noDecisions", 9: "tooManyDecisions",
    10: "messageTooLarge", 11: "badCompression", 12: "tooManyFields", 13: "unknownField",
    14: "wrongFieldType", 15: "duplicateField", 16: "invalidUTF8", 17: "invalidNumber",
    18: "invalidBoolean", 19: "invalidList", 20: "invalidName", 32: "unknownTrigger",
    33: "unknownPath", 34: "methodNotAllowed", 35: "unsupportedMediaType", 36: "headersTooLarge",
    37: "overloaded",
}
NAME_BYTES = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")


class PosternError(Exception):
    """A message that cannot be read: a name of section 7 and the offset of the first bad byte."""

    def __init__(self, name, offset):
        super().__init__(f"{name} @ {offset}")
        self.name = name
        self.offset = offset


@dataclass
class Field:
    """One field; `name` is the registry's. Values: bytes, str, float, bool or a list of str."""
    name: str
    type: str
    value: object


@dataclass
class Custom:
    """A deployment's own signal."""
    name: str
    type: str
    value: object


@dataclass
class DecisionRequest:
    trigger: str
    tenant: str = ""
    correlation_id: int = 0
    budget_microseconds: int = 0
    flags: int = 0
    fields: list = field(default_factory=list)
    customs: list = field(default_factory=list)


@dataclass
class Output:
    kind: str
    name: str
    value: str


@dataclass
class DecisionReply:
    verdict: str
    would_be: str
    mode: str
    correlation_id: int
    flags: int
    rule: int
    table_version: int
    outputs: list
    # One of PROVENANCES; None where nothing was verified, or by a number that we do not know (4.5).
    provenance: str | None = None

    def parts(self):
        """The `Part` of each table that had one, in the order of the chain (5.4)."""
        parts = (Part.read(output.value) for output in self.outputs if output.kind == "part")
        return [part for part in parts if part]


@dataclass
class Part:
    """What one table had to do with a decision (5.4)."""
    table: str
    standing: str
    verdict: str
    rule: int
    table_version: int
    rule_name: str

    @staticmethod
    def read(value):
        """`None` for one that a later server writes in other words."""
        words = value.split(" ", 5)
        if len(words) < 5 or words[1] not in STANDINGS or words[2] not in VERDICTS:
            return None
        try:
            return Part(words[0], words[1], words[2], int(words[3]), int(words[4], 16),
                        words[5] if len(words) > 5 else "")
        except ValueError:
            return None


@dataclass
class Reply:
    server_nanoseconds: int
    decisions: list


@dataclass
class ErrorMessage:
    code: int
    offset: int
    text: str


def message(kind, body, decision_count, server_nanoseconds=0):
    """A whole, uncompressed message (3.1)."""
    return MESSAGE_HEADER.pack(
        VERSION, KINDS[kind], 0, len(body), len(body), decision_count, 0, server_nanoseconds) + body


def encode_request(decisions):
    """Request message for a list of `DecisionRequest` (3)."""
    return message("request", b"".join(map(_encode_decision, decisions)), len(decisions))


def _encode_decision(decision):
    tenant, trigger = decision.tenant.encode(), decision.trigger.encode()
    body = tenant + trigger
    for item in decision.fields:
        body += _encode_field(FIELDS[item.name][0], item.type, _encode_value(item))
    for item in decision.customs:
        name = item.name.encode()
        body += _encode_field(CUSTOM, item.type, bytes([len(name)]) + name + _encode_value(item))
    return DECISION_REQUEST.pack(
        DECISION_REQUEST.size + len(body), decision.budget_microseconds, decision.correlation_id,
        decision.flags, len(decision.fields) + len(decision.customs), len(tenant), len(trigger),
        0) + body


def _encode_field(number, type_, value):
    return FIELD.pack(number, TYPES.index(type_) + 1, 0, len(value)) + value


def _encode_value(item):
    if item.type == "header":
        return item.value
    if item.type == "number":
        return struct.pack("<d", item.value)
    if item.type == "boolean":
        return bytes([item.value])
    if item.type == "list":
        items = [text.encode() for text in item.value]
        return b"".join(struct.pack("<H", len(text)) + text for text in items)
    return item.value.encode()


def encode_reply(reply):
    """Reply message (5); for test servers."""
    body = b""
    for decision in reply.decisions:
        outputs = b""
        for output in decision.outputs:
            name, value = output.name.encode(), output.value.encode()
            kind = OUTPUT_KINDS.index(output.kind) + 1
            outputs += OUTPUT.pack(kind, len(name), len(value)) + name + value
        body += DECISION_REPLY.pack(
            DECISION_REPLY.size + len(outputs), VERDICTS.index(decision.verdict) + 1,
            VERDICTS.index(decision.would_be) + 1, MODES.index(decision.mode),
            PROVENANCES.index(decision.provenance),
            decision.correlation_id, decision.flags, len(decision.outputs), decision.rule,
            decision.table_version) + outputs
    return message("reply", body, len(reply.decisions), reply.server_nanoseconds)


def encode_error(error):
    """Error message (7.1); for test servers."""
    return message("error", ERROR.pack(error.code, 0, error.offset) + error.text.encode(), 0)


def decode(data, expected=None):
    """A list of `DecisionRequest`, a `Reply` or an `ErrorMessage`, by the message's kind."""
    kind, plain, decision_count, server_nanoseconds = _open(data, expected)
    if kind == "error":
        return _decode_error(plain)
    offset = MESSAGE_HEADER.size
    decisions = []
    for _ in range(decision_count):
        read = _decode_decision if kind == "request" else _decode_reply
        decision, offset = read(plain, offset)
        decisions.append(decision)
    if offset != len(plain):
        raise PosternError("trailingBytes", offset)
    return decisions if kind == "request" else Reply(server_nanoseconds, decisions)


def take_message(data, expected=None):
    """The first message in `data`, which came on a stream (2.6), and the bytes behind it.

    The message is `None` while it has not come whole: try again with more bytes. A header that no
    message can have is an error as soon as it is there, and nothing behind it can be read.
    """
    if len(data) >= MESSAGE_HEADER.size:
        end = MESSAGE_HEADER.size + _header(data, expected)[2]
        if len(data) >= end:
            return data[:end], data[end:]
    return None, data


def _open(data, expected):
    """Checks the whole message and decompresses it (3.4)."""
    kind, flags, body_count, plain_count, decision_count, server_nanoseconds = _header(data, expected)
    end = MESSAGE_HEADER.size + body_count
    if len(data) < end:
        raise PosternError("truncated", len(data))
    if len(data) > end:
        raise PosternError("trailingBytes", end)
    if not flags & COMPRESSED and plain_count != body_count:
        raise PosternError("wrongLength", 8)
    if kind == "error":
        if decision_count:
            raise PosternError("reservedNotZero", 12)
    elif decision_count == 0:
        raise PosternError("noDecisions", 12)
    elif decision_count > DECISION_COUNT:
        raise PosternError("tooManyDecisions", 12)
    if flags & COMPRESSED:
        body = lz4_block_decompress(data[MESSAGE_HEADER.size:], plain_count)
        if body is None:
            raise PosternError("badCompression", MESSAGE_HEADER.size)
        data = data[:MESSAGE_HEADER.size] + body
    return kind, data, decision_count, server_nanoseconds


def _header(data, expected):
    """Checks what the message header (3.1) says by itself."""
    if len(data) < MESSAGE_HEADER.size:
        raise PosternError("truncated", len(data))
    (version, number, flags, body_count, plain_count, decision_count, reserved,
     server_nanoseconds) = MESSAGE_HEADER.unpack_from(data)
    if version != VERSION:
        raise PosternError("unknownVersion", 0)
    kind = next((name for name, known in KINDS.items() if known == number), None)
    if kind is None or kind != (expected or kind):
        raise PosternError("unknownKind", 1)
    if flags & ~(0 if kind == "error" else COMPRESSED):
        raise PosternError("unknownFlag", 2)
    if reserved:
        raise PosternError("reservedNotZero", 14)
    if kind != "reply" and server_nanoseconds:
        raise PosternError("reservedNotZero", 16)
    for offset, count in ((4, body_count), (8, plain_count)):
        if MESSAGE_HEADER.size + count > MESSAGE_BYTE_COUNT:
            raise PosternError("messageTooLarge", offset)
    return kind, flags, body_count, plain_count, decision_count, server_nanoseconds


def lz4_block_decompress(block, byte_count):
    """The `byte_count` bytes that a raw LZ4 block holds, or `None` where it holds anything else."""
    out, at = bytearray(), 0

    def length(start):
        nonlocal at
        total = start
        while start == 15:
            total += block[at]
            at += 1
            if block[at - 1] != 255:
                break
        return total

    try:
        while True:
            token = block[at]
            at += 1
            count = length(token >> 4)
            if at + count > len(block) or len(out) + count > byte_count:
                return None
            out += block[at:at + count]
            at += count
            if at == len(block):
                return bytes(out) if len(out) == byte_count else None
            distance = block[at] | block[at + 1] << 8
            at += 2
            count = length(token & 15) + 4
            if not 0 < distance <= len(out) or len(out) + count > byte_count:
                return None
            for _ in range(count):
                out.append(out[-distance])
    except IndexError:
        return None


def _decode_decision(data, start):
    """Decision request (3.2). Returns it and where it ends."""
    end, fixed = _fixed_part(data, start, DECISION_REQUEST)
    _, budget, correlation_id, flags, field_count, tenant_count, trigger_count, reserved = fixed
    if flags & ~(EXPLAIN | PARTS):
        raise PosternError("unknownFlag", start + 16)
    if reserved:
        raise PosternError("reservedNotZero", start + 22)
    if field_count > FIELD_COUNT:
        raise PosternError("tooManyFields", start + 18)
    offset = start + DECISION_REQUEST.size
    tenant, offset = _name(data, offset, tenant_count, start + 20, end, may_be_empty=True)
    trigger, offset = _name(data, offset, trigger_count, start + 21, end)
    decision = DecisionRequest(trigger, tenant, correlation_id, budget, flags)
    for _ in range(field_count):
        offset = _decode_field(data, offset, end, decision)
    if offset != end:
        raise PosternError("wrongLength", offset)
    return decision, end


def _fixed_part(data, start, layout):
    if len(data) - start < layout.size:
        raise PosternError("truncated", len(data))
    fixed = layout.unpack_from(data, start)
    if fixed[0] < layout.size:
        raise PosternError("wrongLength", start)
    if fixed[0] > len(data) - start:
        raise PosternError("truncated", len(data))
    return start + fixed[0], fixed


def _name(data, offset, count, count_offset, end, may_be_empty=False):
    if count > NAME_BYTE_COUNT or (count == 0 and not may_be_empty):
        raise PosternError("invalidName", count_offset)
    if count > end - offset:
        raise PosternError("wrongLength", count_offset)
    for index in range(offset, offset + count):
        if data[index] not in NAME_BYTES:
            raise PosternError("invalidName", index)
    return data[offset:offset + count].decode(), offset + count


def _decode_field(data, start, end, decision):
    """Field (3.3). Adds it to the decision and returns where it ends."""
    if end - start < FIELD.size:
        raise PosternError("wrongLength", start)
    number, type_number, reserved, count = FIELD.unpack_from(data, start)
    if not 1 <= type_number <= len(TYPES):
        raise PosternError("wrongFieldType", start + 2)
    type_ = TYPES[type_number - 1]
    if reserved:
        raise PosternError("reservedNotZero", start + 3)
    value_start = start + FIELD.size
    if count > end - value_start:
        raise PosternError("wrongLength", start + 4)
    value_end = value_start + count
    if number == CUSTOM:
        _decode_custom(data, start, value_start, value_end, type_, decision)
        return value_end
    if number not in FIELDS_BY_ID:
        raise PosternError("unknownField", start)
    name, registered = FIELDS_BY_ID[number]
    if type_ != registered:
        raise PosternError("wrongFieldType", start + 2)
    if type_ != "header" and any(item.name == name for item in decision.fields):
        raise PosternError("duplicateField", start)
    decision.fields.append(Field(name, type_, _value(data, value_start, value_end, type_)))
    return value_end


def _decode_custom(data, start, name_offset, end, type_, decision):
    """Custom field (4.3)."""
    if type_ == "header":
        raise PosternError("wrongFieldType", start + 2)
    if name_offset == end:
        raise PosternError("wrongLength", start + 4)
    name, offset = _name(data, name_offset + 1, data[name_offset], name_offset, end)
    if any(item.name == name for item in decision.customs):
        raise PosternError("duplicateField", start)
    if len(decision.customs) == CUSTOM_FIELD_COUNT:
        raise PosternError("tooManyFields", start)
    decision.customs.append(Custom(name, type_, _value(data, offset, end, type_)))


def _value(data, start, end, type_):
    """A value of one of the types of section 4.1."""
    if type_ == "header":
        return bytes(data[start:end])
    if type_ in ("string", "address"):
        return _text(data, start, end)
    if type_ == "number":
        value = struct.unpack_from("<d", data, start)[0] if end - start == 8 else math.nan
        if not math.isfinite(value):
            raise PosternError("invalidNumber", start)
        return value
    if type_ == "boolean":
        if end - start != 1 or data[start] > 1:
            raise PosternError("invalidBoolean", start)
        return data[start] == 1
    items = []
    while start < end:
        if end - start < 2 or int.from_bytes(data[start:start + 2], "little") > end - start - 2:
            raise PosternError("invalidList", start)
        item_end = start + 2 + int.from_bytes(data[start:start + 2], "little")
        items.append(_text(data, start + 2, item_end))
        start = item_end
    return items


def _text(data, start, end):
    try:
        return data[start:end].decode()
    except UnicodeDecodeError as error:
        raise PosternError("invalidUTF8", start + error.start) from None


def _decode_reply(data, start):
    """Decision reply (5.1). Returns it and where it ends."""
    end, fixed = _fixed_part(data, start, DECISION_REPLY)
    (_, verdict, would_be, mode, provenance, correlation_id, flags, output_count, rule,
     version) = fixed
    for offset, value, known in ((4, verdict - 1, VERDICTS), (5, would_be - 1, VERDICTS),
                                 (6, mode, MODES)):
        if not 0 <= value < len(known):
            raise PosternError("invalidNumber", start + offset)
    decision = DecisionReply(VERDICTS[verdict - 1], VERDICTS[would_be - 1], MODES[mode],
                             correlation_id, flags, rule, version, [],
                             PROVENANCES[provenance] if provenance < len(PROVENANCES) else None)
    offset = start + DECISION_REPLY.size
    for _ in range(output_count):
        offset = _decode_output(data, offset, end, decision.outputs)
    if offset != end:
        raise PosternError("wrongLength", offset)
    return decision, end


def _decode_output(data, start, end, outputs):
    """Output (5.3); one of a kind that we do not know is stepped over (8)."""
    if end - start < OUTPUT.size:
        raise PosternError("wrongLength", start)
    kind, name_count, value_count = OUTPUT.unpack_from(data, start)
    value_start = start + OUTPUT.size + name_count
    value_end = value_start + value_count
    if value_end > end:
        raise PosternError("wrongLength", start)
    if 1 <= kind <= len(OUTPUT_KINDS):
        name = data[start + OUTPUT.size:value_start].decode(errors="replace")
        value = data[value_start:value_end].decode(errors="replace")
        outputs.append(Output(OUTPUT_KINDS[kind - 1], name, value))
    return value_end


def _decode_error(data):
    """Error message (7.1)."""
    start = MESSAGE_HEADER.size
    if len(data) - start < ERROR.size:
        raise PosternError("truncated", len(data))
    code, reserved, offset = ERROR.unpack_from(data, start)
    if code not in ERRORS:
        raise PosternError("unknownKind", start)
    if reserved:
        raise PosternError("reservedNotZero", start + 2)
    return ErrorMessage(code, offset, data[start + ERROR.size:].decode(errors="replace"))


def flag_names(flags, names):
    """Names of the set bits; `bitN` for one without a name."""
    return [names[bit] if bit < len(names) else f"bit{bit}"
            for bit in range(16) if flags >> bit & 1]


def _as_json(decoded):
    if isinstance(decoded, ErrorMessage):
        return {"error": ERRORS[decoded.code], "offset": decoded.offset, "text": decoded.text}
    if isinstance(decoded, Reply):
        return {"serverNanoseconds": decoded.server_nanoseconds, "decisions": [
            vars(decision) | {
                "flags": flag_names(decision.flags, REPLY_FLAGS),
                "table_version": f"{decision.table_version:016x}",
                "outputs": [vars(output) for output in decision.outputs],
                "parts": [vars(part) | {"table_version": f"{part.table_version:016x}"}
                          for part in decision.parts()],
            } for decision in decoded.decisions]}
    return [vars(decision) | {
        "fields": [vars(item) for item in decision.fields],
        "customs": [vars(item) for item in decision.customs],
    } for decision in decoded]


def _parse_field(argument):
    name, equals, text = argument.partition("=")
    if not equals or name not in FIELDS:
        raise argparse.ArgumentTypeError(
            f"`{argument}` is not NAME=VALUE with a name of {', '.join(FIELDS)}")
    type_ = FIELDS[name][1]
    if type_ == "boolean" and text not in ("true", "false"):
        raise argparse.ArgumentTypeError(f"`{text}` is not true or false")
    try:
        value = {
            "header": text.encode, "number": lambda: float(text), "boolean": lambda: text == "true",
            "list": lambda: text.split(",") if text else [],
        }.get(type_, lambda: text)()
    except ValueError:
        raise argparse.ArgumentTypeError(f"`{text}` is not a {type_}") from None
    return Field(name, type_, value)


def main():
    parser = argparse.ArgumentParser(description="read and write messages of Postern protocol 1")
    commands = parser.add_subparsers(dest="command", required=True)
    encode = commands.add_parser("encode", help="write a request message to standard output")
    encode.add_argument("--trigger", required=True)
    encode.add_argument("--tenant", default="")
    encode.add_argument("--correlation-id", type=int, default=0)
    encode.add_argument("--budget-microseconds", type=int, default=0)
    encode.add_argument("--explain", action="store_true")
    encode.add_argument("--parts", action="store_true")
    encode.add_argument("--field", type=_parse_field, action="append", default=[],
                        metavar="NAME=VALUE", help="may be given many times; a list has commas")
    commands.add_parser("decode", help="print any message as JSON").add_argument(
        "file", type=pathlib.Path)
    arguments = parser.parse_args()
    if arguments.command == "encode":
        sys.stdout.buffer.write(encode_request([DecisionRequest(
            arguments.trigger, arguments.tenant, arguments.correlation_id,
            arguments.budget_microseconds,
            EXPLAIN * arguments.explain | PARTS * arguments.parts, arguments.field)]))
        return 0
    try:
        decoded = decode(arguments.file.read_bytes())
    except OSError as error:
        print(f"{arguments.file}: error: {error.strerror}", file=sys.stderr)
        return 3
    except PosternError as error:
        print(f"{arguments.file}: error: {error.name} at byte {error.offset}", file=sys.stderr)
        return 1
    print(json.dumps(_as_json(decoded), indent=2, default=lambda value: value.decode("latin-1")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
