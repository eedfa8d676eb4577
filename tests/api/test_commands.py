"""`doctor` and `keys`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.platforms import contract
from tests.platforms.chosen import ANY, OTHER
from tests.tools.sandbox import Sandbox
from tests.tools.service import Service
from tests.tools.wait import free_port

NOT_SET_UP = {contract.setting(name, f"APP_{part}"): "" for name in (ANY, OTHER) for part in ("ID", "SECRET")}


@pytest.fixture
def installation(shared_sandbox: Sandbox, tmp_path: Path) -> Service:
    """Settings and a data folder; nothing is served."""
    return Service(shared_sandbox, tmp_path, {**contract.settings(shared_sandbox), "COLUMNS": "200"})


def examined(installation: Service, *arguments: str, code: int = 0) -> dict[str, dict[str, Any]]:
    done = installation.cli("doctor", "--json", *arguments, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return {fact["what"].split(" ")[0]: fact for fact in json.loads(done.stdout)}


def test_doctor_finds_all_well(installation: Service) -> None:
    installation.new_key()
    facts = examined(installation)
    assert {fact["state"] for fact in facts.values()} == {"ok"}
    assert f"{installation.url}/oauth/{ANY}/callback" in facts[contract.shown(ANY)]["words"]
    said = installation.cli("doctor").stdout
    assert contract.shown(ANY) in said
    assert contract.settings(installation.sandbox)[contract.setting(ANY, "APP_SECRET")] not in said


def test_doctor_names_what_is_not_set(installation: Service) -> None:
    installation.env.update(NOT_SET_UP)
    installation.cli("keys", "list")
    facts = examined(installation)
    assert facts["API"]["state"] == "missing"
    assert contract.setting(ANY, "APP_ID") in facts[contract.shown(ANY)]["words"]
    assert contract.setting(OTHER, "APP_SECRET") in facts[contract.shown(OTHER)]["words"]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_doctor_makes_nothing(installation: Service, database: str, request: pytest.FixtureRequest) -> None:
    if database == "postgresql":
        installation.env["SYMPHONY_DATABASE_URL"] = request.getfixturevalue("postgres").new_database()
    before = sorted(installation.folder.rglob("*"))
    facts = examined(installation)
    assert facts["Database"]["state"] == "missing"
    assert facts[contract.shown(ANY)]["state"] == "ok"
    assert sorted(installation.folder.rglob("*")) == before
    assert facts == examined(installation), "nothing was made the first time"


BAD_FOR_DOCTOR = {
    "SYMPHONY_PUBLIC_URL": "nowhere",
    "SYMPHONY_PUBLICURL": "http://127.0.0.1:1",
    contract.setting(ANY, "APP_ID"): "mine",
    "SYMPHONY_MASTER_KEY": "short",
    "SYMPHONY_DATABASE_URL": "postgresql://u:hidden@127.0.0.1:9/x",
}


@pytest.mark.parametrize("name", BAD_FOR_DOCTOR)
def test_doctor_tells_a_bad_setting_in_json(installation: Service, name: str) -> None:
    installation.new_key()
    installation.env[name] = BAD_FOR_DOCTOR[name]
    facts = examined(installation, code=1)
    what = "Database" if "DATABASE" in name else "Settings"
    assert facts[what]["state"] == "bad"
    assert "hidden" not in str(facts)
    assert what == "Database" or name in facts[what]["words"]
    shown = installation.cli("doctor", check=False)
    assert (shown.returncode, "✗" in shown.stdout) == (1, True)


@pytest.mark.parametrize("name", [ANY, OTHER])
def test_doctor_finds_a_wrong_secret(installation: Service, name: str) -> None:
    shown = contract.shown(name)
    installation.env[contract.setting(name, "APP_SECRET")] = "not-the-secret"
    facts = examined(installation, code=1)
    assert facts[shown]["state"] == "bad"
    assert "refuses" in facts[shown]["words"]
    assert "not-the-secret" not in str(facts)


def test_doctor_finds_a_platform_out_of_reach(installation: Service) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    installation.env.update(contract.urls(ANY, nowhere))
    facts = examined(installation, code=1)
    assert facts[contract.shown(ANY)]["state"] == "bad"
    assert "reached" in facts[contract.shown(ANY)]["words"]
    assert examined(installation, "--offline")[contract.shown(ANY)]["state"] == "unknown"


def test_keys_are_made_listed_and_revoked(installation: Service) -> None:
    secret = installation.new_key("--name", "campaigns", "--days", "30")
    page = installation.new_key("--publishable", "--origin", "https://shop.example", workspace="beta")
    assert secret["key"].startswith("sym_sk_")
    assert secret["expiresAt"]
    assert page["key"].startswith("sym_pk_")
    assert (page["workspace"], page["origins"], page["scopes"]) == ("beta", ["https://shop.example"], [])
    listed = json.loads(installation.cli("keys", "list", "--json").stdout)
    assert [(one["id"], one["workspace"], one["kind"]) for one in listed] == [
        (secret["id"], "acme", "secret"),
        (page["id"], "beta", "publishable"),
    ]
    assert json.loads(installation.cli("keys", "revoke", secret["id"], "--json").stdout)["revoked"] is True
    assert "campaigns" in installation.cli("keys", "list").stdout
    again = installation.cli("keys", "revoke", secret["id"], check=False)
    assert again.returncode == 1
    assert "keys list" in again.stderr


WRONG = [
    ("--scopes", "brands:all"),
    ("--publishable", "--scopes", "brands:read"),
    ("--origin", "https://shop.example"),
    ("--publishable", "--origin", "https://shop.example/"),
    ("--publishable", "--origin", "*"),
    ("--days", "0"),
]


def test_a_key_that_cannot_be_made(installation: Service) -> None:
    for arguments in WRONG:
        done = installation.cli("keys", "create", *arguments, check=False)
        assert done.returncode == 2, arguments
        assert "Traceback" not in done.stderr
        assert done.stderr.strip()
    assert json.loads(installation.cli("keys", "list", "--json").stdout) == []


@pytest.mark.parametrize(
    "arguments",
    [("--scopes", " , "), ("--scopes", ""), ("--days", "999999999"), ("--workspace", " ")],
    ids=["blank scopes", "no scopes", "for ever", "no name"],
)
def test_a_key_that_would_be_other_than_meant_is_not_made(installation: Service, arguments: tuple[str, ...]) -> None:
    before = installation.cli("keys", "list", "--json").stdout
    refused = installation.cli("keys", "create", *arguments, check=False)
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr
    assert installation.cli("keys", "list", "--json").stdout == before
