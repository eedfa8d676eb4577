"""The client against a running service: every call, and the examples of its README as they stand."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from symphony_connect import platforms
from symphony_connect_client import Client, NeedsReconnect
from tests.conftest import ServiceFactory
from tests.platforms import contract
from tests.tools.repository import ROOT, text
from tests.tools.sandbox import Sandbox
from tests.tools.service import Service

README = Path("clients/python/README.md")
BRAND = 12345


@pytest.fixture(scope="module")
def service(shared_service: ServiceFactory, shared_sandbox: Sandbox) -> Service:
    return shared_service(contract.settings(shared_sandbox))


@pytest.fixture(scope="module")
def client(service: Service) -> Iterator[Client]:
    with Client(service.url, service.secret_key) as made:
        yield made


def connect(client: Client, sandbox: Sandbox, brand: int, platform: str) -> str:
    person = sandbox.newcomer()
    brought = contract.rules(platform).token(sandbox, person)
    more = {"refresh_token": brought.get("refreshToken"), "expires_in": brought.get("expiresIn")}
    assert client.register_token(brand, platform, brought["accessToken"], **more).startswith(f"Brand {brand}")
    return person


def test_the_examples_run(client: Client, service: Service, shared_sandbox: Sandbox, tmp_path: Path) -> None:
    """One after another, as one program."""
    for platform in platforms.names():
        connect(client, shared_sandbox, BRAND, platform)
    blocks = re.findall(r"^```python\n(.*?)^```", text(README), re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 7
    program = "\n".join(blocks).replace("https://connect.example.com", service.url)
    # An address that is looked up wherever the test runs.
    program = program.replace("https://hooks.example.com", "http://127.0.0.1:9")
    # The SDKs' modules warn of their own.
    done = subprocess.run(
        [sys.executable, "-c", program.replace("sym_sk_…", service.secret_key)],
        cwd=ROOT / "clients/python/src",
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Send this to the owner" in done.stdout
    assert "webhook.test pending" in done.stdout
    assert "whsec_" not in done.stdout
    assert service.secret_key not in done.stdout


def test_every_call(client: Client, shared_sandbox: Sandbox) -> None:
    platform, brand = platforms.names()[0], 7
    person = connect(client, shared_sandbox, brand, platform)
    assert client.connection(brand, platform) == client.connections(brand)[0] == client.brand(brand).connections[0]
    assert client.brand(brand) in list(client.brands(limit=1))
    accounts = list(client.ad_accounts(brand, platform, refresh=True, limit=1))
    assert [each.selected for each in accounts] == [True, True]
    [chosen] = client.select_ad_accounts(brand, platform, [accounts[0].id])
    assert client.token(brand, platform).ad_accounts == (chosen,) or chosen.selected
    assert len(client.select_ad_accounts(brand, platform, None)) == 2
    assert client.verify(brand, platform).connection.status in ("connected", "expiring")
    assert client.report_token(brand, platform, code=1).found == "good"
    assert {each.ad_platform for each in client.platforms()} == set(platforms.names())
    made = client.create_key("once", ["brands:read"], brands=[brand])
    assert made.id in [key.id for key in client.keys(limit=1)]
    client.revoke_key(made.id)
    told(client, brand)
    session = client.create_connect_session(brand, platforms=[platform])
    assert session.url.endswith(session.token)
    client.end_connect_session(session.id)

    deed, reason = next(iter(contract.rules(platform).DEEDS.items()))
    shared_sandbox.person(person, deed, platform=platform)
    assert client.verify(brand, platform).changed
    with pytest.raises(NeedsReconnect) as lost:
        client.token(brand, platform)
    assert lost.value.reason == reason
    assert lost.value.reconnect_url
    assert client.disconnect(brand, platform).here == "destroyed"
    assert client.delete_brand(brand) == ()


def told(client: Client, brand: int) -> None:
    """Events and webhooks."""
    happened = list(client.events(brand_id=brand, limit=1))
    assert [event.brand_id for event in happened] == [brand] * len(happened)
    (first,) = client.events(brand_id=brand, type="connection.connected")
    assert first == happened[-1]
    assert list(client.events(brand_id=brand, before=first.timestamp)) == []
    with pytest.raises(ValueError, match="time zone"):
        client.events(after=first.timestamp.replace(tzinfo=None))
    made = client.create_webhook("http://127.0.0.1:9/", types=["connection.connected"], description="of a test")
    assert made.secret not in repr(made)
    assert [each.id for each in client.webhooks()] == [made.id]
    assert client.rotate_webhook_secret(made.id).secret.startswith("whsec_")
    sent = client.send_test_webhook(made.id)
    assert [each.id for each in client.deliveries(made.id, limit=1)] == [sent.id]
    assert client.replay_delivery(made.id, sent.id).status == "pending"
    assert client.replay_failed_deliveries(made.id) == 0
    changed = client.change_webhook(made.id, types=[], enabled=False)
    assert (changed.types, changed.disabled_why, changed.description) == (None, "by_request", "of a test")
    client.delete_webhook(made.id)
    assert client.webhooks() == ()


def test_the_wheel_is_typed_and_needs_httpx2_alone(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(tmp_path)]
    subprocess.run([*command, str(ROOT / "clients/python")], check=True, timeout=120)
    (wheel,) = tmp_path.glob("symphony_connect_client-*.whl")
    with zipfile.ZipFile(wheel) as held:
        assert "symphony_connect_client/py.typed" in held.namelist()
        metadata = next(held.read(name).decode() for name in held.namelist() if name.endswith("METADATA"))
    assert re.findall(r"^Requires-Dist: (\S+)", metadata, re.MULTILINE) == ["httpx2>=2.16"]
