"""Rounds of Postern and the floor in turn, and what they add up to."""

import dataclasses
import json
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Callable

from . import load, message, server

STREAM_COUNTS = (1, 8, 100)
BATCH_DECISIONS = 256
BATCH_STREAMS = 100
STARTS = 5
# Benchmarks of `microbench`: what one decision takes without a server.
STEPS = (
    "scan/akamai-user-risk/4 (372 bytes)", "evaluate/64 rules x 8 columns",
    "evaluate/1000 rules x 12 columns")
FLOOR_SOURCES = Path("loadtest/floor")
FLOOR_BINARY = Path(".build/loadtest/floor")
START_TABLES = Path("ops/tables")


@dataclasses.dataclass(frozen=True)
class Plan:
    """What to run and on which CPUs; paths are absolute or from the repository's root."""

    root: Path
    postern: Path
    microbench: Path
    tables: Path
    verdict: str
    rounds: int
    seconds: float
    requests: int | None
    batch_streams: int
    server_cpu: int
    load_cpu: int
    progress: Callable[[str], None]


@dataclasses.dataclass(frozen=True)
class Row:
    """One number of streams: the samples and the CPU ratio of each round, or the medians of each run."""

    streams: int
    requests: int
    postern_samples: list[load.Sample]
    floor_samples: list[load.Sample]
    ratios: list[float]

    @property
    def postern(self) -> load.Sample:
        return _median(self.postern_samples)

    @property
    def floor(self) -> load.Sample:
        return _median(self.floor_samples)

    @property
    def ratio(self) -> float:
        return statistics.median(self.ratios)


@dataclasses.dataclass(frozen=True)
class Size:
    """Bytes in the bodies of one exchange."""

    request: int
    reply: int


@dataclasses.dataclass(frozen=True)
class Step:
    """One benchmark of `microbench`, a list of runs."""

    name: str
    nanoseconds_of_runs: list[float]
    allocations: float

    @property
    def nanoseconds(self) -> float:
        return statistics.median(self.nanoseconds_of_runs)


@dataclasses.dataclass(frozen=True)
class Results:
    single_size: Size
    single: list[Row]
    batch_size: Size
    batch: Row
    start_milliseconds: list[float]
    steps: list[Step]

    @property
    def batch_per_cpu_second(self) -> float:
        """Decisions that one second of the server's CPU time is good for."""
        return _batch_per_cpu_second(self.batch.postern)

    @property
    def batch_per_cpu_second_of_samples(self) -> list[float]:
        return [_batch_per_cpu_second(sample) for sample in self.batch.postern_samples]

    @property
    def batch_per_second(self) -> float:
        """Decisions per second of wall time, with the load on one CPU."""
        return BATCH_DECISIONS * self.batch.postern.requests_per_second


def _batch_per_cpu_second(sample: load.Sample) -> float:
    return BATCH_DECISIONS * 1e9 / sample.cpu_nanoseconds_per_request


def measure_runs(plan: Plan, runs: int) -> Results:
    return of_runs([measure(plan) for _ in range(runs)])


def of_runs(runs: list[Results]) -> Results:
    """The medians of each run, in place of its rounds; one run stays what it is."""
    if len(runs) == 1:
        return runs[0]
    first = runs[0]
    return Results(
        first.single_size,
        [row_of_runs([run.single[index] for run in runs]) for index in range(len(first.single))],
        first.batch_size, row_of_runs([run.batch for run in runs]),
        [statistics.median(run.start_milliseconds) for run in runs],
        [Step(step.name, [run.steps[index].nanoseconds for run in runs],
              max(run.steps[index].allocations for run in runs))
         for index, step in enumerate(first.steps)])


def row_of_runs(rows: list[Row]) -> Row:
    return Row(
        rows[0].streams, statistics.median_low(row.requests for row in rows),
        [row.postern for row in rows], [row.floor for row in rows], [row.ratio for row in rows])


