"""What Postern alone does with a second of a core: messages, streams, a second event loop, TLS, and how
long a decision takes inside."""

import concurrent.futures
import dataclasses
import re
import subprocess
import tempfile
import urllib.request
from pathlib import Path
from typing import Callable

from . import generator, machine, server
from .generator import Sample

SCENARIO = Path("loadtest/scenarios/normal.yaml")
TABLES = Path("loadtest/tables")
PARTS = ("messages", "loops", "tls", "service")
SECONDS_MAX = 30


@dataclasses.dataclass(frozen=True)
class Kind:
    """One way to ask, and how many decisions a second of a core's time it is to give."""

    name: str
    path: str
    batch: int
    streams: int
    decisions_per_second_min: int


KINDS = (
    Kind("/v1/decide, 64 a message", "/v1/decide", 64, 8, 4_000_000),
    Kind("/v1/stream, 16 a message", "/v1/stream", 16, 32, 3_000_000),
)

# One decision a request; how many streams on each connection, eight connections a loop.
LOOP_STREAMS = (1, 8, 100)
# Two loops are 1.8 times one where a request takes no more than this of the CPU time.
LOOP_RATIO_MAX = 2 / 1.8

# How much of the CPU time of a request without TLS one with it takes at most, at this many streams.
TLS_STREAMS = 100
TLS_RATIO_MAX = 1.35

# One connection that asks when it was answered: the loop has nothing else to do when a request comes.
SERVICE_P99_NANOSECONDS_MAX = 5000


@dataclasses.dataclass(frozen=True)
class Plan:
    root: Path
    postern: Path
    loadgen: Path
    rounds: int
    seconds: float
    parts: tuple[str, ...]
    server_cpu: int
    load_cpu: int
    progress: Callable[[str], None]


@dataclasses.dataclass
class Loops:
    """CPU nanoseconds a request with one loop, with two, and with two processes of one loop each, which
    share nothing but the processors, round by round."""

    streams: int
    one: list[float] = dataclasses.field(default_factory=list)
    two: list[float] = dataclasses.field(default_factory=list)
    apart: list[float] = dataclasses.field(default_factory=list)

    @property
    def ratios(self) -> list[float]:
        return [two / one for one, two in zip(self.one, self.two)]

    @property
    def ratios_apart(self) -> list[float]:
        return [apart / one for one, apart in zip(self.one, self.apart)]


@dataclasses.dataclass
class Service:
    """Nanoseconds from a request's last bytes to its reply, inside the server, by quantile."""

    requests: int
    quantiles: dict[str, float]


@dataclasses.dataclass
class Results:
    # Decisions for a second of CPU time, a list of rounds.
    messages: dict[str, list[float]] = dataclasses.field(default_factory=dict)
    loops: list[Loops] = dataclasses.field(default_factory=list)
    # CPU time of a request over TLS for that of one without, a list of rounds.
    tls: list[float] = dataclasses.field(default_factory=list)
    # On a CPU that is kept awake, and on one that may sleep between two requests.
    service: list[Service] = dataclasses.field(default_factory=list)
    service_asleep: list[Service] = dataclasses.field(default_factory=list)


def measure(plan: Plan) -> Results:
    results = Results()
    if "messages" in plan.parts:
        _measure_messages(plan, results)
    if "loops" in plan.parts:
        _measure_loops(plan, results)
    if "tls" in plan.parts:
        _measure_tls(plan, results)
    if "service" in plan.parts:
        for number in range(1, plan.rounds + 1):
            plan.progress(f"service time, round {number} of {plan.rounds}")
            results.service_asleep.append(_measure_service(plan))
            with machine.KeptAwake(plan.server_cpu):
                results.service.append(_measure_service(plan))
    return results


def _measure_messages(plan: Plan, results: Results) -> None:
    drive = _drive(plan)
    with _postern(plan) as postern:
        for number in range(plan.rounds + 1):
            for kind in KINDS if number % 2 else KINDS[::-1]:
                plan.progress(f"{kind.name}, round {number} of {plan.rounds}")
                sample = drive.measure(postern, kind.streams, kind.batch, path=kind.path)
                if number > 0:  # Round 0 warms up.
                    results.messages.setdefault(kind.name, []).append(decisions_per_core(sample, kind))


