"""An HTTP/2 client that asks without a pause and knows exactly what became of every request.

It keeps to RFC 9113 where a restart is concerned: after a GOAWAY it asks nothing more on that
connection, waits for the answers that the GOAWAY promises, and asks what it does not promise again on
a new connection. Whatever is lost otherwise counts as failed.
"""

import collections
import socket
import struct
import threading
import time

from checking import eventually

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
# Body bytes after which the connection's window, 65,535 at first, is opened again.
WINDOW_STEP = 16384
ALL_STREAMS = 0x7FFFFFFF


def frame(kind, flags=0, stream=0, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def literal(name, value):
    """A header that is never indexed (RFC 7541 6.2.3); both parts are shorter than 127 bytes."""
    return bytes([0x10, len(name)]) + name.encode() + bytes([len(value)]) + value.encode()


REQUEST = b"".join(literal(name, value) for name, value in [
    (":method", "GET"), (":scheme", "http"), (":path", "/v1/check/post-login"), (":authority", "x")])


def status_is_ok(block):
    """Whether a response's header block begins with `:status: 200`."""
    while block and 0x20 <= block[0] < 0x40:  # A change of the table's size.
        more = block[0] & 0x1F == 0x1F
        block = block[1:]
        while more:
            more = block[0] & 0x80
            block = block[1:]
    return block[:1] == b"\x88"


class Ended(Exception):
    """The connection is over: `why`, and whether the peer had said so."""


class Connection:
    """One connection with `streams` requests under way at every moment."""

    def __init__(self, load, streams):
        self.load = load
        self.streams = streams
        self.next = 1
        self.open = {}
        self.last = None
        self.received = b""
        self.unacknowledged = 0
        # Else nobody may have accepted it.
        self.is_heard = False
        self.socket = socket.create_connection(load.address, timeout=load.patience)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(PREFACE + frame(SETTINGS))

    def run(self):
        """Asks until the load ends or the peer says GOAWAY. Returns how many requests to ask again."""
        try:
            while True:
                if self.last is None and not self.load.is_over.is_set():
                    self.ask()
                if not self.open:
                    return 0
                self.receive()
                if self.last is not None:
                    for stream in [s for s in self.open if s > self.last]:
                        del self.open[stream]
                        self.load.count("asked again")
        except (Ended, OSError) as error:
            lost = [s for s in self.open if self.last is None or s <= self.last]
            again = len(self.open) - len(lost)
            if self.last is None and not lost:
                self.load.count("closed without a word")
            for _ in lost:
                unheard = "" if self.is_heard else " unheard"
                self.load.fail(f"lost{unheard}: {error or type(error).__name__}, goaway {self.last}")
            return again
        finally:
            self.socket.close()

    def ask(self):
        out = b""
        while len(self.open) < self.streams:
            out += frame(HEADERS, 0x5, self.next, REQUEST)
            self.open[self.next] = time.monotonic()
            self.next += 2
        if out:
            self.socket.sendall(out)

    def receive(self):
        data = self.socket.recv(65536)
        if not data:
            raise Ended("the peer closed")
        self.is_heard = True
        self.received += data
        while len(self.received) >= 9:
            size = int.from_bytes(self.received[:3], "big")
            if len(self.received) < 9 + size:
                return
            kind, flags = self.received[3], self.received[4]
            stream = int.from_bytes(self.received[5:9], "big") & ALL_STREAMS
            payload = self.received[9:9 + size]
            self.received = self.received[9 + size:]
            self.handle(kind, flags, stream, payload)

    def handle(self, kind, flags, stream, payload):
        if kind == SETTINGS and not flags & 1:
            self.socket.sendall(frame(SETTINGS, 1))
        elif kind == PING and not flags & 1:
            self.socket.sendall(frame(PING, 1, 0, payload))
        elif kind == DATA:
            self.unacknowledged += len(payload)
            if self.unacknowledged >= WINDOW_STEP:
                self.socket.sendall(
                    frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", self.unacknowledged)))
                self.unacknowledged = 0
        elif kind == GOAWAY:
            last, code = struct.unpack(">II", payload[:8])
            if code != 0:
                self.load.fail(f"goaway with error {code}")
            self.last = last
        elif kind == RST_STREAM and stream in self.open:
            del self.open[stream]
            self.load.fail(f"reset with error {int.from_bytes(payload, 'big')}")
        elif kind == HEADERS and not status_is_ok(payload):
            self.open.pop(stream, None)
            self.load.fail("a status that is not 200")
        if kind in (HEADERS, DATA) and flags & 1 and stream in self.open:
            self.load.answer(time.monotonic() - self.open.pop(stream))


class Load:
    """`connections` threads that ask until `stop`; each opens a new connection when one ends."""

    def __init__(self, address, connections=4, streams=8, patience=20, may_be_refused=False):
        self.address = address
        self.patience = patience
        # Whether nobody may be there to connect to: the server was told to stop.
        self.may_be_refused = may_be_refused
        self.is_over = threading.Event()
        self.lock = threading.Lock()
        self.counts = collections.Counter()
        self.failures = collections.Counter()
        self.slowest = 0.0
        self.threads = [
            threading.Thread(target=self.run, args=(streams,)) for _ in range(connections)]
        for thread in self.threads:
            thread.start()

    def run(self, streams):
        while not self.is_over.is_set():
            try:
                connection = Connection(self, streams)
            except OSError as error:
                if self.may_be_refused:
                    return
                self.fail(f"cannot connect: {error}")
                time.sleep(0.01)
                continue
            self.count("connections")
            connection.run()

    def count(self, what):
        with self.lock:
            self.counts[what] += 1

    def fail(self, why):
        with self.lock:
            self.failures[why] += 1

    def answer(self, seconds):
        with self.lock:
            self.counts["answered"] += 1
            self.slowest = max(self.slowest, seconds)

    @property
    def answered(self):
        return self.counts["answered"]

    def wait_for_answers(self, count, timeout=30):
        """Whether so many more answers came in time."""
        target = self.answered + count
        return eventually(lambda: self.answered >= target, timeout)

    def stop(self):
        self.is_over.set()
        for thread in self.threads:
            thread.join()

    def __repr__(self):
        return (f"{dict(self.counts)}, failed {dict(self.failures) or 0}, "
                f"slowest {self.slowest * 1000:.0f} ms")