def measure(plan: Plan) -> Results:
    load.require_tools()
    plan.progress("building the floor server")
    floor = server.build_floor(plan.root / FLOOR_SOURCES, plan.root / FLOOR_BINARY)
    with tempfile.TemporaryDirectory(prefix="postern-loadtest-") as directory:
        codec = message.Codec(plan.postern, Path(directory))
        both = [message.USER_RISK, message.BOT]
        body = codec.write_request("request", both)
        batch_body = codec.write_request("batch", both, BATCH_DECISIONS)
        start_body = codec.write_request("start", [message.USER_RISK])
        single_size, single = _compare(plan, codec, floor, body, 1, STREAM_COUNTS)
        batch_size, batch = _compare(
            plan, codec, floor, batch_body, BATCH_DECISIONS, (plan.batch_streams,))
        starts = _start_times(plan, codec, start_body)
    return Results(single_size, single, batch_size, batch[0], starts, _steps(plan))


def _compare(
    plan: Plan, codec: message.Codec, floor_binary: Path, body: Path, decisions: int,
    stream_counts: tuple[int, ...],
) -> tuple[Size, list[Row]]:
    """Runs both servers side by side, one under load while the other sleeps on the same CPU."""
    with server.postern(plan.postern, plan.tables, plan.server_cpu) as postern:
        reply = load.post(postern, body, plan.load_cpu)
        codec.expect(reply, plan.verdict, decisions)
        with server.floor(floor_binary, len(reply), plan.server_cpu) as floor:
            rows = [_row(plan, postern, floor, body, decisions, n) for n in stream_counts]
        # The service must still be right after the load.
        codec.expect(load.post(postern, body, plan.load_cpu), plan.verdict, decisions)
    return Size(body.stat().st_size, len(reply)), rows


def _row(
    plan: Plan, postern: server.Server, floor: server.Server, body: Path, decisions: int,
    streams: int,
) -> Row:
    plan.progress(f"{decisions} per POST, {streams} streams: warm-up")
    requests = plan.requests or load.requests_for(
        plan.seconds, postern, body, streams, plan.load_cpu)
    samples: dict[str, list[load.Sample]] = {postern.name: [], floor.name: []}
    for number in range(plan.rounds + 1):
        # The order changes from round to round, so that neither always follows the other.
        for each in (postern, floor) if number % 2 else (floor, postern):
            plan.progress(
                f"{decisions} per POST, {streams} streams: {each.name}, round {number} of "
                f"{plan.rounds}")
            sample = load.drive(each, body, streams, requests, plan.load_cpu)
            if number > 0:  # Round 0 warms up.
                samples[each.name].append(sample)
    ratios = [
        ours.cpu_nanoseconds_per_request / bare.cpu_nanoseconds_per_request
        for ours, bare in zip(samples[postern.name], samples[floor.name])]
    return Row(streams, requests, samples[postern.name], samples[floor.name], ratios)


def _median(samples: list[load.Sample]) -> load.Sample:
    return load.Sample(
        statistics.median(sample.requests_per_second for sample in samples),
        statistics.median(sample.cpu_nanoseconds_per_request for sample in samples))


def _steps(plan: Plan) -> list[Step]:
    steps = []
    for name in STEPS:
        plan.progress(name)
        done = subprocess.run(
            ["taskset", "-c", str(plan.server_cpu), str(plan.microbench), "--filter", name,
             "--rounds", str(plan.rounds), "--json"],
            capture_output=True, text=True, check=True)
        found = [each for each in json.loads(done.stdout)["results"] if each["name"] == name]
        if not found:
            raise RuntimeError(f"{plan.microbench} has no benchmark `{name}`: build it again")
        steps.append(Step(name, [found[0]["nanosecondsMedian"]], found[0]["allocationsPerCall"]))
    return steps


def _start_times(plan: Plan, codec: message.Codec, body: Path) -> list[float]:
    """Milliseconds from the start of the process to the first verdict in a client's hands. The
    client's own start, a few milliseconds, is part of it."""
    times = []
    for number in range(1, STARTS + 1):
        plan.progress(f"start {number} of {STARTS}")
        with server.postern(plan.postern, plan.root / START_TABLES, plan.server_cpu) as postern:
            reply = load.post(postern, body, plan.load_cpu)
            times.append(1000 * (time.perf_counter() - postern.started_at))
            codec.expect(reply, "mfa")
    return times
