"""Postern, the floor, nghttpd and Node.js, measured in turns with the same request bytes."""

import contextlib
import dataclasses
import json
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path
from typing import Callable

from . import generator, load, logins, message, rule_table, server
from .generator import Sample

# One decision and streams per connection; then a gateway's batch.
CASES = ((1, 1), (1, 8), (1, 100), (64, 8))
OPEN_CASE = (1, 8)
WIRE_RULES = 64
IN_PROCESS_RULES = (10, 1000, 10_000)
TOOL_SECONDS_MAX = 300


@dataclasses.dataclass(frozen=True)
class Plan:
    root: Path
    postern: Path
    loadgen: Path
    microbench: Path
    rounds: int
    seconds: float
    parts: tuple[str, ...]
    server_cpu: int
    load_cpu: int
    progress: Callable[[str], None]


@dataclasses.dataclass
class Case:
    """The samples of one case, by server in each round; `missing` says why a server has none."""

    name: str
    batch: int
    streams: int
    rate: float | None = None
    rounds: list[dict[str, Sample]] = dataclasses.field(default_factory=list)
    missing: dict[str, str] = dataclasses.field(default_factory=dict)

    def samples(self, name: str) -> list[Sample]:
        return [samples[name] for samples in self.rounds if name in samples]


@dataclasses.dataclass
class InProcess:
    """Nanoseconds a login, a list of rounds. To scan is to find the pairs and read the scores; JavaScript
    parses when it builds the items of all lists too, as Postern never does."""

    rules: int
    ours: dict[str, list[float]] = dataclasses.field(
        default_factory=lambda: {"scan": [], "decide": []})
    node: dict[str, list[float]] = dataclasses.field(
        default_factory=lambda: {"scan": [], "parse": [], "decide": []})


@dataclasses.dataclass
class Results:
    cases: list[Case] = dataclasses.field(default_factory=list)
    in_process: list[InProcess] = dataclasses.field(default_factory=list)
    # Of one decision, the mean over the kinds of logins.
    request_byte_count: int = 0
    reply_byte_count: int = 0
    kind_count: int = 0


def measure(plan: Plan) -> Results:
    results = Results()
    with tempfile.TemporaryDirectory(prefix="postern-compare-") as name:
        directory = Path(name)
        if "wire" in plan.parts or "open" in plan.parts:
            _measure_wire(plan, directory, results)
        if "javascript" in plan.parts:
            _measure_in_process(plan, directory, results)
    return results


# Over the wire


def _measure_wire(plan: Plan, directory: Path, results: Results) -> None:
    load.require_tools()
    plan.progress("building the floor server")
    floor_binary = server.build_floor(
        plan.root / "loadtest/floor", plan.root / ".build/loadtest/floor")
    tables = directory / "tables"
    tables.mkdir()
    table = tables / f"rules-{WIRE_RULES}.table.md"
    table.write_text(rule_table.source(WIRE_RULES))
    scenario = directory / "scenario.yaml"
    kinds = logins.kinds(WIRE_RULES)
    scenario.write_text(_scenario(plan, tables, kinds))
    codec = message.Codec(plan.postern, directory)
    bodies = [
        codec.write_request(f"request-{number}", [logins.example(header) for header in headers])
        for number, headers in enumerate(kinds)]
    results.kind_count = len(kinds)
    results.request_byte_count = round(statistics.mean(body.stat().st_size for body in bodies))
    drive = generator.Generator(plan.loadgen, scenario, plan.load_cpu, plan.seconds)
    with contextlib.ExitStack() as stack:
        postern = stack.enter_context(server.postern(plan.postern, tables, plan.server_cpu))
        reply = round(statistics.mean(len(load.post(postern, body, plan.load_cpu)) for body in bodies))
        results.reply_byte_count = reply
        for batch, streams in CASES if "wire" in plan.parts else (OPEN_CASE,):
            with contextlib.ExitStack() as others:
                replies = 24 + (reply - 24) * batch
                servers, missing = _others(plan, others, floor_binary, directory, table, replies)
                servers.insert(0, postern)
                case = Case(f"{batch} a request, {streams} streams", batch, streams, missing=missing)
                results.cases.append(interleaved(plan, drive, servers, case))
                if (batch, streams) == OPEN_CASE:
                    results.cases.append(_open_case(plan, drive, servers, case))


def _others(
    plan: Plan, stack: contextlib.ExitStack, floor_binary: Path, directory: Path, table: Path,
    reply_byte_count: int,
) -> tuple[list[server.Server], dict[str, str]]:
    """Those that are installed, and why the others are not there."""
    found, missing = [], {}
    found.append(stack.enter_context(server.floor(floor_binary, reply_byte_count, plan.server_cpu)))
    if shutil.which("nghttpd"):
        files = directory / f"files-{reply_byte_count}"
        (files / "v1").mkdir(parents=True, exist_ok=True)
        (files / "v1/decide").write_bytes(bytes(reply_byte_count))
        found.append(stack.enter_context(server.nghttpd(files, plan.server_cpu)))
    else:
        missing["nghttpd"] = "not installed: apt-get install nghttp2-server"
    if shutil.which("node"):
        handler = plan.root / "loadtest/node/handler.mjs"
        found.append(stack.enter_context(server.node(handler, table, plan.server_cpu)))
    else:
        missing["node"] = "not installed: Node.js 20 or later"
    return found, missing


