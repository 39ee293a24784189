"""What the numbers were measured on."""

import os
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path


def describe() -> dict:
    """The machine and the moment, for the head of a report."""
    return {
        "cpuModel": _cpu_model(),
        "cores": os.cpu_count(),
        "kernel": f"{platform.system()} {platform.release()}",
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
    }


def head_lines(head: dict) -> list[str]:
    """The head of a report in words."""
    return [
        head["command"], f"{head['date']}, {head['cpuModel']}, {head['cores']} cores, {head['kernel']}",
        f"server on CPU {head['serverCPU']}, load on CPU {head['loadCPU']}, "
        f"{head['stealPercent']:.1f} % of CPU time stolen by other machines; medians of "
        f"{head['rounds']} rounds (lowest..highest)"]


def allow_files(count: int) -> None:
    """Connections are files; what is started here inherits the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < count:
        if hard != resource.RLIM_INFINITY and hard < count:
            raise RuntimeError(
                f"{count} open files are needed and {hard} allowed: ulimit -Hn, or fewer connections")
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


def cpus_to_use() -> tuple[int, int]:
    """One CPU for the server under test and another for the load, of those this process may use."""
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < 2:
        raise RuntimeError("two CPUs are needed, one for the server and one for the load")
    return allowed[0], allowed[1]


class KeptAwake:
    """Keeps a CPU from sleeping, with a loop that runs when nothing else wants it (SCHED_IDLE).

    A virtual CPU that sleeps is the host's to wake, and comes back slow and with cold caches. Where
    latency counts, machines are set up not to sleep: `idle=poll`, or the governor `performance`."""

    LOOP = """
import os, sys
os.sched_setaffinity(0, {int(sys.argv[1])})
os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
print(flush=True)
while True: pass
"""

    def __init__(self, cpu: int) -> None:
        self._cpu = cpu

    def __enter__(self) -> None:
        self._loop = subprocess.Popen(
            [sys.executable, "-c", self.LOOP, str(self._cpu)], stdout=subprocess.PIPE)
        if not self._loop.stdout.readline():
            raise RuntimeError(f"CPU {self._cpu} cannot be kept awake")

    def __exit__(self, *unused) -> None:
        self._loop.kill()
        self._loop.wait()
        self._loop.stdout.close()


class StealMeter:
    """The share of time that the hypervisor gave to others: above a few per cent, distrust absolute
    numbers and look at ratios."""

    def __init__(self) -> None:
        self._start = self._read()

    def percent(self) -> float:
        stolen, total = (now - then for now, then in zip(self._read(), self._start))
        return 100 * stolen / total if total else 0.0

    @staticmethod
    def _read() -> tuple[int, int]:
        # user nice system idle iowait irq softirq steal; guest time is part of user time.
        ticks = [int(word) for word in Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]
        return ticks[7], sum(ticks)


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()
