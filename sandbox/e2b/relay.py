"""Starts a browser and passes its two pipes on to one WebSocket, which is reached from outside of the machine.

The browser listens nowhere, so what runs beside it cannot speak to it; and nobody can who does not know the path of
the WebSocket. Standard library only. Arguments: the command that starts the browser, whose standard input and output
are the pipes. Standard input: one line, the path. Standard output: one line, ``listening <port>``. It ends with the
WebSocket that it was waiting for, with the browser, or with its standard input.
"""

import base64
import contextlib
import hashlib
import hmac
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import threading

CALL_SECONDS = 10
PING_SECONDS = 20
LONGEST_HEAD = 2**14
CHUNK = 2**18
MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
MORE, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
LAST = 0x80


class Ended(Exception):
    """The other side is no more."""


class WebSocket:
    """The server's side of one WebSocket."""

    def __init__(self, connection):
        self._connection = connection
        self._reader = connection.makefile("rb")
        self._lock = threading.Lock()

    @classmethod
    def accept(cls, connection, path):
        """Takes a call.

        Returns:
            Nothing where the caller does not ask for the right path.
        """
        connection.settimeout(CALL_SECONDS)
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            piece = connection.recv(1)
            if not piece or len(head) > LONGEST_HEAD:
                return None
            head += piece
        line, *rest = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in rest)}
        words = line.split()
        key = headers.get("sec-websocket-key", "").encode()
        if len(words) != 3 or not key or not hmac.compare_digest(words[1].encode(), path.encode()):
            connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return None
        answer = base64.b64encode(hashlib.sha1(key + MAGIC).digest()).decode()
        connection.sendall(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {answer}\r\n\r\n".encode()
        )
        connection.settimeout(None)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return cls(connection)

    def send(self, kind, content):
        """Sends one frame."""
        size = len(content)
        if size < 126:
            head = struct.pack("!BB", LAST | kind, size)
        elif size < 2**16:
            head = struct.pack("!BBH", LAST | kind, 126, size)
        else:
            head = struct.pack("!BBQ", LAST | kind, 127, size)
        with self._lock:
            self._connection.sendall(head + content)

    def messages(self):
        """What the caller says, until it ends."""
        message = b""
        while True:
            kind, last, content = self._frame()
            if kind == CLOSE:
                return
            if kind == PING:
                self.send(PONG, content)
            elif kind in (MORE, TEXT, BINARY):
                message += content
                if last:
                    yield message
                    message = b""

    def _frame(self):
        first, second = self._exactly(2)
        size = second & 0x7F
        if size == 126:
            (size,) = struct.unpack("!H", self._exactly(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", self._exactly(8))
        mask = self._exactly(4)
        return first & 0x0F, bool(first & LAST), unmasked(self._exactly(size), mask)

    def _exactly(self, count):
        content = self._reader.read(count)
        if len(content) < count:
            raise Ended
        return content


def unmasked(content, mask):
    """Undoes what callers do to their frames; as one large number, which is many times faster than byte by byte."""
    size = len(content)
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(content, "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")


def to_browser(websocket, pipe):
    """Passes on what the caller says."""
    for message in websocket.messages():
        pipe.write(message + b"\0")
        pipe.flush()


def from_browser(pipe, websocket):
    """Passes on what the browser says, one message at a time."""
    left = []
    while chunk := os.read(pipe.fileno(), CHUNK):
        *whole, rest = chunk.split(b"\0")
        for part in whole:
            websocket.send(TEXT, b"".join([*left, part]))
            left = []
        left.append(rest)


def keep_alive(websocket):
    """Speaks now and then, since whatever lies between may forget a WebSocket that is silent."""
    while not select.select([0], [], [], PING_SECONDS)[0]:
        websocket.send(PING, b"")


def call(listener, path):
    """Waits for the one call, or for the end of standard input."""
    while True:
        if listener not in select.select([listener, 0], [], [])[0]:
            raise Ended
        connection, _ = listener.accept()
        with contextlib.suppress(OSError):
            if websocket := WebSocket.accept(connection, path):
                return websocket
        connection.close()


def main():
    """Runs the browser for whoever calls."""
    path = os.fdopen(os.dup(0), "r", buffering=1).readline().strip()
    listener = socket.create_server(("0.0.0.0", 0))
    browser = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    over = threading.Event()

    def until_over(work, *arguments):
        def run():
            with contextlib.suppress(OSError, ValueError, Ended):
                work(*arguments)
            over.set()

        threading.Thread(target=run, daemon=True).start()

    os.write(1, f"listening {listener.getsockname()[1]}\n".encode())
    with contextlib.suppress(Ended):
        websocket = call(listener, path)
        listener.close()
        until_over(to_browser, websocket, browser.stdin)
        until_over(from_browser, browser.stdout, websocket)
        until_over(keep_alive, websocket)
        over.wait()
    browser.send_signal(signal.SIGKILL)
    os._exit(0)


if __name__ == "__main__":
    main()
