"""An HTTP server in the platform's place that streams as much as it is asked for, and counts what it is sent."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

PIECE = b"0123456789abcdef" * 4096
"""64 KiB."""


class Upstream(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.received = 0
        self.began = threading.Event()
        """Set when a request that never ends has begun to be answered, or to be read."""
        self.broken = threading.Event()
        """Set when whoever asked has gone before the answer's end."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    """`GET …?bytes=N` sends N bytes, `?drip=1` for ever, `?cut=1` half of what it promised; a POST is read."""

    protocol_version = "HTTP/1.1"
    server: Upstream

    def do_GET(self) -> None:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        self.send_response(200)
        self.send_header("content-type", "application/octet-stream")
        if "drip" in asked:
            self._drip()
            return
        size = int(asked.get("bytes", "10"))
        self.send_header("content-length", str(size * 2 if "cut" in asked else size))
        self.end_headers()
        while size > 0:
            self.wfile.write(PIECE[:size])
            size -= len(PIECE)
        if "cut" in asked:
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True

    def _drip(self) -> None:
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        piece = b"%x\r\n%s\r\n" % (len(PIECE), PIECE)
        try:
            while True:
                self.wfile.write(piece)
                self.server.began.set()
        except OSError:
            self.server.broken.set()

    def do_POST(self) -> None:
        left = int(self.headers.get("content-length", "0"))
        self.server.received = 0
        while left > 0 and (piece := self.rfile.read(min(left, len(PIECE)))):
            left -= len(piece)
            self.server.received += len(piece)
            self.server.began.set()
        if left:
            self.server.broken.set()
            self.close_connection = True
            return
        body = b'{"success":true}'
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serving() -> Iterator[Upstream]:
    server = Upstream()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
