"""Request bodies and reply bodies, made and read by Postern's own command line."""

import dataclasses
import json
import subprocess
from pathlib import Path

TRIGGER = "post-login"

# Both headers as captured at an origin (public samples), with a score that steps up.
USER_RISK = (
    "Akamai-User-Risk: uuid=86b37525-8047-4a3c-8d7a-23e99901da05;username=testuser@example.com;"
    "emailDomain=example.com;ouid=m534264;requestid=19e22e;status=0;score=92;"
    "general=aci:0|db:Chrome 85|di:0fc91b5ec42f5a471c16a85e3e388ca57697c1a9|do:Mac OS X 10;"
    "risk=vpn:true/H;trust=udbp:Chrome 85|udfp:25ba44ec3b391ba4ce5fbbd2979635e254775e7d|"
    "udop:Mac OS X 10|ugp:FR|unp:12322|utp:weekday_3;allow=0;action=monitor")
BOT = (
    "Akamai-Bot: Unknown Bot (7B0E3E55A5C82C70F90BCAD94E19866A):monitor:Behavior Anomaly:60:strict")


@dataclasses.dataclass(frozen=True)
class Codec:
    """`postern call`, used for its encoder and its decoder."""

    binary: Path
    directory: Path

    def write_request(self, name: str, headers: list[str], count: int = 1) -> Path:
        """A message with that many decisions, in a file."""
        file = self.directory / name
        options = [word for header in headers for word in ("--header", header)]
        self._call(*options, "--repeat", str(count), "--write-request", str(file))
        return file

    def expect(self, reply: bytes, verdict: str, count: int = 1) -> None:
        """Decodes a reply and fails unless each of its `count` decisions has that verdict."""
        file = self.directory / "reply"
        file.write_bytes(reply)
        printed = self._call("--read-reply", str(file), "--json")
        found = list(_verdicts(printed))
        if found != [verdict] * count:
            raise RuntimeError(
                f"expected {count} times `{verdict}`, got {len(found)} verdicts, "
                f"{sorted(set(found))}: {printed[:400]}")

    def _call(self, *options: str) -> str:
        # Nothing is sent: the URL only tells the command line that the call is over the wire.
        command = [str(self.binary), "call", "http://127.0.0.1", "--trigger", TRIGGER, *options]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30)
        if done.returncode != 0:
            raise RuntimeError(
                f"`postern call {options[-2]}` failed: {(done.stderr or done.stdout).strip()}")
        return done.stdout


def _verdicts(text: str):
    """The verdict of each decision in a JSON document, or in one document a line."""
    decoder, offset = json.JSONDecoder(), 0
    while text[offset:].strip():
        offset += len(text[offset:]) - len(text[offset:].lstrip())
        document, offset = decoder.raw_decode(text, offset)
        yield from _verdicts_in(document)


def _verdicts_in(value):
    if isinstance(value, list):
        for element in value:
            yield from _verdicts_in(element)
    elif isinstance(value, dict) and "verdict" in value:
        yield value["verdict"]
    elif isinstance(value, dict):
        for element in value.values():
            yield from _verdicts_in(element)
