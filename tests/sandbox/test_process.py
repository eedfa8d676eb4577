"""The sandbox as a process: how it starts, refuses to, and ends."""

from __future__ import annotations

import signal
import socket
import sys
import threading
from pathlib import Path

import httpx2
import pytest

from symphony_connect.base.errors import ConfigError
from symphony_connect.platforms import module, names
from symphony_connect.sandbox.server import serve
from tests.tools.process import Process, clean_env
from tests.tools.sandbox import Sandbox
from tests.tools.wait import free_port, wait_until


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_though_calls_are_held_back(own_sandbox: Sandbox, how: signal.Signals) -> None:
    for name in names():
        own_sandbox.control("faults", {"platform": name, "error": "timeout", "times": 3})
        own_sandbox.control("faults", {"platform": name, "delayMs": 600_000, "times": 3})
    held = [threading.Thread(target=held_call, args=(own_sandbox, path)) for path in ("/me", "/portal/auth") * 6]
    for thread in held:
        thread.start()
    wait_until(lambda: len(own_sandbox.calls()) == len(held), what="the calls to come in")
    own_sandbox.process.stop_signal = how
    assert own_sandbox.process.stop() == 0, "a call is held for ten minutes, longer than `stop` waits"
    for thread in held:
        thread.join(5)
    assert not any(thread.is_alive() for thread in held)


def held_call(sandbox: Sandbox, path: str) -> None:
    try:
        httpx2.get(sandbox.url + path, timeout=30, trust_env=False)
    except httpx2.HTTPError:
        return


@pytest.mark.parametrize("said", [b"", b"POST /me HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf"])
def test_it_ends_though_a_client_says_nothing_more(own_sandbox: Sandbox, said: bytes) -> None:
    with socket.create_connection(("127.0.0.1", own_sandbox.port)) as connection:
        connection.sendall(said)
        own_sandbox.state()
        assert own_sandbox.process.stop() == 0


def test_a_port_in_use_ends_the_start_with_a_sentence(sandbox: Sandbox) -> None:
    with pytest.raises(ConfigError, match=f"cannot listen on 127.0.0.1:{sandbox.port} .*another --port"):
        serve("127.0.0.1", sandbox.port, None, {})


@pytest.mark.parametrize("name", names())
def test_it_does_not_start_beside_live_credentials(name: str) -> None:
    setting = f"SYMPHONY_{name.upper()}_APP_ID"
    with pytest.raises(ConfigError, match=f"{setting} is 987654321987654, which is none of the sandbox's apps"):
        serve("127.0.0.1", 0, None, {setting: "987654321987654"})


@pytest.mark.parametrize("name", names())
def test_it_does_not_start_beside_live_credentials_in_a_file(name: str, tmp_path: Path) -> None:
    (tmp_path / "id").write_text("987654321987654\n")
    with pytest.raises(ConfigError, match="none of the sandbox's apps"):
        serve("127.0.0.1", 0, None, {f"SYMPHONY_{name.upper()}_APP_ID_FILE": str(tmp_path / "id")})


START = (
    "import os, sys; from symphony_connect.sandbox.server import serve; "
    "serve('127.0.0.1', int(sys.argv[1]), None, os.environ, seed=sys.argv[2] or None)"
)


def started(folder: Path, seed: str) -> tuple[Process, str]:
    """A sandbox beside its own app ids, without a clock file, with a seed."""
    port = free_port()
    own = {f"SYMPHONY_{name.upper()}_APP_ID": module(name, "sandbox").PLATFORM.app_ids[0] for name in names()}
    log = folder / f"{port}.log"
    return Process("sandbox", [sys.executable, "-c", START, str(port), seed], log, clean_env(**own)), (
        f"http://127.0.0.1:{port}"
    )


@pytest.mark.parametrize(("seed", "same"), [("one", True), ("", False)])
def test_a_seed_decides_every_token(tmp_path: Path, seed: str, same: bool) -> None:
    tokens = []
    for _ in range(2):
        process, url = started(tmp_path, seed)
        process.start(f"{url}/_sandbox/state")
        try:
            body = {"platform": names()[0], "person": "ada"}
            answer = httpx2.post(f"{url}/_sandbox/tokens", json=body, trust_env=False)
            tokens.append(answer.json()["accessToken"])
            moved = httpx2.post(f"{url}/_sandbox/clock", json={"advance": "61d"}, trust_env=False).json()
            assert moved["offsetMs"] == 61 * 86_400_000
        finally:
            process.stop()
    assert (tokens[0] == tokens[1]) is same
