"""Throughput as text for people and as JSON for machines, beside its goals."""

import statistics

from . import goals, machine
from .comparison_report import spread
from .throughput import (
    KINDS, LOOP_RATIO_MAX, SERVICE_P99_NANOSECONDS_MAX, TLS_RATIO_MAX, TLS_STREAMS, Results, Service)

QUANTILES = ("0.5", "0.9", "0.99", "0.999")


def goals_of(results: Results) -> list[goals.Goal]:
    """The goals of what was measured."""
    wanted = []
    for kind in KINDS:
        if found := results.messages.get(kind.name):
            least = kind.decisions_per_second_min
            wanted.append(goals.Goal(
                kind.name, found, least, f"{kind.name}: {statistics.median(found):,.0f} decisions for a "
                f"second of a core, at least {least:,} wanted", is_least=True))
    for loops in results.loops:
        wanted.append(goals.Goal(
            f"two loops, {loops.streams} streams", loops.ratios, LOOP_RATIO_MAX,
            f"{loops.streams} streams: a request takes {spread(loops.ratios)} times the CPU time with two "
            f"loops, at most {LOOP_RATIO_MAX:.2f} wanted"))
    if results.tls:
        wanted.append(goals.Goal(
            "TLS", results.tls, TLS_RATIO_MAX,
            f"TLS: a request takes {statistics.median(results.tls):.2f} times the CPU time of one "
            f"without, at most {TLS_RATIO_MAX} wanted"))
    if p99 := _quantile(results.service, "0.99"):
        wanted.append(goals.Goal(
            "service time, p99", p99, SERVICE_P99_NANOSECONDS_MAX,
            f"service time: p99 {statistics.median(p99):,.0f} ns, at most "
            f"{SERVICE_P99_NANOSECONDS_MAX:,} wanted"))
    return wanted


def text(results: Results, head: dict) -> str:
    lines = machine.head_lines(head)
    if results.messages:
        lines += ["", "Decisions for a second of the server's CPU time, user and system:", ""]
    for kind in KINDS:
        if found := results.messages.get(kind.name):
            low, middle, high = min(found), statistics.median(found), max(found)
            lines.append(
                f"  {kind.name:26} {middle:11,.0f} ({low:,.0f}..{high:,.0f})   goal "
                f"{kind.decisions_per_second_min:,}")
    if results.loops:
        lines += ["", "CPU nanoseconds a request, one decision each: one loop, two, and the ratio (goal "
                  f"{LOOP_RATIO_MAX:.2f}); beside", "it that of two processes, which share nothing but the "
                  "processors: what is in both is the machine's.", ""]
    for loops in results.loops:
        one, two = statistics.median(loops.one), statistics.median(loops.two)
        lines.append(
            f"  {loops.streams:3} streams, 8 connections a loop {one:8,.0f} {two:8,.0f}   "
            f"{spread(loops.ratios)}   {spread(loops.ratios_apart)}")
    if results.tls:
        lines += [
            "", f"CPU time of a request over TLS 1.3, {TLS_STREAMS} streams on each of 8 connections, for "
            f"that of one", f"without: {spread(results.tls)} times   goal {TLS_RATIO_MAX}"]
    for how, found, goal in (
        ("kept awake", results.service, f"   goal {SERVICE_P99_NANOSECONDS_MAX:,}"),
        ("that may sleep between two requests", results.service_asleep, ""),
    ):
        if not found:
            continue
        requests = statistics.median([each.requests for each in found])
        lines += ["", "Service time of /v1/decide inside the server, one decision, its loop not queued, on a "
                  "CPU", f"{how}: nanoseconds, {requests:,.0f} requests a round", ""]
        for name in QUANTILES:
            lines.append(
                f"  p{100 * float(name):<5g} {spread(_quantile(found, name), 0)}"
                f"{goal if name == '0.99' else ''}")
    return "\n".join(lines)


def _quantile(found: list[Service], name: str) -> list[float]:
    return [each.quantiles[name] for each in found if name in each.quantiles]


def document(results: Results, head: dict) -> dict:
    return {
        **head,
        "decisionsPerCPUSecond": {
            name: [round(value) for value in found] for name, found in results.messages.items()},
        "loops": [
            {"streams": each.streams, "oneLoopNanoseconds": [round(v) for v in each.one],
             "twoLoopsNanoseconds": [round(v) for v in each.two],
             "twoProcessesNanoseconds": [round(v) for v in each.apart],
             "ratios": [round(v, 3) for v in each.ratios],
             "ratiosOfProcesses": [round(v, 3) for v in each.ratios_apart]} for each in results.loops],
        "tlsRatios": [round(v, 3) for v in results.tls],
        "serviceNanoseconds": _service(results.service),
        "serviceNanosecondsAsleep": _service(results.service_asleep),
        "missed": goals.missed(goals_of(results)),
    }


def _service(found: list[Service]) -> list[dict]:
    return [
        {"requests": each.requests, **{k: round(v) for k, v in each.quantiles.items()}} for each in found]
