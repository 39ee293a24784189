"""A comparison as text for people and as JSON for machines, beside its goals."""

import statistics
from collections.abc import Callable

from . import goals, machine
from .comparison import Case, InProcess, Results
from .generator import Sample

POSTERN, FLOOR, NGHTTPD = "postern", "floor", "nghttpd"
SERVERS = (POSTERN, FLOOR, NGHTTPD, "node")
LATENCIES = {"p50": lambda s: s.p50, "p99": lambda s: s.p99, "p99.9": lambda s: s.p999}

# By streams, for one decision a request.
FLOOR_RATIO_MAX = {100: 1.35, 8: 1.25, 1: 1.25}
NGHTTPD_RATIO_MAX = 1.0
LATENCY_RATIO_MAX = {"p50": 1.2, "p99.9": 1.5}
# How many times faster than JavaScript, by job and rules.
FASTER_MIN = {("scan", 10): 10, ("decide", 1000): 15, ("decide", 10_000): 60}
JOBS = {"scan": "scan both headers", "decide": "parse and evaluate"}


def spread(values: list[float], digits: int = 2) -> str:
    if not values:
        return "-"
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}..{max(values):.{digits}f})"


def ratios(case: Case, name: str, of: str, value: Callable[[Sample], float]) -> list[float]:
    """Within each round, so that what slows one round down slows both."""
    return [
        value(samples[name]) / value(samples[of])
        for samples in case.rounds if name in samples and of in samples and value(samples[of]) > 0]


def cpu_ratios(case: Case, name: str, of: str) -> list[float]:
    return ratios(case, name, of, lambda s: s.cpu_per_request)


def times_faster(each: InProcess, job: str) -> list[float]:
    return [theirs / ours for ours, theirs in zip(each.ours[job], each.node[job], strict=True)]


def goals_of(results: Results) -> list[goals.Goal]:
    """The goals of what was measured."""
    found = []

    def expect(name: str, what: str, values: list[float], most: float) -> None:
        found.append(goals.Goal(name, values, most, f"{what}: {spread(values)}, at most {most:g} wanted"))

    for case in results.cases:
        if case.rate is not None:
            for name, most in LATENCY_RATIO_MAX.items():
                expect(f"open loop, {name} to the floor's", f"{case.name}: {name} to the floor's",
                       ratios(case, POSTERN, FLOOR, LATENCIES[name]), most)
        elif case.batch == 1:
            for of, most in ((FLOOR, FLOOR_RATIO_MAX[case.streams]), (NGHTTPD, NGHTTPD_RATIO_MAX)):
                expect(f"CPU to {of_server(of)}, {case.streams} streams",
                       f"{case.name}: CPU to {of_server(of)}", cpu_ratios(case, POSTERN, of), most)
    for each in results.in_process:
        for job, name in JOBS.items():
            if (least := FASTER_MIN.get((job, each.rules))) is not None:
                times = times_faster(each, job)
                what = f"{name}, {each.rules:,} rules"
                found.append(goals.Goal(
                    what, times, least, f"{what}: {spread(times, 1)} times faster than JavaScript, at "
                    f"least {least} wanted", is_least=True))
    return found


def of_server(name: str) -> str:
    return "the floor's" if name == FLOOR else f"{name}'s"


def text(results: Results, head: dict) -> str:
    lines = machine.head_lines(head)
    if results.cases:
        lines += ["", f"{results.kind_count} kinds of logins, no two with the same identifiers, the same "
                  f"bytes to every server; one decision: {results.request_byte_count} bytes in, "
                  f"{results.reply_byte_count} bytes out (means), 64 rules, 8 connections; the floor and "
                  "nghttpd only read the request"]
    for case in results.cases:
        lines += ["", *_case_lines(case)]
    if results.in_process:
        lines += ["", "In process, one thread, 256 different logins: nanoseconds a login. To scan is to find "
                  "the pairs and read the scores", "",
                  "  rules   job                   Postern   JavaScript  times faster"]
        for each in results.in_process:
            lines += _in_process_lines(each)
    return "\n".join(lines)


