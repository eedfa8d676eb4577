"""The examples for nginx and Caddy run: a sign-in goes through them, and leaves no secret in their logs."""

from __future__ import annotations

import re
import shutil
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from tests.platforms.chosen import ANY
from tests.tools.owner import Owner
from tests.tools.process import Process, clean_env
from tests.tools.repository import text
from tests.tools.sandbox import Sandbox
from tests.tools.service import Service
from tests.tools.tls import Authority
from tests.tools.wait import free_port, wait_until

NGINX, CADDY = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin"), shutil.which("caddy")


@dataclass
class Proxied:
    """A service behind a proxy that listens on `url`."""

    service: Service
    process: Process
    url: str
    folder: Path
    trust: ssl.SSLContext

    def logs(self) -> str:
        return "".join(path.read_text("utf-8") for path in self.folder.glob("*.log"))


def nginx(folder: Path, upstream: str, port: int) -> list[str]:
    """The command that runs the example, with ports and paths of this test."""
    site = text(Path("deploy/nginx.conf")).replace("listen 443", f"listen 127.0.0.1:{port}")
    site = re.sub(r"/etc/ssl/\S+(?=;)", str(folder / "localhost.pem"), site)
    site = site.replace("/var/log/nginx/", f"{folder}/").replace("127.0.0.1:8080", upstream)
    (folder / "site").write_text(site.replace("connect.example.com", "localhost"))
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"{kind}_temp_path {folder / kind};" for kind in kinds)
    whole = f"http {{ {places} include {folder / 'site'}; }}"
    (folder / "main").write_text(f"daemon off; pid {folder / 'pid'}; error_log stderr; events {{}} {whole}")
    assert NGINX
    return [NGINX, "-p", str(folder), "-c", str(folder / "main"), "-e", "stderr"]


def caddy(folder: Path, upstream: str, port: int) -> list[str]:
    site = text(Path("deploy/Caddyfile")).replace("127.0.0.1:8080", upstream).replace("/var/log/caddy/", f"{folder}/")
    site = site.replace("{\n", "{\n\tadmin off\n\tauto_https disable_redirects\n", 1)
    here = f"https://localhost:{port} {{\n\ttls {folder}/localhost.pem {folder}/localhost.pem"
    (folder / "Caddyfile").write_text(site.replace("connect.example.com {", here))
    assert CADDY
    return [CADDY, "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(nginx, marks=pytest.mark.skipif(not NGINX, reason="nginx is missing: apt-get install nginx")),
        pytest.param(caddy, marks=pytest.mark.skipif(not CADDY, reason="caddy is missing: apt-get install caddy")),
    ],
)
def proxied(
    request: pytest.FixtureRequest, shared_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxied]:
    folder, port = tmp_path_factory.mktemp("proxy"), free_port()
    authority = Authority(folder)
    authority.server("localhost")
    url = f"https://localhost:{port}"
    env = {"SYMPHONY_PUBLIC_URL": url, "SYMPHONY_TRUSTED_PROXIES": "127.0.0.1"}
    service = Service(shared_sandbox, tmp_path_factory.mktemp("service"), env)
    command = request.param(folder, f"127.0.0.1:{service.port}", port)
    process = Process("proxy", command, folder / "process.log", clean_env(HOME=str(folder)), folder)
    trust = ssl.create_default_context(cafile=str(authority.file))
    try:
        assert service.secret_key
        service.start()
        process.start()
        with httpx2.Client(verify=trust, trust_env=False) as client:

            def up() -> bool:
                try:
                    return client.get(f"{url}/readyz").is_success
                except httpx2.HTTPError:
                    return False

            wait_until(up, 30, "the proxy to answer")
        yield Proxied(service, process, url, folder, trust)
    finally:
        process.kill()
        service.close()


def test_a_sign_in_leaves_no_secret_in_the_logs(proxied: Proxied, shared_sandbox: Sandbox) -> None:
    ask = {"brandId": 12345, "adPlatforms": [ANY]}
    session = proxied.service.client.post("/api/sym/v2/connect-sessions", json=ask).json()["data"]
    assert session["url"].startswith(proxied.url)
    with Owner() as owner, httpx2.Client(verify=proxied.trust, timeout=20, trust_env=False) as client:
        owner.http = client
        callback = owner.decide(owner.begin(owner.start_link(session["url"], ANY)), "ada")
        done = owner.submit(owner.visit(callback), answer="yes")
        assert done.is_success
        headers = {"x-api-key": proxied.service.secret_key}
        brand = client.get(f"{proxied.url}/api/sym/v2/brands?brandId=12345", headers=headers).json()
        assert brand["data"]["connections"][0]["status"] == "connected"
    wait_until(lambda: "/api/sym/v2/brands" in proxied.logs(), what="the access log")
    query = [value for values in parse_qs(urlsplit(callback).query).values() for value in values]
    secrets = [session["token"], proxied.service.secret_key, *(value for value in query if len(value) > 12)]
    assert len(secrets) >= 3
    assert [secret for secret in secrets if secret in proxied.logs()] == []
    assert "/oauth" in proxied.logs()


def test_a_large_body_is_refused_in_json(proxied: Proxied) -> None:
    headers = {"x-api-key": proxied.service.secret_key, "Content-Type": "application/json"}
    body = '{"name": "' + "x" * 100_000 + '"}'
    through = httpx2.put(
        f"{proxied.url}/api/sym/v2/brands", content=body, headers=headers, verify=proxied.trust, trust_env=False
    )
    direct = proxied.service.client.put("/api/sym/v2/brands", content=body, headers=headers)
    assert through.status_code == direct.status_code == 413
    assert through.headers["content-type"].startswith("application/json")
    assert through.json()["success"] is False
    assert through.json()["error"]["code"] == direct.json()["error"]["code"]


def test_a_service_that_is_down_leaves_no_secret_either(proxied: Proxied) -> None:
    """Last: it stops the service."""
    proxied.service.process.stop()
    with httpx2.Client(verify=proxied.trust, trust_env=False) as client:
        assert client.get(f"{proxied.url}/connect/symcs_ofnobody?code=secretcode").status_code in (502, 503)
    wait_until(lambda: "502" in proxied.logs(), what="the access log")
    assert "symcs_ofnobody" not in proxied.logs()
    assert "secretcode" not in proxied.logs()
