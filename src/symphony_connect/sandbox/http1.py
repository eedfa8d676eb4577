"""A small HTTP/1.1 server for ASGI applications that hands them the connection.

Faults need what other servers keep to themselves: to cut a connection without an answer, to break
off half-way through one, and to end at once though calls are still held back on purpose.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from email.utils import formatdate
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

import h11

MAX_BODY = 1024 * 1024
MAX_HEAD = 64 * 1024
"""Tokens, fields and lists of ids travel in URLs."""
LINGER = 0.5
"""Seconds for a client to finish what it was sending when it was refused."""
CUT = "sandbox.cut"
"""Scope extension: a function without arguments that resets the connection."""

App = Callable[..., Awaitable[None]]
Message = MutableMapping[str, Any]
_PHRASES = {status.value: status.phrase.encode() for status in HTTPStatus}
_log = logging.getLogger(__name__)


class Server:
    """Serves one application on one address, in the running event loop."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._connections: set[_Connection] = set()
        self._listener: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen; port 0 takes a free one. Returns the port. Raises OSError when it is taken."""
        self._listener = await asyncio.start_server(self._serve, host, port, backlog=1024)
        bound: int = self._listener.sockets[0].getsockname()[1]
        return bound

    async def stop(self, seconds: float) -> None:
        """Take no more connections, give exchanges under way so long to end, cut what is left."""
        if self._listener is not None:
            self._listener.close()
        deadline = asyncio.get_running_loop().time() + seconds
        while any(connection.busy for connection in self._connections):
            if asyncio.get_running_loop().time() > deadline:
                break
            await asyncio.sleep(0.02)
        for connection in self._connections:
            connection.cut()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = _Connection(self._app, reader, writer)
        self._connections.add(connection)
        try:
            await connection.run()
        except (ConnectionError, asyncio.CancelledError):
            connection.cut()
        finally:
            self._connections.discard(connection)
            writer.close()


class _Connection:
    """One client; one exchange after another."""

    def __init__(self, app: App, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._app = app
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)
        self._left = asyncio.Event()
        self._head = False
        self.busy = False

    def cut(self) -> None:
        self._writer.transport.abort()

    async def run(self) -> None:
        try:
            while isinstance(request := await self._event(), h11.Request):
                self.busy = True
                await self._exchange(request)
                if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
                    return
                self._http.start_next_cycle()
                self.busy = False
        except h11.RemoteProtocolError as error:
            await self._refuse(error.error_status_hint)

    async def _exchange(self, request: h11.Request) -> None:
        body = await self._body()
        if body is None:
            await self._refuse(413)
            return
        listening = asyncio.create_task(self._listen())
        try:
            await self._app(self._scope(request), _Receive(body, self._left), self._send)
        except (h11.LocalProtocolError, ConnectionError):  # the client left before the answer was out
            self.cut()
        except Exception:
            _log.exception("%s %s failed", request.method.decode(), request.target.decode())
            await self._refuse(500)
        finally:
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await listening

    async def _event(self) -> Any:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            self._http.receive_data(await self._reader.read(65536))
        return event

    async def _body(self) -> bytes | None:
        """The whole body, None when it is too large."""
        if self._http.they_are_waiting_for_100_continue:
            self._write(h11.InformationalResponse(status_code=100, headers=[]))
        body = bytearray()
        while isinstance(event := await self._event(), h11.Data):
            body += event.data
            if len(body) > MAX_BODY:
                return None
        return bytes(body)

    async def _listen(self) -> None:
        """Notices that the client left while its request is being answered."""
        while data := await self._reader.read(65536):
            self._http.receive_data(data)
        self._http.receive_data(b"")
        self._left.set()

    async def _send(self, message: Message) -> None:
        if self._left.is_set():
            return
        if message["type"] == "http.response.start":
            self._begin(message["status"], message.get("headers", []))
            return
        if message.get("body") and not self._head:
            self._write(h11.Data(data=message["body"]))
        if not message.get("more_body"):
            self._write(h11.EndOfMessage())
        await self._writer.drain()

    def _begin(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> None:
        date = (b"date", formatdate(usegmt=True).encode())
        self._write(h11.Response(status_code=status, reason=_PHRASES.get(status, b""), headers=[*headers, date]))

    def _write(self, event: Any) -> None:
        self._writer.write(self._http.send(event) or b"")

    async def _refuse(self, status: int) -> None:
        """A bare answer, where none was begun, and the end of the connection."""
        if self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            words = _PHRASES[status]
            self._begin(status, [(b"content-length", b"%d" % len(words)), (b"connection", b"close")])
            if not self._head:
                self._write(h11.Data(data=words))
            self._write(h11.EndOfMessage())
            await self._say_goodbye()

    async def _say_goodbye(self) -> None:
        """Read on for a moment: to hang up on unread bytes would destroy the answer on its way."""
        await self._writer.drain()
        self._writer.write_eof()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LINGER):
                while await self._reader.read(65536):
                    pass

    def _scope(self, request: h11.Request) -> dict[str, Any]:
        path, _, query = request.target.partition(b"?")
        self._head = request.method == b"HEAD"
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": request.http_version.decode(),
            "method": request.method.decode(),
            "scheme": "http",
            "path": unquote(path.decode("ascii", "replace")),
            "raw_path": path,
            "query_string": query,
            "root_path": "",
            "headers": list(request.headers),
            "client": self._writer.get_extra_info("peername")[:2],
            "server": self._writer.get_extra_info("sockname")[:2],
            "state": {},
            "extensions": {CUT: self.cut},
        }


class _Receive:
    """ASGI's receive: the body, and then that the client left, once it did."""

    def __init__(self, body: bytes, left: asyncio.Event) -> None:
        self._body: bytes | None = body
        self._left = left

    async def __call__(self) -> Message:
        if self._body is None:
            await self._left.wait()
            return {"type": "http.disconnect"}
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}