def interleaved(
    plan: Plan, drive: generator.Generator, servers: list[server.Server], case: Case
) -> Case:
    """Whoever replies wrongly, or not at all, ends the comparison: a faster wrong answer is none."""
    for number in range(plan.rounds + 1):
        # Each round begins with another server, so that none always follows the same one.
        turn = number % len(servers)
        samples = {}
        for each in servers[turn:] + servers[:turn]:
            plan.progress(f"{case.name}: {each.name}, round {number} of {plan.rounds}")
            samples[each.name] = drive.measure(
                each, case.streams, case.batch, case.rate,
                checks_verdicts=each.name in ("postern", "node"))
        if number > 0:  # Round 0 warms up.
            case.rounds.append(samples)
    return case


def _open_case(
    plan: Plan, drive: generator.Generator, servers: list[server.Server], closed: Case
) -> Case:
    """Half of what Postern can do, for each server that can bear it."""
    samples = closed.samples("postern")
    rate = 0.5 * min(s.requests_per_second for s in samples)
    busy = statistics.median(s.requests_per_second * s.cpu_per_request / 1e9 for s in samples)
    case = Case(
        f"open loop, {rate:,.0f} requests/s, Poisson: half of what postern did when its loop was busy for "
        f"{100 * busy:.0f} %", closed.batch, closed.streams, rate, missing=dict(closed.missing))
    bearing = []
    for each in servers:
        most = max((s.requests_per_second for s in closed.samples(each.name)), default=0)
        if rate <= 0.8 * most or each.name in ("postern", "floor"):
            bearing.append(each)
        elif each.name not in case.missing:
            case.missing[each.name] = f"saturated at {most:,.0f} requests/s"
    return interleaved(plan, drive, bearing, case)


def _scenario(plan: Plan, tables: Path, kinds: list[list[str]]) -> str:
    """The kinds of logins, and what `postern eval` says of them, as a scenario (JSON is YAML)."""
    return json.dumps({
        "name": "comparison", "tables": str(tables),
        "requests": [
            {"name": f"kind {number}", "trigger": message.TRIGGER,
             "headers": dict(header.split(": ", 1) for header in headers),
             "expect": _verdict(plan, tables, [logins.example(header) for header in headers])}
            for number, headers in enumerate(kinds)]})


def _verdict(plan: Plan, tables: Path, headers: list[str]) -> dict:
    options = [word for header in headers for word in ("--header", header)]
    done = subprocess.run(
        [str(plan.postern), "eval", str(tables), "--trigger", message.TRIGGER, *options],
        capture_output=True, text=True, timeout=30)
    if done.returncode != 0:
        raise RuntimeError(f"`postern eval` failed: {done.stderr.strip()}")
    decided = json.loads(done.stdout)
    return {"verdict": decided["verdict"], "rule": decided["ruleName"]}


# In process


def _measure_in_process(plan: Plan, directory: Path, results: Results) -> None:
    if shutil.which("node") is None:
        raise RuntimeError("`node` is not installed: Node.js 20 or later, or leave out javascript")
    milliseconds = round(min(1000, 500 * plan.seconds))
    for rules in IN_PROCESS_RULES:
        table = directory / f"rules-{rules}.table.md"
        table.write_text(rule_table.source(rules))
        sample = directory / f"logins-{rules}.json"
        found = InProcess(rules)
        for number in range(1, plan.rounds + 1):
            plan.progress(f"{rules} rules in process, round {number} of {plan.rounds}")
            ours = _json_of(plan, [
                str(plan.microbench), "--table", str(table), "--logins", str(sample), "--json"])
            times = {each["name"]: each["nanosecondsMedian"] for each in ours["results"]}
            found.ours["scan"].append(times["compare/scan"])
            found.ours["decide"].append(times["compare/scan and evaluate"])
            theirs = _json_of(plan, [
                "node", str(plan.root / "loadtest/node/inprocess.mjs"), str(table), str(sample),
                str(milliseconds)])
            for job, times in found.node.items():
                times.append(theirs[job])
        results.in_process.append(found)


def _json_of(plan: Plan, command: list[str]) -> dict:
    done = subprocess.run(
        ["taskset", "-c", str(plan.load_cpu), *command], capture_output=True, text=True,
        timeout=TOOL_SECONDS_MAX)
    if done.returncode != 0:
        raise RuntimeError(f"{Path(command[0]).name} failed: {done.stderr.strip()[:800]}")
    return json.loads(done.stdout)
