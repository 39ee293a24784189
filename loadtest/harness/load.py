"""What drives the servers: h2load for the measurements, nghttp for single requests."""

import dataclasses
import math
import re
import shutil
import subprocess
from pathlib import Path

from .server import Server

PATH = "/v1/decide"
CONTENT_TYPE = "content-type: application/vnd.postern.v1"
CONNECTIONS = 8
# Long enough for a slow machine; a server that hangs must not hang the run.
LOAD_SECONDS_MAX = 300
PROBE_REQUESTS_PER_STREAM = 50


@dataclasses.dataclass(frozen=True)
class Sample:
    """One run of h2load against one server."""

    requests_per_second: float
    cpu_nanoseconds_per_request: float


def require_tools() -> None:
    for tool in ("h2load", "nghttp", "taskset"):
        if shutil.which(tool) is None:
            raise RuntimeError(
                f"`{tool}` is not installed: apt-get install nghttp2-client util-linux")


def drive(server: Server, body: Path, streams: int, requests: int, cpu: int) -> Sample:
    """Sends that many POSTs and returns once every one of them was answered with 2xx."""
    command = [
        "taskset", "-c", str(cpu), "h2load", "-c", str(CONNECTIONS), "-m", str(streams),
        "-n", str(requests), "-d", str(body), "-H", CONTENT_TYPE, server.url(PATH)]
    before = server.cpu_nanoseconds()
    done = subprocess.run(command, capture_output=True, text=True, timeout=LOAD_SECONDS_MAX)
    used = server.cpu_nanoseconds() - before
    rate = re.search(r"finished in .*?, ([\d.]+) req/s", done.stdout)
    good = re.search(r"status codes: (\d+) 2xx", done.stdout)
    if done.returncode != 0 or rate is None or good is None:
        raise RuntimeError(f"h2load failed on {server.name}: {done.stderr.strip() or done.stdout}")
    if int(good[1]) != requests:
        seen = re.findall(r"^(?:requests|status codes):.*$", done.stdout, re.MULTILINE)
        raise RuntimeError(f"{server.name} did not answer every POST with 2xx: {'; '.join(seen)}")
    return Sample(float(rate[1]), used / requests)


def requests_for(
    seconds: float, server: Server, body: Path, streams: int, cpu: int
) -> int:
    """How many POSTs keep the server busy for about that long: from a short run, rounded up so that
    every stream gets the same number."""
    per_turn = CONNECTIONS * streams
    probe = drive(server, body, streams, per_turn * PROBE_REQUESTS_PER_STREAM, cpu)
    return per_turn * max(1, math.ceil(probe.requests_per_second * seconds / per_turn))


def post(server: Server, body: Path, cpu: int) -> bytes:
    """The body of the answer to a single POST."""
    command = ["taskset", "-c", str(cpu), "nghttp", "--no-dep", "-d", str(body), "-H", CONTENT_TYPE]
    done = subprocess.run([*command, server.url(PATH)], capture_output=True, timeout=30)
    if done.returncode != 0 or not done.stdout:
        why = done.stderr.decode(errors="replace").strip() or "no body came back"
        raise RuntimeError(f"{server.name} did not answer a POST to {PATH}: {why}")
    return done.stdout
