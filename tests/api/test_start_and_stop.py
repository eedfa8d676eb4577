"""How the commands start, refuse to start, and end."""

from __future__ import annotations

import base64
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pytest

from symphony_connect import platforms
from tests.conftest import ServiceFactory
from tests.platforms import contract
from tests.platforms.chosen import ANY, OTHER
from tests.platforms.contract import setting
from tests.tools.process import CLI, Process, clean_env
from tests.tools.sandbox import Sandbox
from tests.tools.service import Service
from tests.tools.wait import free_port, wait_until

KEY = "q6Yp5VbGkPvS0uJ8xkC2mWcQh1rZt3nEoLdXa9yTfGs="
SANDBOX = platforms.sandbox_settings("http://127.0.0.1:9")
APP_ID, APP_SECRET = setting(ANY, "APP_ID"), setting(ANY, "APP_SECRET")
OTHER_ID, OTHER_SECRET = setting(OTHER, "APP_ID"), setting(OTHER, "APP_SECRET")
(URL, *_) = contract.urls(ANY, "http://127.0.0.1:9")
PRODUCTION = {"SYMPHONY_PUBLIC_URL": "https://connect.example.com", "SYMPHONY_MASTER_KEY": KEY}


def ran(tmp_path: Path, command: str, env: Mapping[str, str], *arguments: str) -> tuple[int, str]:
    """A command that is to end by itself: its exit code, and all it said."""
    settings = {"SYMPHONY_DATA_DIR": str(tmp_path / "data"), **env}
    log = tmp_path / f"{len(list(tmp_path.iterdir()))}.log"
    process = Process(command, [CLI, command, *arguments], log, clean_env(**settings), tmp_path)
    process.start()
    try:
        return process.wait(30), process.log_text()
    finally:
        process.kill()


def refused(tmp_path: Path, env: Mapping[str, str], *named: str, command: str = "serve", arguments: Any = ()) -> None:
    """The start ends with exit code 2 and one sentence that names what is wrong."""
    code, said = ran(
        tmp_path, command, env, *(arguments or ("--wait", "0", "--port", str(free_port())) * (command == "serve"))
    )
    assert code == 2, said
    assert "Traceback" not in said
    assert len(said.strip().splitlines()) == 1, said
    for name in named:
        assert name in said, said


BAD: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "a public URL without https": ({"SYMPHONY_PUBLIC_URL": "http://connect.example.com"}, ("SYMPHONY_PUBLIC_URL",)),
    "a public URL that is none": ({"SYMPHONY_PUBLIC_URL": "connect.example.com"}, ("SYMPHONY_PUBLIC_URL",)),
    "a public URL with a bad host": ({"SYMPHONY_PUBLIC_URL": "https://[::1"}, ("SYMPHONY_PUBLIC_URL",)),
    "an origin with a path": ({"SYMPHONY_ALLOWED_ORIGINS": "https://a.example/x"}, ("SYMPHONY_ALLOWED_ORIGINS",)),
    "any origin": ({"SYMPHONY_ALLOWED_ORIGINS": "*"}, ("SYMPHONY_ALLOWED_ORIGINS",)),
    "a wildcard in an origin": ({"SYMPHONY_ALLOWED_ORIGINS": "https://*.a.example"}, ("SYMPHONY_ALLOWED_ORIGINS",)),
    "an origin with a bad port": ({"SYMPHONY_ALLOWED_ORIGINS": "http://a:99999"}, ("SYMPHONY_ALLOWED_ORIGINS",)),
    "a proxy that is no address": ({"SYMPHONY_TRUSTED_PROXIES": "proxy.example"}, ("SYMPHONY_TRUSTED_PROXIES",)),
    "a limit of none": ({"SYMPHONY_RATE_LIMIT": "0"}, ("SYMPHONY_RATE_LIMIT",)),
    "a limit of words": ({"SYMPHONY_FAILURE_LIMIT": "many"}, ("SYMPHONY_FAILURE_LIMIT",)),
    "an unknown database": ({"SYMPHONY_DATABASE_URL": "mysql://db/x"}, ("SYMPHONY_DATABASE_URL",)),
    "a database that is not there": (
        {"SYMPHONY_DATABASE_URL": "postgresql://u:hidden@127.0.0.1:9/x"},
        ("SYMPHONY_DATABASE_URL",),
    ),
    "a short master key": ({"SYMPHONY_MASTER_KEY": "c2hvcnQ="}, ("SYMPHONY_MASTER_KEY", "32 bytes")),
    "a master key of no base64": ({"SYMPHONY_MASTER_KEY": "?" * 44}, ("SYMPHONY_MASTER_KEY",)),
    "a file that is not there": ({"SYMPHONY_MASTER_KEY_FILE": "nowhere.key"}, ("SYMPHONY_MASTER_KEY_FILE",)),
    "a log format": ({"SYMPHONY_LOG_FORMAT": "xml"}, ("SYMPHONY_LOG_FORMAT", "json")),
    "a log level": ({"SYMPHONY_LOG_LEVEL": "loud"}, ("SYMPHONY_LOG_LEVEL",)),
    "a colour": ({"SYMPHONY_BRANDING_COLOR": "blue"}, ("SYMPHONY_BRANDING_COLOR",)),
    "an app id": ({APP_ID: "my app"}, (APP_ID,)),
    "an app secret": ({APP_ID: "12345678", APP_SECRET: "a b"}, ("APP_SECRET",)),
    "a platform's URL": ({URL: "graph.example"}, (URL,)),
    "production without a master key": ({**PRODUCTION, "SYMPHONY_MASTER_KEY": ""}, ("SYMPHONY_MASTER_KEY",)),
    "production with an example key": (
        {**PRODUCTION, "SYMPHONY_MASTER_KEY": base64.b64encode(b"changeme" * 4).decode()},
        ("SYMPHONY_MASTER_KEY", "example"),
    ),
    "production with a key of zeros": (
        {**PRODUCTION, "SYMPHONY_MASTER_KEY": base64.b64encode(bytes(32)).decode()},
        ("SYMPHONY_MASTER_KEY", "example"),
    ),
    "production with a sandbox's app": (
        {**PRODUCTION, APP_ID: SANDBOX[APP_ID], APP_SECRET: "s"},
        (APP_ID, "sandbox"),
    ),
    "production with another sandbox's app": (
        {**PRODUCTION, OTHER_ID: SANDBOX[OTHER_ID], OTHER_SECRET: "s"},
        (OTHER_ID, "sandbox"),
    ),
    "production with a plain platform URL": ({**PRODUCTION, URL: "http://127.0.0.1:8081"}, (URL, "https")),
    "a public URL with a path": (
        {**PRODUCTION, "SYMPHONY_PUBLIC_URL": "https://example.com/connect"},
        ("SYMPHONY_PUBLIC_URL",),
    ),
    "production with a plain origin": (
        {**PRODUCTION, "SYMPHONY_ALLOWED_ORIGINS": "http://app.example.com"},
        ("SYMPHONY_ALLOWED_ORIGINS", "https"),
    ),
    "production with a plain privacy URL": (
        {**PRODUCTION, "SYMPHONY_BRANDING_PRIVACY_URL": "http://example.com/privacy"},
        ("SYMPHONY_BRANDING_PRIVACY_URL", "https"),
    ),
    "production with a movable clock": ({**PRODUCTION, "SYMPHONY_CLOCK_FILE": "clock"}, ("SYMPHONY_CLOCK_FILE",)),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_setting_ends_the_start(tmp_path: Path, what: str) -> None:
    env, named = BAD[what]
    refused(tmp_path, env, *named)


