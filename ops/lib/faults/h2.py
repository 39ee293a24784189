"""A client of the check door in a few lines: one connection, raw frames, no library."""

import socket
import struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def field(name, value):
    """An HPACK literal that is not indexed."""
    name, value = name.encode(), value.encode()
    assert len(name) < 127 and len(value) < 127
    return b"\0" + bytes([len(name)]) + name + bytes([len(value)]) + value


class Connection:
    """Over TLS where there is an SSL `context`."""

    def __init__(self, address, timeout=5, context=None):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=timeout)
        if context:
            self.socket = context.wrap_socket(self.socket, server_hostname="localhost")
        self.stream, self.received = -1, b""
        self.socket.sendall(PREFACE + frame(4, 0, 0))

    def send(self, score, *headers):
        self.stream += 2
        fields = [(":method", "GET"), (":scheme", "http"), (":authority", "postern.example"),
                  (":path", "/v1/check/post-login"), ("akamai-user-risk", f"status=0;score={score}")]
        block = b"".join(field(*pair) for pair in [*fields, *headers])
        self.socket.sendall(frame(1, 5, self.stream, block))

    def receive(self):
        """The body of the next answer; `None` when the connection ends before it."""
        body = b""
        while True:
            while len(self.received) < 9 or len(self.received) < 9 + self.length():
                part = self.socket.recv(65536)
                if not part:
                    return None
                self.received += part
            end = 9 + self.length()
            head, payload = self.received[:9], self.received[9:end]
            self.received = self.received[end:]
            if head[3] == 4 and not head[4] & 1:
                self.socket.sendall(frame(4, 1, 0))
            if head[3] == 7:
                return None
            if head[3] == 0:
                body += payload
            if head[3] in (0, 1) and head[4] & 1:
                return body.decode().strip()

    def length(self):
        return int.from_bytes(self.received[:3], "big")

    def ask(self, score, *headers):
        self.send(score, *headers)
        return self.receive()

    def close(self):
        self.socket.close()


def ask(address, score, tries=1, headers=(), context=None):
    """The answer to one question on a connection of its own; `None` where there is none."""
    for _ in range(tries):
        try:
            connection = Connection(address, context=context)
            try:
                answer = connection.ask(score, *headers)
            finally:
                connection.close()
            if answer is not None:
                return answer
        except OSError:
            pass
    return None
