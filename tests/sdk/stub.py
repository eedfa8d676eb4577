"""The service's half of the SDK's protocol, and a platform's pages, small enough to be told exactly what to do."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import symphony_connect
from tests.platforms import contract
from tests.tools.wait import free_port

STATIC = Path(symphony_connect.__file__).parent / "web/static"
CSP = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'"
FIRST, SECOND = contract.all_having("LOGIN_FUNCTION")[:2]
LOGIN, OTHER_LOGIN = (contract.rules(name).LOGIN_FUNCTION for name in (FIRST, SECOND))
"""The platforms that the SDK has a function for, and these functions."""
LOGIN_RESULT = {"accessToken": "EAAstub", "userId": "1001", "expiresIn": 5183}
CONNECT_RESULT = {
    "brandId": 12345,
    "platform": FIRST,
    "status": "connected",
    "identity": {"id": "1001", "name": "Ada"},
}
RESULT_PAGE = """<!doctype html><title>Signed in</title>
<body data-symphony="{data}"><p data-when="done" hidden>You can close this window</p>
<p data-when="opener-lost" hidden>This window lost the page it came from</p><script src="{popup_js}"></script>"""
DIALOG_PAGE = """<!doctype html><title>Platform</title><h1>Allow?</h1><script>
for (const answer of ["approve", "deny", "confirm"]) {
  const link = document.createElement("a");
  link.id = link.textContent = answer;
  link.href = new URLSearchParams(location.search).get("back") + "&answer=" + answer + "#_=_";
  document.body.append(link);
}</script>"""


@dataclass
class Flow:
    """One sign-in, as the service knows it."""

    path: str
    query: dict[str, str]
    state: str = "started"
    sent: float | None = None
    result: Any = None
    error: Any = None
    next_states: list[str] = field(default_factory=list)
    """What the next status calls find, one each."""

    @property
    def mode(self) -> str:
        return self.query.get("mode", "connect")

    def fail(self, code: str, message: str = "Refused.") -> None:
        self.state, self.error = "failed", {"code": code, "message": message}


@dataclass
class StubService:
    """`dialog` is where a sign-in goes next: a platform's page, or nowhere when empty."""

    dialog: str = ""
    flows: dict[str, Flow] = field(default_factory=dict)
    handovers: list[dict[str, Any]] = field(default_factory=list)
    handover_error: dict[str, str] | None = None
    polls: int = 0
    status_code: int = 200
    next_codes: list[int] = field(default_factory=list)
    """HTTP status of the next status calls, before `status_code` counts again."""
    port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        self.url = f"http://127.0.0.1:{self.port}"
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def flow(self) -> Flow:
        """The latest one."""
        return list(self.flows.values())[-1]

    # Each answer: status, headers, body

    def start(self, path: str, query: dict[str, str]) -> tuple[int, dict[str, str], str]:
        flow = self.flows[query["nonce"]] = Flow(path, query)
        if not self.dialog:
            return 200, {}, "<title>Ours</title><h1>Before you go</h1>"
        flow.state, flow.sent = "at_platform", time.monotonic()
        back = f"{self.url}/oauth/callback?{urlencode({'nonce': query['nonce']})}"
        return 302, {"Location": f"{self.dialog}?{urlencode({'back': back})}"}, ""

    def callback(self, nonce: str, answer: str) -> tuple[int, dict[str, str], str]:
        flow = self.flows[nonce]
        flow.state = "confirming"
        if answer == "confirm":
            return 200, {}, "<title>Ours</title><h1>Connected as Ada?</h1>"
        outcome: dict[str, Any] = {"ok": answer == "approve"}
        if answer == "deny":
            flow.fail("access_denied")
            outcome["error"] = flow.error
        elif flow.mode == "connect":
            flow.state, flow.result = "done", CONNECT_RESULT
            outcome["result"] = CONNECT_RESULT
        return self.result_page(nonce, outcome)

    def result_page(self, nonce: str, outcome: dict[str, Any]) -> tuple[int, dict[str, str], str]:
        flow = self.flows[nonce]
        shape = {"kind": "result", "nonce": nonce, "origin": flow.query["origin"], "mode": flow.mode}
        data = json.dumps({**shape, "platform": FIRST, "flow": "f1", **outcome})
        page = RESULT_PAGE.format(data=escape(data), popup_js="/static/popup.js")
        return 200, {"Content-Security-Policy": CSP}, page

    def handover(self, body: dict[str, Any]) -> tuple[int, dict[str, str], str]:
        self.handovers.append(body)
        if body.get("openerLost"):
            self.flow.fail("opener_lost")
            return 204, {}, ""
        if self.handover_error:
            return 409, {}, json.dumps({"success": False, "error": self.handover_error})
        self.flow.state = "done"
        return 200, {}, json.dumps(LOGIN_RESULT)

    def status(self, nonce: str) -> tuple[int, dict[str, str], str]:
        self.polls += 1
        code = self.next_codes.pop(0) if self.next_codes else self.status_code
        flow = self.flows.get(nonce)
        if flow and flow.next_states:
            flow.state = flow.next_states.pop(0)
        answer: dict[str, Any] = {"state": flow.state if flow else "unknown"}
        if flow:
            answer |= {"result": flow.result, "error": flow.error}
            if flow.sent and flow.state in ("at_platform", "confirming"):
                answer["sinceMs"] = int((time.monotonic() - flow.sent) * 1000)
        return code, {"Access-Control-Allow-Origin": "*"}, json.dumps(answer)

    def get(self, path: str, query: dict[str, str]) -> tuple[int, dict[str, str], str]:
        if path.endswith(".js"):
            headers = {"Content-Type": "text/javascript", "Access-Control-Allow-Origin": "*"}
            return 200, headers, (STATIC / path.rsplit("/", 1)[1]).read_text("utf-8")
        if path.endswith("/oauth/status"):
            return self.status(query["nonce"])
        if path == "/oauth/callback":
            return self.callback(query["nonce"], query["answer"])
        if path.endswith("/dialog"):
            return 200, {"Cross-Origin-Opener-Policy": "same-origin"} if "coop" in path else {}, DIALOG_PAGE
        return self.start(path, query) if "nonce" in query else (404, {}, "")


def _handler(stub: StubService) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            self.answer(*stub.get(parts.path, dict(parse_qsl(parts.query))))

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.answer(*stub.handover(body))

        def answer(self, status: int, headers: dict[str, str], body: str) -> None:
            self.send_response(status)
            for name, value in {"Content-Type": "text/html; charset=utf-8", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the browser's own report says what failed."""

    return Handler
