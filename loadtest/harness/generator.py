"""`loadgen`, driven: one measurement of one server."""

import dataclasses
import json
import subprocess
from pathlib import Path

from .server import Server

CONNECTIONS = 8
# A server that hangs must not hang the run.
SECONDS_MAX = 300


@dataclasses.dataclass(frozen=True)
class Sample:
    """What one measurement found; times in nanoseconds."""

    requests_per_second: float
    cpu_per_request: float
    p50: float
    p99: float
    p999: float
    kept_up: bool


@dataclasses.dataclass(frozen=True)
class Generator:
    binary: Path
    scenario: Path
    cpu: int
    seconds: float
    connections: int = CONNECTIONS

    def measure(
        self, server: Server, streams: int, batch: int, rate: float | None = None, idle: int = 0,
        checks_verdicts: bool = True, path: str | None = None,
    ) -> Sample:
        """Closed loop, or an open one with Poisson arrivals at that rate."""
        command = [
            "taskset", "-c", str(self.cpu), str(self.binary), str(self.scenario), server.url(""),
            "--json", "-", "--server-pid", str(server.pid), "--connections", str(self.connections),
            "--streams", str(streams), "--batch", str(batch), "--idle", str(idle),
            "--duration", f"{self.seconds}s", "--warm-up", f"{max(0.1, self.seconds / 5)}s",
            "--check", "verdicts" if checks_verdicts else "status"]
        if server.certificates is not None:
            command += [
                "--ca", str(server.certificates / "ca.pem"), "--certificate",
                str(server.certificates / "client.pem"), "--key", str(server.certificates / "client.key")]
        if path is not None:
            command += ["--path", path]
        if rate is not None:
            command += ["--rate", f"{rate:.0f}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS_MAX)
        if done.returncode != 0:
            raise RuntimeError(f"loadgen failed on {server.name}: {done.stderr.strip()[:1500]}")
        found = json.loads(done.stdout)["measurements"][-1]
        if found["replies"] == 0:
            raise RuntimeError(f"{server.name} answered nothing in {self.seconds} s")
        latency = found["latency"]
        return Sample(
            found["repliesPerSecond"], found["server"]["cpuNanosecondsPerRequest"], latency["p50"],
            latency["p99"], latency["p999"], found["unsent"] == 0)