def test_a_start_that_is_refused_leaves_nothing_behind(tmp_path: Path) -> None:
    env, named = BAD["production with a sandbox's app"]
    refused(tmp_path, env, *named)
    assert not (tmp_path / "data").exists()


def test_a_new_database_is_its_owners_alone(tmp_path: Path) -> None:
    assert ran(tmp_path, "migrate", {})[0] == 0
    assert (tmp_path / "data" / "symphony.db").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


def test_a_demo_whose_folder_cannot_be_used(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file")
    refused(tmp_path, {}, "--data", command="demo", arguments=("--no-browser", "--data", str(taken)))


def test_no_refusal_tells_a_secret(tmp_path: Path) -> None:
    for what in ("a database that is not there", "a short master key", "an app secret"):
        env, _ = BAD[what]
        said = ran(tmp_path, "serve", env, "--wait", "0", "--port", str(free_port()))[1]
        for secret in ("hidden", "c2hvcnQ=", "a b"):
            assert secret not in said


def test_a_data_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """Below a file, because a test that runs as root may write below any folder."""
    (tmp_path / "file").write_text("")
    refused(tmp_path, {"SYMPHONY_DATA_DIR": str(tmp_path / "file" / "data")}, "SYMPHONY_DATA_DIR")


def test_the_wrong_master_key_ends_the_start(tmp_path: Path) -> None:
    assert ran(tmp_path, "migrate", {})[0] == 0
    assert ran(tmp_path, "keys", {"SYMPHONY_MASTER_KEY": KEY}, "list")[0] == 0
    other = base64.b64encode(os.urandom(32)).decode()
    refused(tmp_path, {"SYMPHONY_MASTER_KEY": other}, "SYMPHONY_MASTER_KEY")


@pytest.mark.parametrize("command", ["serve", "sandbox", "demo"])
def test_a_port_in_use_ends_the_start(tmp_path: Path, command: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        arguments = ("--port", port, *(("--sandbox-port", str(free_port()), "--no-browser") * (command == "demo")))
        refused(tmp_path, {}, port, command=command, arguments=arguments)


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY + "\n")
    assert ran(tmp_path, "keys", {"SYMPHONY_MASTER_KEY_FILE": str(tmp_path / "key")}, "list")[0] == 0
    assert ran(tmp_path, "keys", {"SYMPHONY_MASTER_KEY": KEY}, "list")[0] == 0
    assert not (tmp_path / "data" / "master.key").exists()


def test_development_makes_its_own_master_key_for_its_owner_alone(tmp_path: Path) -> None:
    assert ran(tmp_path, "migrate", {})[0] == 0
    assert ran(tmp_path, "keys", {}, "list")[0] == 0
    assert (tmp_path / "data" / "master.key").stat().st_mode & 0o777 == 0o600


# The end


@contextmanager
def in_flight(count: int, ask: Callable[[], Any], under_way: Callable[[], bool]) -> Iterator[None]:
    """Requests that wait for a platform that never answers."""

    def send() -> None:
        with suppress(httpx2.HTTPError):
            ask()

    threads = [threading.Thread(target=send) for _ in range(count)]
    for thread in threads:
        thread.start()
    wait_until(under_way, what="the requests to reach the platform")
    yield
    for thread in threads:
        thread.join(15)
        assert not thread.is_alive()


def held(service: Service, sandbox: Sandbox) -> Any:
    sandbox.fault(ANY, "timeout", times=1000)
    body = {"brandId": 5, "adPlatform": ANY, "accessToken": "EAAB" + "t" * 60}
    return in_flight(
        3,
        lambda: httpx2.put(
            f"{service.url}/api/sym/v2/brands",
            json=body,
            headers={"x-api-key": service.secret_key},
            timeout=30,
            trust_env=False,
        ),
        lambda: len(sandbox.calls(ANY)) >= 3,
    )


@pytest.mark.parametrize("arguments", [(), ("--workers", "2"), ("--no-worker",)], ids=str)
def test_serve_ends_in_seconds_with_requests_in_flight(
    service: ServiceFactory, sandbox: Sandbox, arguments: tuple[str, ...]
) -> None:
    running = service(contract.settings(sandbox), arguments)
    running.process.deadline = 20.0  # eight seconds, on a machine with nothing else to do
    with held(running, sandbox):
        assert running.process.stop() == 0
    assert "Traceback" not in running.log_text()


def test_serve_with_nothing_to_do_ends_at_once(service: ServiceFactory, sandbox: Sandbox) -> None:
    running = service(contract.settings(sandbox))
    running.process.deadline = 4.0
    assert running.process.stop() == 0


def test_killing_the_parent_alone_leaves_nothing_on_the_port(service: ServiceFactory, sandbox: Sandbox) -> None:
    running = service(contract.settings(sandbox), ["--workers", "2"])
    parent = psutil.Process(running.process.pid)
    family = parent.children(recursive=True)
    assert len(family) >= 2
    try:
        parent.kill()
        wait_until(lambda: not any(each.is_running() for each in family), 30, "the server processes to end")
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", running.port))
    finally:
        for each in family:
            with suppress(psutil.NoSuchProcess):
                each.kill()


def test_a_worker_ends_in_seconds_with_a_call_in_flight(service: ServiceFactory, sandbox: Sandbox) -> None:
    running = service(contract.settings(sandbox), ["--no-worker"])
    body = {"brandId": 5, "adPlatform": ANY, **contract.rules(ANY).token(sandbox, "ada")}
    assert running.client.put("/api/sym/v2/brands", json=body).status_code == 200
    sandbox.advance("2d")
    sandbox.fault(ANY, "timeout", times=1000)
    calls = len(sandbox.calls(ANY))
    worker = Process("worker", [CLI, "worker"], running.folder / "worker.log", running.env, running.folder)
    worker.start(lambda: len(sandbox.calls(ANY)) > calls)
    assert worker.stop() == 0
    assert "Traceback" not in worker.log_text()


def test_the_sandbox_ends_in_seconds_with_calls_in_flight(own_sandbox: Sandbox) -> None:
    own_sandbox.fault(ANY, "timeout", times=10)
    url = own_sandbox.url + contract.rules(ANY).READ
    with in_flight(2, lambda: httpx2.get(url, timeout=20, trust_env=False), lambda: len(own_sandbox.calls(ANY)) == 2):
        assert own_sandbox.process.stop() == 0


def test_the_demo_ends_with_both_its_processes(tmp_path: Path) -> None:
    port, sandbox_port = free_port(), free_port()
    command = [CLI, "demo", "--port", str(port), "--sandbox-port", str(sandbox_port), "--no-browser"]
    demo = Process("demo", [*command, "--data", str(tmp_path / "demo")], tmp_path / "log", clean_env(), tmp_path)
    with ExitStack() as stack:
        stack.callback(demo.kill)
        demo.start(f"http://127.0.0.1:{port}/readyz", timeout=60)
        wait_until(lambda: "sym_sk_" in demo.log_text(), 30, "the keys to be printed")
        family = psutil.Process(demo.pid).children(recursive=True)
        assert len(family) >= 2
        logs = [*(tmp_path / "demo").glob("*.log")]
        assert {path.stat().st_mode & 0o777 for path in [*logs, tmp_path / "demo"]} == {0o600, 0o700}
        assert demo.stop() == 0
        assert "Traceback" not in demo.log_text()
    for address in (port, sandbox_port):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", address))
