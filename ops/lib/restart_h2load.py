"""h2load beside restarts: short runs without a pause, each of which has to end with every answer.

h2load counts as failed what it has not sent when a GOAWAY comes, as RFC 9113 6.8 asks of it, and opens no
second connection. So each of its connections sends all its requests at once: then whatever fails was lost.
"""

import dataclasses
import pathlib
import re
import shutil
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "loadtest"))
from checking import eventually  # noqa: E402
from harness.load import CONTENT_TYPE, PATH  # noqa: E402
from harness.message import BOT, USER_RISK, Codec  # noqa: E402

CONNECTIONS, STREAMS = 8, 100
REQUESTS = CONNECTIONS * STREAMS
# So many that a run is mostly requests under way, and little start of a process.
DECISIONS = 16
GOOD = (rf"requests: {REQUESTS} total, {REQUESTS} started, {REQUESTS} done, {REQUESTS} succeeded, "
        rf"0 failed, 0 errored, 0 timeout\nstatus codes: {REQUESTS} 2xx, 0 3xx, 0 4xx, 0 5xx\n")


@dataclasses.dataclass(frozen=True)
class Run:
    begun: float
    ended: float
    # What h2load said, where it was not that each request was answered with 2xx.
    complaint: str


class Runs:
    """`count` h2loads at a time, one after another, until `stop`."""

    def __init__(self, postern, address, directory, count=2):
        if shutil.which("h2load") is None:
            sys.exit("check-restart: `h2load` is not installed: apt-get install nghttp2-client")
        codec = Codec(pathlib.Path(postern), pathlib.Path(directory))
        body = codec.write_request("h2load-body", [USER_RISK, BOT], DECISIONS)
        self.command = [
            "h2load", "-c", str(CONNECTIONS), "-m", str(STREAMS), "-n", str(REQUESTS), "-d", str(body),
            "-H", CONTENT_TYPE, f"http://{address[0]}:{address[1]}{PATH}"]
        self.is_over = threading.Event()
        self.lock = threading.Lock()
        self.runs = []
        self.threads = [threading.Thread(target=self.run) for _ in range(count)]
        for thread in self.threads:
            thread.start()

    def run(self):
        while not self.is_over.is_set():
            begun = time.monotonic()
            try:
                done = subprocess.run(self.command, capture_output=True, text=True, timeout=60)
                good = done.returncode == 0 and re.search(GOOD, done.stdout)
                complaint = "" if good else done.stdout + done.stderr
            except subprocess.TimeoutExpired:
                complaint = "did not end within a minute"
            with self.lock:
                self.runs.append(Run(begun, time.monotonic(), complaint))

    def wait_for_runs(self, count, timeout=60):
        """Whether so many more runs ended in time."""
        target = len(self.runs) + count
        return eventually(lambda: len(self.runs) >= target, timeout)

    def stop(self):
        self.is_over.set()
        for thread in self.threads:
            thread.join()

    @property
    def complaints(self):
        return [run.complaint for run in self.runs if run.complaint]

    def under_way(self, moments):
        """At how many of these moments a run was under way."""
        return sum(any(run.begun < moment < run.ended for run in self.runs) for moment in moments)
