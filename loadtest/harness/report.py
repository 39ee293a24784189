"""Results as text for people and as JSON for machines."""

import statistics

from . import load
from .measure import BATCH_DECISIONS, START_TABLES, Results, Row, Step

# What the design asks of a release build; `--check` compares with them.
RATIO_MAX = 1.6
BATCH_DECISIONS_PER_SECOND_MIN = 2_000_000
START_MILLISECONDS_MAX = 200
# In the order of `measure.STEPS`, on a machine at rest.
STEP_NANOSECONDS_MAX = (120, 60, 150)


def failures(results: Results) -> list[str]:
    """Each number that misses its goal, as a line."""
    missed = []
    ratio = results.single[-1].ratio
    if ratio > RATIO_MAX:
        missed.append(
            f"CPU per request is {ratio:.2f} times the floor's, at most {RATIO_MAX} wanted")
    if results.batch_per_cpu_second < BATCH_DECISIONS_PER_SECOND_MIN:
        missed.append(
            f"{results.batch_per_cpu_second:,.0f} decisions per CPU second, at least "
            f"{BATCH_DECISIONS_PER_SECOND_MIN:,} wanted")
    start = statistics.median(results.start_milliseconds)
    if start > START_MILLISECONDS_MAX:
        missed.append(
            f"first verdict after {start:.0f} ms, at most {START_MILLISECONDS_MAX} wanted")
    for step, most in zip(results.steps, STEP_NANOSECONDS_MAX):
        if step.nanoseconds > most:
            missed.append(f"{step.name} takes {step.nanoseconds:.0f} ns, at most {most} wanted")
        if step.allocations > 0:
            missed.append(f"{step.name} allocates {step.allocations:.2f} times, never wanted")
    return missed


def text(results: Results, head: dict) -> str:
    size, batch, starts = results.single_size, results.batch, results.start_milliseconds
    rates = results.batch_per_cpu_second_of_samples
    medians = f"medians of {head['rounds']} rounds"
    if "runs" in head:
        medians = f"medians of {head['runs']} runs of {head['rounds']} rounds"
    clients = f"h2load -c {load.CONNECTIONS}"
    lines = [
        f"{head['command']}",
        f"{head['date']}, {head['cpuModel']}, {head['cores']} cores, {head['kernel']}",
        f"server on CPU {head['serverCPU']}, load on CPU {head['loadCPU']}, "
        f"{head['stealPercent']:.1f} % of CPU time stolen by other machines",
        "",
        f"One decision per POST, {size.request} bytes in, {size.reply} bytes out; {clients}; "
        f"{medians}",
        "",
        "  streams  server    requests/s  CPU ns/request  ratio to the floor (lowest..highest)",
    ]
    for row in results.single:
        lines += _row_lines(row)
    lines += [
        "",
        f"{BATCH_DECISIONS} decisions per POST, {results.batch_size.request} bytes in, "
        f"{results.batch_size.reply} bytes out; {clients} -m {batch.streams}",
        "",
        f"  {results.batch_per_cpu_second:,.0f} ({min(rates):,.0f}..{max(rates):,.0f}) decisions/s of one "
        "core's CPU time",
        f"  {results.batch_per_second:,.0f} decisions/s of wall time, the load on one CPU too",
        f"  {batch.postern.cpu_nanoseconds_per_request / BATCH_DECISIONS:,.0f} CPU ns/decision, of "
        f"which the floor {batch.floor.cpu_nanoseconds_per_request / BATCH_DECISIONS:,.0f}",
        "",
        f"Start to first verdict with {START_TABLES}: {statistics.median(starts):.0f} ms "
        f"({min(starts):.0f}..{max(starts):.0f}), median of {len(starts)}",
        "",
        f"Without a server, by microbench, {medians}:",
        "",
        *map(_step_line, results.steps),
    ]
    return "\n".join(lines)


def _row_lines(row: Row) -> list[str]:
    def line(streams, name, sample, ratio=""):
        rate, cpu = sample.requests_per_second, sample.cpu_nanoseconds_per_request
        return f"  {streams:>7}  {name:8} {rate:11,.0f}  {cpu:14,.0f}  {ratio}".rstrip()

    ratio = f"{row.ratio:.2f} ({min(row.ratios):.2f}..{max(row.ratios):.2f})"
    return [line(row.streams, "postern", row.postern, ratio), line("", "floor", row.floor)]


def _step_line(step: Step) -> str:
    found = step.nanoseconds_of_runs
    spread = f" ({min(found):.0f}..{max(found):.0f})" if len(found) > 1 else ""
    return f"  {step.nanoseconds:5.0f} ns{spread}, {step.allocations:.0f} allocations  {step.name}"


def document(results: Results, head: dict) -> dict:
    starts = results.start_milliseconds
    return {
        **head,
        "connections": load.CONNECTIONS,
        "single": {
            "requestByteCount": results.single_size.request,
            "replyByteCount": results.single_size.reply,
            "rows": [_row_document(row) for row in results.single],
        },
        "batch": {
            "decisionsPerPost": BATCH_DECISIONS,
            "requestByteCount": results.batch_size.request,
            "replyByteCount": results.batch_size.reply,
            "decisionsPerCPUSecond": round(results.batch_per_cpu_second),
            **_spread_of_runs(head, "decisionsPerCPUSecond", results.batch_per_cpu_second_of_samples),
            "decisionsPerSecond": round(results.batch_per_second),
            **_row_document(results.batch),
        },
        "start": {
            "tables": str(START_TABLES),
            "millisecondsMedian": round(statistics.median(starts), 1),
            "milliseconds": [round(value, 1) for value in starts],
        },
        "steps": [
            {"name": step.name, "nanosecondsMedian": round(step.nanoseconds, 1),
             **_spread_of_runs(head, "nanoseconds", step.nanoseconds_of_runs),
             "allocationsPerCall": float(step.allocations)}
            for step in results.steps],
        "missed": failures(results),
    }


def _spread_of_runs(head: dict, name: str, found: list[float]) -> dict:
    """Only of several runs."""
    if "runs" not in head:
        return {}
    return {f"{name}Lowest": round(min(found), 1), f"{name}Highest": round(max(found), 1)}


def _row_document(row: Row) -> dict:
    def sample(of):
        return {
            "requestsPerSecond": round(of.requests_per_second),
            "cpuNanosecondsPerRequest": round(of.cpu_nanoseconds_per_request),
        }

    return {
        "streams": row.streams,
        "requestsPerRound": row.requests,
        "postern": sample(row.postern),
        "floor": sample(row.floor),
        "ratio": round(row.ratio, 3),
        "ratioLowest": round(min(row.ratios), 3),
        "ratioHighest": round(max(row.ratios), 3),
    }
