"""A comparison as text for people and as JSON for machines."""

import statistics
from collections.abc import Callable

from . import machine
from .comparison import Case, InProcess, Results
from .generator import Sample

FLOOR = "floor"


def spread(values: list[float], digits: int = 2) -> str:
    if not values:
        return "-"
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}..{max(values):.{digits}f})"


def ratios(case: Case, name: str, of: str, value: Callable[[Sample], float]) -> list[float]:
    """Round by round, so that what slows one round down slows both."""
    return [
        value(mine) / value(theirs)
        for mine, theirs in zip(case.samples.get(name, []), case.samples.get(of, []))
        if value(theirs) > 0]


def text(results: Results, head: dict) -> str:
    lines = machine.head_lines(head)
    if results.cases:
        lines += ["", f"One decision: {results.request_byte_count} bytes in, "
                  f"{results.reply_byte_count} bytes out, 64 rules, 8 connections; the floor and "
                  "nghttpd only read the request"]
    for case in results.cases:
        lines += ["", *_case_lines(case)]
    if results.in_process:
        lines += ["", "In process, one thread, 256 different logins: nanoseconds a login",
                  "", "  rules   job                   Postern   JavaScript  times faster"]
        for each in results.in_process:
            lines += _in_process_lines(each)
    return "\n".join(lines)


def _case_lines(case: Case) -> list[str]:
    lines = [case.name, "",
             "  server     requests/s  CPU ns/request  to the floor          p50 µs    p99 µs  "
             "p99.9 µs"]
    for name in ("postern", FLOOR, "nghttpd", "node"):
        samples = case.samples.get(name)
        if not samples:
            lines.append(f"  {name:9} {case.missing.get(name, 'not measured')}")
            continue
        middle = _middle(samples)
        ratio = "" if name == FLOOR else spread(ratios(case, name, FLOOR, lambda s: s.cpu_per_request))
        lines.append(
            f"  {name:9} {middle.requests_per_second:11,.0f}  {middle.cpu_per_request:14,.0f}  "
            f"{ratio:19} {middle.p50 / 1e3:8,.0f}  {middle.p99 / 1e3:8,.0f}  {middle.p999 / 1e3:8,.0f}"
            + ("" if all(s.kept_up for s in samples) else "  did not keep up"))
    if case.batch > 1:
        for name in ("postern", "node"):
            if name in case.samples:
                rates = [case.batch * 1e9 / s.cpu_per_request for s in case.samples[name]]
                lines.append(
                    f"  {name}: {statistics.median(rates):,.0f} decisions/s of one core's CPU time "
                    f"({min(rates):,.0f}..{max(rates):,.0f})")
    if case.rate is not None:
        lines.append(
            f"  postern to the floor: p50 {spread(ratios(case, 'postern', FLOOR, lambda s: s.p50))}, "
            f"p99 {spread(ratios(case, 'postern', FLOOR, lambda s: s.p99))}, "
            f"p99.9 {spread(ratios(case, 'postern', FLOOR, lambda s: s.p999))}")
    return lines


def _in_process_lines(each: InProcess) -> list[str]:
    lines = []
    for job, name in (("parse", "parse both headers"), ("decide", "parse and evaluate")):
        ours, node = each.ours[job], each.node[job]
        times = [theirs / mine for mine, theirs in zip(ours, node)]
        lines.append(
            f"  {each.rules:6,}  {name:20} {statistics.median(ours):8,.0f}  "
            f"{statistics.median(node):11,.0f}  {spread(times, 1)}")
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
        "replyByteCount": results.reply_byte_count,
        "cases": [_case_document(case) for case in results.cases],
        "inProcess": [
            {"rules": each.rules, "posternNanoseconds": each.ours, "nodeNanoseconds": each.node}
            for each in results.in_process],
    }


def _case_document(case: Case) -> dict:
    def sample(of: Sample) -> dict:
        return {
            "requestsPerSecond": round(of.requests_per_second),
            "cpuNanosecondsPerRequest": round(of.cpu_per_request), "p50Nanoseconds": of.p50,
            "p99Nanoseconds": of.p99, "p999Nanoseconds": of.p999, "keptUp": of.kept_up}

    return {
        "name": case.name, "decisionsPerRequest": case.batch, "streams": case.streams,
        "requestsPerSecondOffered": case.rate, "missing": case.missing,
        "rounds": {name: [sample(s) for s in samples] for name, samples in case.samples.items()},
        "cpuRatioToFloor": {
            name: ratios(case, name, FLOOR, lambda s: s.cpu_per_request)
            for name in case.samples if FLOOR in case.samples and name != FLOOR},
    }
