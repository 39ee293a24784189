"""Instruction counts of one step of a decision, and the baseline that they are held against."""

import concurrent.futures
import contextlib
import dataclasses
import json
import os
import platform
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

OPERATIONS = ("scan", "fill", "decode", "evaluate", "encode")
# By name in the baseline: decisions by a table of 20 mixed columns, RULES:CANDIDATES:COLUMNS of each edited.
DECISIONS = {
    "64 rules": "64:0:0", "64 rules, 8 candidates": "64:8:20",
    "1,000 rules": "1000:0:0", "1,000 rules, 8 candidates": "1000:8:20",
}
# A table, the same beside candidates, and how many times as much the latter may take.
BESIDE_RATIO_MAX = 3.0
BESIDE = tuple((f"{rules} rules", f"{rules} rules, 8 candidates") for rules in ("64", "1,000"))
# Enough calls that the few hundred instructions by which two starts of a process differ (addresses,
# environment) are far below one in a thousand of a call's own.
CALLS = 2000
GROWTH_PERCENT_MAX = 3.0
# valgrind shows programs a processor of its own, but passes on whether the real one has AVX2; the C
# library would then pick another memcpy on another machine. Without it all machines count the same.
TUNABLES = "glibc.cpu.hwcaps=-AVX2,-AVX,-AVX512F,-AVX512VL,-ERMS,-FSRM"
COUNT_SECONDS_MAX = 600
# Tables beside which candidates are counted, by rules, and how many of each candidate's 20 columns have other
# cells. The inputs of `--candidates` repeat after 256 calls.
CANDIDATE_TABLES = tuple((rules, edited) for rules in (64, 1000) for edited in (0, 3, 20))
CANDIDATES = 8
WIDTH = max(map(len, (*OPERATIONS, *DECISIONS)))
CANDIDATE_CALLS = 256


@dataclasses.dataclass(frozen=True)
class Finding:
    """One operation against its baseline."""

    operation: str
    baseline: int
    count: int

    @property
    def growth_percent(self) -> float:
        return 100.0 * (self.count - self.baseline) / self.baseline

    @property
    def has_grown(self) -> bool:
        return self.growth_percent > GROWTH_PERCENT_MAX

    @property
    def has_shrunk(self) -> bool:
        return self.growth_percent < -GROWTH_PERCENT_MAX

    def text(self) -> str:
        return (f"{self.operation:{WIDTH}} {self.count:7,} instructions, baseline {self.baseline:7,} "
                f"({self.growth_percent:+.1f} %)")


@dataclasses.dataclass(frozen=True)
class Beside:
    """Instructions of a decision by a table alone, and beside candidates."""

    rules: int
    edited: int
    alone: int
    beside: int

    @property
    def ratio(self) -> float:
        return self.beside / self.alone

    def text(self) -> str:
        return (f"{self.rules:5,} rules, {self.edited:2} of 20 columns of each candidate edited: "
                f"{self.alone:7,} alone, {self.beside:7,} with {CANDIDATES} candidates, "
                f"{self.ratio:.2f} times")


def counts(microbench: Path) -> dict[str, int]:
    """Instructions of one call of each operation: those of 2N calls less those of N, over N."""
    with _stripped(microbench) as binary:
        return _counts(binary, {
            **{name: (["--operation", name], CALLS) for name in OPERATIONS},
            **{name: (["--candidates", spec], CANDIDATE_CALLS) for name, spec in DECISIONS.items()}})


def too_many_beside(counts: dict[str, int]) -> list[str]:
    """What candidates cost too much, a line each."""
    return [
        f"{beside}: {counts[beside] / counts[alone]:.2f} times the table alone, "
        f"{BESIDE_RATIO_MAX:g} is the most"
        for alone, beside in BESIDE if counts[beside] > BESIDE_RATIO_MAX * counts[alone]]


@contextlib.contextmanager
def _stripped(microbench: Path) -> Iterator[Path]:
    """A copy without debugging information: valgrind gives up on that of some Swift compilers."""
    with tempfile.TemporaryDirectory(prefix="postern-gate-") as directory:
        binary = Path(directory) / "microbench"
        strip = _tool("strip", "binutils")
        subprocess.run([strip, "-o", str(binary), str(microbench)], check=True, timeout=60)
        yield binary


def _counts(binary: Path, what: dict[str, tuple[list[str], int]]) -> dict[str, int]:
    """Instructions of a call by name; `what`: the options, and N. As many at a time as there are processors:
    instructions do not depend on it."""
    def count(options: list[str], calls: int) -> int:
        once, twice = (_total(binary, options, times * calls) for times in (1, 2))
        return round((twice - once) / calls)

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = {name: pool.submit(count, *run) for name, run in what.items()}
        return {name: run.result() for name, run in runs.items()}


