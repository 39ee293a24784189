"""A running `postern serve`, its tables, and a memory limit for it."""

import os
import pathlib
import re
import resource
import signal
import subprocess
import sys

from checking import eventually

TABLE = """---
trigger: post-login
hitPolicy: FIRST
mode: enforce
---
## Rules

| akamaiUserRisk.score | verdict   |
|----------------------|-----------|
| >= 50                | {verdict} |
| -                    | allow     |
"""


class Server:
    def __init__(self, postern, directory, *options, before=None, environment=None, through=()):
        self.path = directory / "log"
        self.file = open(self.path, "w")
        self.process = subprocess.Popen(
            [*through, postern, "serve", "--loops", "1", "--listen", "127.0.0.1:0", *map(str, options)],
            stderr=self.file, stdout=subprocess.DEVNULL, preexec_fn=before,
            env={**os.environ, **(environment or {})})
        pattern = r"listening on (127\.0\.0\.1:\d+)"
        if not eventually(lambda: re.search(pattern, self.log()) or self.process.poll() is not None):
            sys.exit(f"it does not start: {self.log()}")
        found = re.search(pattern, self.log())
        if not found:
            sys.exit(f"it does not start: {self.log()}")
        self.address = found.group(1)

    def log(self):
        return self.path.read_text(errors="replace")

    def resident_byte_count(self):
        pages = pathlib.Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * resource.getpagesize()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=12)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return None


def tables(directory, verdict="deny"):
    folder = directory / "tables"
    folder.mkdir(exist_ok=True)
    (folder / "one.table.md").write_text(TABLE.format(verdict=verdict))
    return folder


def memory_group(byte_count):
    """A memory cgroup of this limit, of either version; `None` where there is none to be had."""
    for root, name in [("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")]:
        group = pathlib.Path(root) / f"postern-check-{os.getpid()}"
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            (group / name).write_text(str(byte_count))
            return group
        except OSError:
            group.rmdir()
    return None


def group_oom_kills(group):
    """How often the kernel has killed in a memory cgroup."""
    for name in ["memory.oom_control", "memory.events"]:
        if (group / name).exists():
            found = re.search(r"^oom_kill (\d+)", (group / name).read_text(), re.MULTILINE)
            return int(found.group(1)) if found else 0
    return 0
