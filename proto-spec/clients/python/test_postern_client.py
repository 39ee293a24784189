"""Runs every vector of ../../vectors against the codec that was written from the text alone."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

import postern_client as postern

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Vector:
    """One annotated file; its lines are explained in ../../README.md."""

    def __init__(self, path):
        self.name = path.stem
        self.kind = self.name.split("-")[0]
        self.expected, self.decode_only, digits = [], False, ""
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("=> "):
                self.expected.append(line[3:])
            elif line.startswith("~ "):
                self.decode_only = line == "~ decode-only"
            elif not line.startswith("#"):
                digits += line.split("  ")[0] + " "
        self.bytes = bytes.fromhex(digits)


def vectors(folder, at_least):
    found = [Vector(path) for path in sorted((ROOT / "vectors" / folder).glob("*.vec"))]
    assert len(found) >= at_least, f"only {len(found)} vectors in {folder}"
    return found


def quoted(value):
    raw = value if isinstance(value, bytes) else value.encode()
    return '"' + "".join(
        chr(byte) if 0x20 <= byte < 0x7F and byte not in b'"\\' else f"\\x{byte:02x}"
        for byte in raw) + '"'


def shown(value):
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, list):
        return "[" + ",".join(map(quoted, value)) + "]"
    return quoted(value)


def described(decoded):
    if isinstance(decoded, postern.ErrorMessage):
        name = postern.ERRORS[decoded.code]
        return [f"error {name} offset={decoded.offset} {quoted(decoded.text)}"]
    if isinstance(decoded, postern.Reply):
        lines = [f"reply decisions={len(decoded.decisions)} "
                 f"nanoseconds={decoded.server_nanoseconds}"]
        for decision in decoded.decisions:
            flags = ",".join(postern.flag_names(decision.flags, postern.REPLY_FLAGS)) or "none"
            lines.append(
                f"decision correlation={decision.correlation_id} verdict={decision.verdict} "
                f"wouldBe={decision.would_be} mode={decision.mode} flags={flags} "
                f"rule={decision.rule} version={decision.table_version:016x}")
            if decision.provenance:
                lines.append(f"provenance {decision.provenance}")
            for output in decision.outputs:
                name = f"{quoted(output.name)}=" if output.name else ""
                lines.append(f"output {output.kind} {name}{quoted(output.value)}")
        return lines
    lines = [f"request decisions={len(decoded)}"]
    for decision in decoded:
        flags = ",".join(postern.flag_names(decision.flags, postern.REQUEST_FLAGS)) or "none"
        lines.append(
            f"decision tenant={quoted(decision.tenant)} trigger={quoted(decision.trigger)} "
            f"correlation={decision.correlation_id} budget={decision.budget_microseconds} "
            f"flags={flags}")
        by_name = {}
        for item in decision.fields:
            by_name.setdefault(item.name, []).append(item)
        for name in sorted(by_name, key=lambda name: postern.FIELDS[name][0]):
            first, *others = by_name[name]
            value = "repeated" if others else shown(first.value)
            lines.append(f"field {name} {first.type} {value}")
        for item in decision.customs:
            lines.append(f"custom {quoted(item.name)} {item.type} {shown(item.value)}")
    return lines


class VectorTests(unittest.TestCase):
    def test_valid_vectors_decode_to_what_they_expect(self):
        for vector in vectors("valid", 16):
            with self.subTest(vector.name):
                self.assertEqual(
                    described(postern.decode(vector.bytes, vector.kind)), vector.expected)

    def test_valid_vectors_encode_to_themselves(self):
        encoders = {"request": postern.encode_request, "reply": postern.encode_reply,
                    "error": postern.encode_error}
        for vector in vectors("valid", 16):
            if not vector.decode_only:
                with self.subTest(vector.name):
                    encode = encoders[vector.kind]
                    self.assertEqual(encode(postern.decode(vector.bytes)), vector.bytes)

    def test_every_strict_prefix_is_refused(self):
        for vector in vectors("valid", 16):
            for count in range(len(vector.bytes)):
                with self.subTest(vector.name, count=count), \
                        self.assertRaises(postern.PosternError):
                    postern.decode(vector.bytes[:count], vector.kind)

    def test_invalid_vectors_are_refused_with_their_code_at_their_offset(self):
        for vector in vectors("invalid", 20):
            with self.subTest(vector.name):
                with self.assertRaises(postern.PosternError) as caught:
                    postern.decode(vector.bytes, vector.kind)
                self.assertEqual([str(caught.exception)], vector.expected)


class StreamTests(unittest.TestCase):
    def answers(self, data, part_byte_count):
        """What a server says to a client that sends `data` in parts and then ends the stream."""
        lines, left = [], b""
        try:
            for start in range(0, len(data), part_byte_count):
                left += data[start:start + part_byte_count]
                while True:
                    message, left = postern.take_message(left, "request")
                    if message is None:
                        break
                    ids = [str(decision.correlation_id)
                           for decision in postern.decode(message, "request")]
                    lines.append(f"reply correlation={','.join(ids)}")
            if left:
                raise postern.PosternError("truncated", len(left))
        except postern.PosternError as error:
            lines.append(f"error {error.name} offset={error.offset}")
        return lines

    def test_a_stream_is_split_as_it_is_answered(self):
        for vector in vectors("streams", 14):
            for part_byte_count in (1, 7, 24, 1000):
                with self.subTest(vector.name, part_byte_count=part_byte_count):
                    self.assertEqual(self.answers(vector.bytes, part_byte_count), vector.expected)


class RegistryTests(unittest.TestCase):
    def test_tables_are_those_of_the_registry(self):
        registry = json.loads((ROOT / "fields.json").read_text(encoding="utf-8"))

        def names(key, number):
            return {entry[number]: entry["name"] for entry in registry[key]}

        self.assertEqual(
            [(entry["id"], entry["name"], entry["type"]) for entry in registry["fields"]
             if entry["id"] != postern.CUSTOM],
            [(number, name, type_) for name, (number, type_) in postern.FIELDS.items()])
        self.assertEqual(names("errors", "code"), postern.ERRORS)
        self.assertEqual(names("messageKinds", "id"),
                         {number: name for name, number in postern.KINDS.items()})
        self.assertEqual(names("fieldTypes", "id"), dict(enumerate(postern.TYPES, 1)))
        self.assertEqual(names("verdicts", "id"), dict(enumerate(postern.VERDICTS, 1)))
        self.assertEqual(names("outputKinds", "id"), dict(enumerate(postern.OUTPUT_KINDS, 1)))
        self.assertEqual(names("provenances", "id") | {0: None},
                         dict(enumerate(postern.PROVENANCES)))
        self.assertEqual(names("modes", "id"), dict(enumerate(postern.MODES)))
        self.assertEqual(names("replyFlags", "bit"), dict(enumerate(postern.REPLY_FLAGS)))
        self.assertEqual(names("requestFlags", "bit"), dict(enumerate(postern.REQUEST_FLAGS)))


class PartTests(unittest.TestCase):
    def test_parts_are_read_in_the_order_of_the_chain(self):
        vector = next(found for found in vectors("valid", 16) if found.name == "reply-parts")
        decision = postern.decode(vector.bytes, "reply").decisions[0]
        self.assertEqual(
            [(part.table, part.standing, part.verdict, part.rule, part.rule_name)
             for part in decision.parts()],
            [("guard", "enforced", "allow", 0, "default"), ("bots", "watched", "deny", 12, ""),
             ("step-up", "decided", "mfa", 1, "risk-high")])
        self.assertEqual(decision.parts()[2].table_version, decision.table_version)

    def test_a_part_in_other_words_is_stepped_over(self):
        for value in ("", "a", "a later mfa 1 0000000000000001", "a decided stop 1 0000000000000001",
                      "a decided mfa one 0000000000000001", "a decided mfa 1", "a decided mfa 1 x"):
            with self.subTest(value):
                self.assertIsNone(postern.Part.read(value))


class CommandTests(unittest.TestCase):
    def run_client(self, *arguments):
        return subprocess.run(
            [sys.executable, postern.__file__, *arguments], capture_output=True, check=False)

    def test_what_encode_writes_decode_prints(self):
        encoded = self.run_client(
            "encode", "--trigger", "post-login", "--correlation-id", "7", "--explain", "--parts",
            "--field", "akamaiUserRisk=status=0;score=92", "--field", "statsLoginsCount=3",
            "--field", "sessionMFARequired=true", "--field", "authenticationMethods=pwd,mfa")
        self.assertEqual((encoded.returncode, encoded.stderr), (0, b""))
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "request.bin")
            path.write_bytes(encoded.stdout)
            decoded = json.loads(self.run_client("decode", str(path)).stdout)
        self.assertEqual(decoded[0]["correlation_id"], 7)
        self.assertEqual(decoded[0]["flags"], postern.EXPLAIN | postern.PARTS)
        self.assertEqual(
            [item["value"] for item in decoded[0]["fields"]],
            ["status=0;score=92", 3.0, True, ["pwd", "mfa"]])

    def test_a_message_that_cannot_be_read_is_exit_status_1(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "broken.bin")
            path.write_bytes(b"\x01\x02\x00")
            finished = self.run_client("decode", str(path))
        self.assertEqual(finished.returncode, 1)
        self.assertIn(b"truncated at byte 3", finished.stderr)

    def test_a_field_that_does_not_exist_is_a_usage_error(self):
        finished = self.run_client("encode", "--trigger", "t", "--field", "nonsense=1")
        self.assertEqual(finished.returncode, 2)


if __name__ == "__main__":
    unittest.main()
