"""The servers that are measured: started, pinned, asked for their CPU time, stopped."""

import collections
import os
import re
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path

READY_SECONDS = 20
STOP_SECONDS = 10


class Server:
    """A process that says `listening on 127.0.0.1:PORT` on its standard error and ends with 0 on
    SIGTERM. Use it in a `with`.

    For a process that says nothing, `port` is where it will listen; how it ends is then its own."""

    def __init__(
        self, name: str, command: list[str], cpu: int | str, port: int = 0,
        certificates: Path | None = None,
    ) -> None:
        self.name = name
        self.certificates = certificates
        self._known_port = port
        self.command = ["taskset", "-c", str(cpu), *command]
        self.port = 0
        self._last_lines: collections.deque[str] = collections.deque(maxlen=20)
        self._ready = threading.Event()

    def __enter__(self) -> "Server":
        self.started_at = time.perf_counter()
        self._process = subprocess.Popen(
            self.command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True, errors="replace")
        threading.Thread(target=self._watch, daemon=True).start()
        if self._known_port and self._accepts():
            self.port = self._known_port
            self._ready.set()
        if not self._ready.wait(READY_SECONDS) or self.port == 0:
            self._process.kill()
            self._process.wait()
            raise RuntimeError(f"{self.name} did not start: {self._tail()}")
        return self

    def __exit__(self, kind, error, trace) -> None:
        self._process.terminate()
        try:
            status = self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            status = f"none {STOP_SECONDS} s after SIGTERM"
        if error is None and status != 0 and not self._known_port:
            raise RuntimeError(f"{self.name} ended with status {status}: {self._tail()}")

    @property
    def pid(self) -> int:
        return self._process.pid

    def _accepts(self) -> bool:
        end = time.perf_counter() + READY_SECONDS
        while time.perf_counter() < end and self._process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self._known_port), 1).close()
                return True
            except OSError:
                time.sleep(0.01)
        return False

    def url(self, path: str) -> str:
        return f"{'https' if self.certificates else 'http'}://127.0.0.1:{self.port}{path}"

    def cpu_nanoseconds(self) -> int:
        """CPU time that all of its threads have used."""
        threads = Path(f"/proc/{self._process.pid}/task")
        try:
            return sum(int((t / "schedstat").read_text().split()[0]) for t in threads.iterdir())
        except FileNotFoundError as error:
            if self._process.poll() is not None:
                raise RuntimeError(f"{self.name} ended on its own: {self._tail()}") from error
            return self._cpu_ticks() * (1_000_000_000 // os.sysconf("SC_CLK_TCK"))

    def _cpu_ticks(self) -> int:
        # A kernel without scheduler statistics, or a thread that ended while we looked: the whole
        # process, in ticks of 10 ms. User and system time are fields 14 and 15.
        text = Path(f"/proc/{self._process.pid}/stat").read_text()
        fields = text.rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])

    def _watch(self) -> None:
        for line in self._process.stderr:
            self._last_lines.append(line.rstrip())
            found = re.search(r"listening on 127\.0\.0\.1:(\d+)", line)
            if found and not self._ready.is_set():
                self.port = int(found[1])
                self._ready.set()
        self._ready.set()

    def _tail(self) -> str:
        return " / ".join(self._last_lines) or "it printed nothing"


def postern(
    binary: Path, tables: Path, cpu: int | str, loops: int = 1, admin_port: int | None = None,
    certificates: Path | None = None,
) -> Server:
    """A release build of Postern with one event loop, or several; with certificates of `ops/dev-certs`
    it speaks TLS, and asks its clients for theirs."""
    arguments = [
        "serve", "--tables", str(tables), "--listen", "127.0.0.1:0", "--loops", str(loops)]
    if admin_port is not None:
        arguments += ["--admin", f"127.0.0.1:{admin_port}"]
    if certificates is not None:
        arguments += [
            "--tls-certificate", str(certificates / "server.pem"), "--tls-key",
            str(certificates / "server.key"), "--tls-client-ca", str(certificates / "ca.pem")]
    return Server("postern", [str(binary), *arguments], cpu, certificates=certificates)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def floor(binary: Path, reply_byte_count: int, cpu: int) -> Server:
    """The bare server of `floor/floor.c`."""
    return Server("floor", [str(binary), "--reply-bytes", str(reply_byte_count)], cpu)


def nghttpd(files: Path, cpu: int) -> Server:
    """nghttp2's own server with one thread, which answers POST /v1/decide with a file."""
    port = free_port()
    command = [
        "nghttpd", "--no-tls", "-n", "1", "-a", "127.0.0.1", "-d", str(files), "-w", "22", "-W", "22",
        str(port)]
    return Server("nghttpd", command, cpu, port)


def node(handler: Path, table: Path, cpu: int) -> Server:
    """The same job in JavaScript: `node/handler.mjs`."""
    return Server("node", ["node", str(handler), str(table)], cpu)


def build_floor(directory: Path, binary: Path) -> Path:
    """Compiles the floor server when a source is newer: optimised, for the baseline x86-64 that
    Postern is built for."""
    changed_at = max(file.stat().st_mtime for file in directory.iterdir())
    if binary.exists() and binary.stat().st_mtime >= changed_at:
        return binary
    compiler = next((c for c in ("cc", "gcc", "clang") if shutil.which(c)), None)
    if compiler is None:
        raise RuntimeError("no C compiler: install gcc or put Swift's clang on the PATH")
    binary.parent.mkdir(parents=True, exist_ok=True)
    command = [compiler, "-O2", "-Wall", "-Wextra", "-Werror", "-o", str(binary)]
    built = subprocess.run(
        [*command, str(directory / "floor.c"), "-lnghttp2"], capture_output=True, text=True)
    if built.returncode != 0:
        raise RuntimeError(f"the floor server does not build:\n{built.stderr}")
    return binary
