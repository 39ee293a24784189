"""Idle connections: what each is in the server's memory, and what the active ones notice of them."""

import dataclasses
import json
import statistics
import subprocess
import tempfile
from pathlib import Path
from typing import Callable

from . import generator, goals, server
from .generator import Sample

SCENARIO = Path("loadtest/scenarios/normal.yaml")
TABLES = Path("loadtest/tables")
STREAMS = 8
# Active connections while memory is measured: only so that something is measured at all.
QUIET = ("--connections", "1", "--streams", "1", "--rate", "50", "--duration", "300ms", "--warm-up", "100ms")
# The generator keeps what it has sent: a large message on each of 10,000 is gigabytes of its own.
LARGE_CONNECTIONS_MAX = 1000
LARGE_BATCH = 64
TOOL_SECONDS_MAX = 300

# The goals; `--check` compares with them.
BYTE_COUNT_MAX = 20_000
P99_RATIO_MAX = 1.2


@dataclasses.dataclass(frozen=True)
class Plan:
    root: Path
    postern: Path
    loadgen: Path
    connections: int
    rounds: int
    seconds: float
    rate: float
    server_cpu: int
    load_cpu: int
    progress: Callable[[str], None]


@dataclasses.dataclass(frozen=True)
class Memory:
    """Resident bytes of a server of its own for each connection that rests."""

    name: str
    connections: int
    bytes_per_connection: float
    has_goal: bool


@dataclasses.dataclass
class Results:
    memory: list[Memory] = dataclasses.field(default_factory=list)
    alone: list[Sample] = dataclasses.field(default_factory=list)
    among: list[Sample] = dataclasses.field(default_factory=list)

    @property
    def p99_ratios(self) -> list[float]:
        return [among.p99 / alone.p99 for alone, among in zip(self.alone, self.among)]


def measure(plan: Plan) -> Results:
    results = Results()
    with tempfile.TemporaryDirectory(prefix="postern-idle-") as directory:
        _run(["ops/dev-certs", directory], plan)
        large = min(plan.connections, LARGE_CONNECTIONS_MAX)
        for name, connections, options, has_goal in (
            ("one decision each", plan.connections, (), True),
            (f"a message of {LARGE_BATCH} each", large, ("--batch", str(LARGE_BATCH)), True),
            ("one decision each, TLS", plan.connections, ("--server-tls", directory), False),
        ):
            plan.progress(f"memory: {name}")
            results.memory.append(_memory(plan, name, connections, options, has_goal))
    if plan.rounds > 0:
        _measure_latency(plan, results)
    return results


def _memory(
    plan: Plan, name: str, connections: int, options: tuple[str, ...], has_goal: bool
) -> Memory:
    command = [
        "taskset", "-c", str(plan.load_cpu), str(plan.loadgen), str(SCENARIO), "--serve",
        str(plan.postern), "--server-cpu", str(plan.server_cpu), "--idle", str(connections), *QUIET,
        *options, "--json", "-"]
    found = json.loads(_run(command, plan))["measurements"][-1]["server"]
    return Memory(name, connections, found["byteCountPerIdleConnection"], has_goal)


def _run(command: list[str], plan: Plan) -> str:
    done = subprocess.run(
        command, cwd=plan.root, capture_output=True, text=True, timeout=TOOL_SECONDS_MAX)
    if done.returncode != 0:
        why = (done.stderr or done.stdout).strip()
        raise RuntimeError(f"`{Path(command[0]).name}` failed: {why[:1500]}")
    return done.stdout


def _measure_latency(plan: Plan, results: Results) -> None:
    """The same load alone and among idle connections, in turns; round 0 warms up."""
    drive = generator.Generator(plan.loadgen, plan.root / SCENARIO, plan.load_cpu, plan.seconds)
    with server.postern(plan.postern, plan.root / TABLES, plan.server_cpu) as postern:
        for number in range(plan.rounds + 1):
            turns = [(results.alone, 0), (results.among, plan.connections)]
            for samples, idle in turns if number % 2 else turns[::-1]:
                plan.progress(f"latency beside {idle:,} idle, round {number} of {plan.rounds}")
                sample = drive.measure(postern, STREAMS, 1, plan.rate, idle)
                if number > 0:
                    samples.append(sample)


def goals_of(results: Results) -> list[goals.Goal]:
    """The goals of what was measured."""
    wanted = [
        goals.Goal(
            f"memory, {each.name}", [each.bytes_per_connection], BYTE_COUNT_MAX,
            f"{each.name}: {each.bytes_per_connection:,.0f} bytes an idle connection, at most "
            f"{BYTE_COUNT_MAX:,} wanted")
        for each in results.memory if each.has_goal]
    if ratios := results.p99_ratios:
        wanted.append(goals.Goal(
            "p99 among idle connections", ratios, P99_RATIO_MAX,
            f"p99 among idle connections is {statistics.median(ratios):.2f} times that without them, at "
            f"most {P99_RATIO_MAX} wanted"))
    return wanted


def text(results: Results, plan: Plan, head: list[str]) -> str:
    lines = [*head, "", "Resident memory of a server for each connection that rests:", ""]
    for each in results.memory:
        goal = f"   goal {BYTE_COUNT_MAX:,}" if each.has_goal else ""
        lines.append(
            f"  {each.name:24} {each.connections:7,} connections "
            f"{each.bytes_per_connection:9,.0f} bytes{goal}")
    if not results.p99_ratios:
        return "\n".join(lines)
    ratios = results.p99_ratios
    alone, among = (
        statistics.median(s.p99 for s in samples) / 1e3 for samples in (results.alone, results.among))
    return "\n".join([
        *lines, "",
        f"p99 of {plan.rate:,.0f} requests/s on {generator.CONNECTIONS} connections: {alone:,.0f} µs "
        f"alone, {among:,.0f} µs among {plan.connections:,} idle ones",
        f"  {statistics.median(ratios):.2f} times ({min(ratios):.2f}..{max(ratios):.2f}), goal "
        f"{P99_RATIO_MAX}"])


def document(results: Results, head: dict) -> dict:
    return {
        **head,
        "memory": [
            {"name": each.name, "connections": each.connections,
             "bytesPerConnection": round(each.bytes_per_connection)} for each in results.memory],
        "p99NanosecondsAlone": [s.p99 for s in results.alone],
        "p99NanosecondsAmongIdle": [s.p99 for s in results.among],
        "p99Ratios": [round(ratio, 3) for ratio in results.p99_ratios],
        "missed": goals.missed(goals_of(results)),
    }
