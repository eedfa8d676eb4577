"""What `serve` and `worker` write: every line JSON, who was refused what, and nothing of a client that leaves."""

from __future__ import annotations

import json
import re
import socket
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.conftest import ServiceFactory
from tests.platforms import contract
from tests.platforms.chosen import ANY
from tests.tools.process import CLI, Process
from tests.tools.sandbox import Sandbox
from tests.tools.service import Service
from tests.tools.wait import free_port, wait_until

JSON = {"SYMPHONY_LOG_FORMAT": "json", "PYTHONWARNINGS": "always"}
PUT = "/api/sym/v2/brands"


def lines(log: str) -> list[dict[str, Any]]:
    """Every line, which must be JSON."""
    return [json.loads(line) for line in log.splitlines()]


def of(log: str, event: str) -> dict[str, Any]:
    """The last line about `event`."""
    return [line for line in lines(log) if line["event"] == event][-1]


def of_answer(service: Service, answer: httpx2.Response) -> dict[str, Any]:
    """The line about one answer, which is written after it was sent."""
    id = answer.headers["x-request-id"]
    wait_until(lambda: id in service.log_text(), what="the request to be logged")
    return next(line for line in lines(service.log_text()) if line.get("request_id") == id)


@pytest.fixture
def service_in_json(service: ServiceFactory, sandbox: Sandbox) -> Service:
    return service({**contract.settings(sandbox), **JSON}, ["--no-worker"])


def test_a_refused_request_names_error_key_and_brand(service_in_json: Service) -> None:
    service = service_in_json
    key = service.new_key("--scopes", "brands:read")
    with_key = {"x-api-key": key["key"]}
    for path, error in (
        (f"/api/sym/v2/brands/77/connections/{ANY}/token", "missing_scope"),
        ("/api/sym/v2/brands?brandId=77", "brand_not_found"),
    ):
        line = of_answer(service, service.client.get(path, headers=with_key))
        assert (line["key"], line["brand"], line["error"]) == (key["id"], "77", error)
    body = {"brandId": 78, "adPlatform": ANY, "accessToken": "EAAB" + "x" * 40}
    # Refused by its key alone, before the body that names the brand is read.
    line = of_answer(service, service.client.put(PUT, json=body, headers=with_key))
    assert (line["error"], line["key"], "brand" in line) == ("missing_scope", key["id"], False)
    writer = service.new_key("--scopes", "brands:write")
    line = of_answer(service, service.client.put(PUT, json=body, headers={"x-api-key": writer["key"]}))
    assert (line["error"], line["key"], line["brand"]) == ("token_refused", writer["id"], "78")
    line = of_answer(service, service.client.get(PUT, headers={"x-api-key": "sym_sk_nonsense"}))
    assert (line["error"], "key" in line) == ("invalid_key", False)
    assert "EAAB" not in service.log_text()


def test_serve_says_start_and_stop_and_every_line_is_json(service_in_json: Service) -> None:
    service_in_json.client.get("/api/sym/v2/brands")
    service_in_json.process.stop()
    log = service_in_json.log_text()
    started = of(log, "serve.started")
    assert re.fullmatch(r"\d+\.\d+\.\d+.*", started["version"])
    assert started["database"] == service_in_json.env["SYMPHONY_DATABASE_URL"]
    assert of(log, "serve.stopped")["level"] == "info"


def test_the_servers_own_lines_are_json(service: ServiceFactory, sandbox: Sandbox) -> None:
    """A server process that is killed is missed by the server, which says so in words of its own."""
    running = service({**contract.settings(sandbox), **JSON}, ["--no-worker", "--workers", "2"])
    running.process.servers()[0].kill()
    wait_until(lambda: "Unexpected exit" in running.log_text(), 20, "the server to miss a process")
    running.process.stop()
    assert lines(running.log_text())


def test_worker_says_start_and_stop(service_in_json: Service) -> None:
    folder = service_in_json.folder
    worker = Process("worker", [CLI, "worker"], folder / "worker.log", service_in_json.env, folder)
    worker.start(lambda: "worker.started" in worker.log_text())
    assert worker.stop() == 0
    assert of(worker.log_text(), "worker.started")["database"].startswith("sqlite:///")
    assert of(worker.log_text(), "worker.stopped")


def test_a_refused_start_is_json_too(tmp_path: Path, service_in_json: Service) -> None:
    env = {**service_in_json.env, "SYMPHONY_PUBLIC_URL": "nowhere"}
    command = [CLI, "serve", "--port", str(free_port())]
    refused = Process("serve", command, tmp_path / "log", env, tmp_path)
    refused.start()
    assert refused.wait(30) == 2
    assert "SYMPHONY_PUBLIC_URL" in of(refused.log_text(), "start.refused")["error"]


@pytest.mark.parametrize("framing", ["Content-Length: 500", "Transfer-Encoding: chunked"])
def test_a_client_that_leaves_within_its_body_is_no_failure_of_ours(service_in_json: Service, framing: str) -> None:
    service = service_in_json
    begun = '{"brandId"' if "Length" in framing else 'a\r\n{"brandId"\r\n'
    head = f"PUT {PUT} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nx-api-key: {service.secret_key}\r\n"
    with socket.create_connection(("127.0.0.1", service.port)) as client:
        client.sendall(f"{head}{framing}\r\n\r\n{begun}".encode())
    wait_until(lambda: "499" in service.log_text(), what="the request to be logged")
    assert not [line for line in lines(service.log_text()) if "exception" in line or line.get("status") == 500]
    counted = service.client.get("/metrics").text
    assert 'status="499"' in counted
    assert 'status="500"' not in counted