def _case_lines(case: Case) -> list[str]:
    lines = [case.name, "",
             "  server     requests/s  CPU ns/request  to the floor's      to nghttpd's        "
             "p50 µs    p99 µs  p99.9 µs"]
    for name in SERVERS:
        samples = case.samples(name)
        if not samples:
            lines.append(f"  {name:9} {case.missing.get(name, 'not measured')}")
            continue
        middle = _middle(samples)
        to_floor, to_nghttpd = (
            "" if name == of else spread(cpu_ratios(case, name, of)) for of in (FLOOR, NGHTTPD))
        lines.append(
            f"  {name:9} {middle.requests_per_second:11,.0f}  {middle.cpu_per_request:14,.0f}  "
            f"{to_floor:19} {to_nghttpd:19} {middle.p50 / 1e3:6,.0f}  {middle.p99 / 1e3:8,.0f}  "
            f"{middle.p999 / 1e3:8,.0f}"
            + ("" if all(s.kept_up for s in samples) else "  did not keep up"))
    if case.batch > 1:
        for name in (POSTERN, "node"):
            if samples := case.samples(name):
                rates = [case.batch * 1e9 / s.cpu_per_request for s in samples]
                lines.append(
                    f"  {name}: {statistics.median(rates):,.0f} decisions/s of one core's CPU time "
                    f"({min(rates):,.0f}..{max(rates):,.0f})")
    if case.rate is not None:
        lines.append("  postern to the floor: " + ", ".join(
            f"{name} {spread(ratios(case, POSTERN, FLOOR, value))}" for name, value in LATENCIES.items()))
    return lines


def _in_process_lines(each: InProcess) -> list[str]:
    lines = [
        f"  {each.rules:6,}  {name:20} {statistics.median(each.ours[job]):8,.0f}  "
        f"{statistics.median(each.node[job]):11,.0f}  {spread(times_faster(each, job), 1)}"
        for job, name in JOBS.items()]
    lines.insert(1, f"  {each.rules:6,}  {'build all items too':20} {'-':>8}  "
                 f"{statistics.median(each.node['parse']):11,.0f}")
    return lines


def _middle(samples: list[Sample]) -> Sample:
    def median(value: Callable[[Sample], float]) -> float:
        return statistics.median(value(sample) for sample in samples)

    return Sample(
        median(lambda s: s.requests_per_second), median(lambda s: s.cpu_per_request),
        median(lambda s: s.p50), median(lambda s: s.p99), median(lambda s: s.p999), True)


def document(results: Results, head: dict) -> dict:
    return {
        **head, "requestByteCount": results.request_byte_count,
        "replyByteCount": results.reply_byte_count, "loginKinds": results.kind_count,
        "cases": [_case_document(case) for case in results.cases],
        "inProcess": [
            {"rules": each.rules, "posternNanoseconds": each.ours, "nodeNanoseconds": each.node,
             "timesFaster": {job: _spread_document(times_faster(each, job)) for job in JOBS}}
            for each in results.in_process],
        "missed": goals.missed(goals_of(results)),
    }


def _case_document(case: Case) -> dict:
    def sample(of: Sample) -> dict:
        return {
            "requestsPerSecond": round(of.requests_per_second),
            "cpuNanosecondsPerRequest": round(of.cpu_per_request), "p50Nanoseconds": of.p50,
            "p99Nanoseconds": of.p99, "p999Nanoseconds": of.p999, "keptUp": of.kept_up}

    def cpu(of: str) -> dict:
        found = {name: cpu_ratios(case, name, of) for name in SERVERS if name != of}
        return {name: _spread_document(values) for name, values in found.items() if values}

    found = {
        "name": case.name, "decisionsPerRequest": case.batch, "streams": case.streams,
        "requestsPerSecondOffered": case.rate, "missing": case.missing,
        "rounds": [{name: sample(s) for name, s in samples.items()} for samples in case.rounds],
        "cpuRatioToFloor": cpu(FLOOR), "cpuRatioToNghttpd": cpu(NGHTTPD),
    }
    if case.rate is not None:
        found["latencyRatioToFloor"] = {
            name: _spread_document(ratios(case, POSTERN, FLOOR, value))
            for name, value in LATENCIES.items()}
    return found


def _spread_document(values: list[float]) -> dict:
    return {
        "median": round(statistics.median(values), 3), "lowest": round(min(values), 3),
        "highest": round(max(values), 3), "rounds": [round(value, 3) for value in values]}