def beside_candidates(microbench: Path) -> list[Beside]:
    """What candidates add to a decision, by table of `CANDIDATE_TABLES`."""
    tables = {(rules, 0, 0) for rules, _ in CANDIDATE_TABLES} | {
        (rules, CANDIDATES, edited) for rules, edited in CANDIDATE_TABLES}
    specs = {table: ":".join(map(str, table)) for table in tables}
    with _stripped(microbench) as binary:
        counted = _counts(
            binary, {spec: (["--candidates", spec], CANDIDATE_CALLS) for spec in specs.values()})
    return [
        Beside(rules, edited, counted[specs[rules, 0, 0]], counted[specs[rules, CANDIDATES, edited]])
        for rules, edited in CANDIDATE_TABLES]


def _tool(name: str, package: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise RuntimeError(f"`{name}` is not installed: apt-get install {package}")
    return found


def _total(binary: Path, what: list[str], calls: int) -> int:
    environment = {
        **os.environ, "GLIBC_TUNABLES": TUNABLES, "SWIFT_DETERMINISTIC_HASHING": "1"}
    done = subprocess.run(
        [_tool("valgrind", "valgrind"), "--tool=callgrind", "--callgrind-out-file=/dev/null", str(binary),
         *what, "--calls", str(calls)],
        capture_output=True, text=True, timeout=COUNT_SECONDS_MAX, env=environment)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or found is None:
        raise RuntimeError(f"counting `{' '.join(what)}` failed: {done.stderr.strip()[-400:]}")
    return int(found[1])


def allocations(microbench: Path) -> dict[str, float | None]:
    """Allocations of a call by benchmark; `None` where they cannot be counted: microbench leaves them out
    then, without glibc and under a sanitizer."""
    done = subprocess.run(
        [str(microbench), "--rounds", "1", "--json"], capture_output=True, text=True,
        timeout=COUNT_SECONDS_MAX)
    if done.returncode != 0:
        raise RuntimeError(f"microbench failed: {done.stderr.strip()[-400:]}")
    found = {
        result["name"]: result.get("allocationsPerCall") for result in json.loads(done.stdout)["results"]}
    if not found:
        raise RuntimeError("microbench measured nothing")
    return found


def allocating(allocations: dict[str, float | None]) -> list[str]:
    """The benchmarks whose calls allocate, a line each: there must be none."""
    return [
        f"{name}: {count:g} allocations a call, 0 wanted" for name, count in allocations.items() if count]


def uncounted(allocations: dict[str, float | None]) -> int:
    return sum(count is None for count in allocations.values())


def key() -> str:
    """What counts are comparable for: one compiler on one architecture."""
    done = subprocess.run(["swiftc", "--version"], capture_output=True, text=True)
    found = re.search(r"Swift version (\S+)", done.stdout)
    if found is None:
        raise RuntimeError("`swiftc --version` tells no version: is Swift on the PATH?")
    return f"swift-{found[1]} {platform.machine()}"


class Baseline:
    """The committed counts. Every change has a line that says why and from what to what."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._document = json.loads(file.read_text()) if file.exists() else {}

    def counts(self, of: str) -> dict[str, int] | None:
        """The counts for one compiler and architecture; `None` where there are none."""
        entry = self._document.get(of)
        if entry is None:
            return None
        said = {}
        for change in entry["changes"]:
            said.update(change["counts"])
        if said != entry["counts"] or not all(c["reason"].strip() for c in entry["changes"]):
            raise RuntimeError(
                f"{self.file}: the counts of `{of}` are not those of its last changes; do not edit "
                "them, run `loadtest/gate --update --reason '...'`")
        return entry["counts"]

    def update(self, of: str, counts: dict[str, int], reason: str) -> None:
        """What has grown by less than is looked at stays as it is: small growths would add up, each with the
        reason of something else."""
        entry = self._document.setdefault(of, {"counts": {}, "changes": []})

        def is_new(name: str, count: int) -> bool:
            before = entry["counts"].get(name)
            return before is None or count < before or count > before * (1 + GROWTH_PERCENT_MAX / 100)

        changed = {name: count for name, count in counts.items() if is_new(name, count)}
        if not changed:
            return
        entry["changes"].append({"reason": reason, "counts": changed})
        entry["counts"].update(changed)
        self.file.write_text(json.dumps(self._document, indent=2, sort_keys=True) + "\n")
