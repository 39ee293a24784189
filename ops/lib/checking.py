"""What the checks of this folder say and count, and how they wait."""

import os
import pathlib
import sys
import time

failures = []


def arguments(usage, *counts):
    """What a check was called with, as many words as it takes. Else says how it is called and ends: with 0
    where that was asked."""
    words = sys.argv[1:]
    if words in (["-h"], ["--help"]):
        print(usage.strip())
        sys.exit(0)
    if len(words) not in counts:
        print(usage.strip(), file=sys.stderr)
        sys.exit(2)
    return words


def check(what, condition, got=""):
    print(("ok: " if condition else "FAILED: ") + what + (f" (got {got!r})" if not condition else ""),
          flush=True)
    if not condition:
        failures.append(what)


def skip(what):
    """Says what is not checked here, and why, for `ops/test` to say at its end as well."""
    print(f"skipped: {what}", flush=True)
    if path := os.environ.get("POSTERN_SKIPPED"):
        with open(path, "a") as file:
            file.write(f"{what}\n")


def eventually(condition, seconds=60):
    """Whether a condition came true in time; how long it took is not asked."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def cpu_seconds(pid):
    """What a process has used so far."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def settle(pid):
    """Waits until a process has done what it had to do: a tenth of a second with one tick of work at most."""
    before = cpu_seconds(pid)

    def is_quiet():
        nonlocal before
        time.sleep(0.1)
        last, before = before, cpu_seconds(pid)
        return before - last < 1.5 / os.sysconf("SC_CLK_TCK")
    return eventually(is_quiet)