def decisions_per_core(sample: Sample, kind: Kind) -> float:
    return kind.batch * 1e9 / sample.cpu_per_request


def _measure_loops(plan: Plan, results: Results) -> None:
    """One loop on the server's CPU, two on both of them: the second one shares its CPU with the load.
    Each loop has as many connections and as many generators: the fewer there are, the less comes with
    one wake-up."""
    drive = _drive(plan)
    both = f"{plan.server_cpu},{plan.load_cpu}"
    with (
        _postern(plan) as one, _postern(plan, both, loops=2) as two,
        _postern(plan, both) as left, _postern(plan, both) as right,
    ):
        for streams in LOOP_STREAMS:
            loops = Loops(streams)
            for number in range(plan.rounds + 1):
                turns = [
                    ([one], loops.one), ([two, two], loops.two), ([left, right], loops.apart)]
                for servers, samples in turns if number % 2 else turns[::-1]:
                    plan.progress(f"one loop and two, {streams} streams, round {number} of {plan.rounds}")
                    found = _measure_at_once(drive, servers, streams)
                    if number > 0:
                        samples.append(found)
            results.loops.append(loops)


def _measure_at_once(drive: generator.Generator, servers: list[server.Server], streams: int) -> float:
    """CPU nanoseconds a request, of all servers together; each mention has a generator of its own."""
    with concurrent.futures.ThreadPoolExecutor(len(servers)) as pool:
        samples = list(pool.map(lambda each: drive.measure(each, streams, 1), servers))
    return cpu_per_request(samples, len({server.pid for server in servers}))


def cpu_per_request(samples: list[Sample], servers: int) -> float:
    """CPU nanoseconds a request of what generators saw at once. Each of those that ask the same server sees
    all of its CPU time beside its own requests."""
    requests = sum(sample.requests_per_second for sample in samples)
    seen = sum(sample.cpu_per_request * sample.requests_per_second for sample in samples)
    return seen / requests * servers / len(samples)


def _measure_tls(plan: Plan, results: Results) -> None:
    """TLS 1.3 with a certificate on each side, and the same without, in turns."""
    drive = _drive(plan)
    with tempfile.TemporaryDirectory() as directory:
        certificates = Path(directory)
        subprocess.run(
            [str(plan.root / "ops/dev-certs"), directory], check=True, stdout=subprocess.DEVNULL)
        with _postern(plan) as plain, _postern(plan, certificates=certificates) as secret:
            for number in range(plan.rounds + 1):
                plan.progress(f"TLS, {TLS_STREAMS} streams, round {number} of {plan.rounds}")
                found = {
                    each: drive.measure(each, TLS_STREAMS, 1).cpu_per_request
                    for each in ((plain, secret) if number % 2 else (secret, plain))}
                if number > 0:
                    results.tls.append(found[secret] / found[plain])


def _measure_service(plan: Plan) -> Service:
    """A server of its own, since its quantiles are those since its start."""
    port = server.free_port()
    drive = _drive(plan, connections=1)
    with _postern(plan, admin_port=port) as postern:
        drive.measure(postern, 1, 1)
        return service_time(_metrics(port), "decide")


def _metrics(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=SECONDS_MAX) as reply:
        return reply.read().decode()


def service_time(metrics: str, door: str) -> Service:
    """What /metrics says of a door."""
    count = re.search(rf'^postern_service_seconds_count{{door="{door}"}} (\S+)$', metrics, re.MULTILINE)
    pattern = rf'^postern_service_quantile_seconds{{door="{door}",quantile="([^"]+)"}} (\S+)$'
    quantiles = {
        name: 1e9 * float(value) for name, value in re.findall(pattern, metrics, re.MULTILINE)}
    if count is None or float(count[1]) <= 0 or "0.99" not in quantiles:
        raise RuntimeError(f"/metrics tells no service time of the door `{door}`")
    return Service(round(float(count[1])), quantiles)


def _drive(plan: Plan, connections: int = generator.CONNECTIONS) -> generator.Generator:
    return generator.Generator(
        plan.loadgen, plan.root / SCENARIO, plan.load_cpu, plan.seconds, connections)


def _postern(plan: Plan, cpu: int | str | None = None, **options) -> server.Server:
    return server.postern(
        plan.postern, plan.root / TABLES, plan.server_cpu if cpu is None else cpu, **options)
