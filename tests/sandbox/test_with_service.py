"""`sandbox --with-service`: both processes by one command, for other people's tests."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pytest

from symphony_connect.base.errors import ConfigError
from symphony_connect.cli.sandbox_command import sandbox
from symphony_connect.platforms import names
from tests.platforms.chosen import ANY
from tests.tools.process import CLI, Process, clean_env


class Both:
    """The command, and what it printed."""

    def __init__(self, folder: Path, *arguments: str, **env: str) -> None:
        self.folder = folder
        self.printed = folder / "printed"
        command = [CLI, "sandbox", "--with-service", "--port", "0", "--service-port", "0", *arguments]
        shell = ["sh", "-c", f'exec "$@" >{self.printed}', "sh", *command]
        (folder / "temporary").mkdir()
        settings = clean_env(TMPDIR=str(folder / "temporary"), **env)
        self.process = Process("sandbox and service", shell, folder / "log", settings, folder)

    def start(self) -> None:
        self.process.start(lambda: self.printed.exists() and self.printed.read_text().endswith("\n"), 60)

    @property
    def facts(self) -> Any:
        return json.loads(self.printed.read_text())


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    started = Both(tmp_path_factory.mktemp("both"), "--json")
    started.start()
    yield started
    assert started.process.stop() == 0
    assert list((started.folder / "temporary").iterdir()) == [], "temporary data is removed"


@pytest.fixture
def api(both: Both) -> Iterator[httpx2.Client]:
    facts = both.facts
    headers = {"x-api-key": facts["secretKey"]}
    with httpx2.Client(base_url=facts["api"], headers=headers, timeout=20, trust_env=False) as client:
        yield client


def control(both: Both, path: str, **body: Any) -> Any:
    answer = httpx2.post(f"{both.facts['sandbox']}/_sandbox/{path}", json=body, timeout=20, trust_env=False)
    assert answer.is_success, answer.text
    return answer.json()


def connect(both: Both, api: httpx2.Client) -> None:
    app = both.facts["settings"][f"SYMPHONY_{ANY.upper()}_APP_ID"]
    token = control(both, "tokens", platform=ANY, person="ada", app=app)["accessToken"]
    answer = api.put("/brands", json={"brandId": 7, "adPlatform": ANY, "accessToken": token})
    assert answer.status_code == 200, answer.text


def test_it_says_how_to_reach_both(both: Both, api: httpx2.Client) -> None:
    facts = both.facts
    assert facts["api"] == f"{facts['service']}/api/sym/v2"
    assert sorted(facts["platforms"]) == names()
    assert facts["settings"]["SYMPHONY_PUBLIC_URL"] == facts["service"]
    assert all(platform["configured"] for platform in api.get("/platforms").json()["data"])
    assert facts["publishableKey"].startswith("sym_pk_")


def test_moving_the_clock_moves_both(both: Both, api: httpx2.Client) -> None:
    control(both, "reset", clock=True)
    connect(both, api)
    before = api.get("/brands?brandId=7").json()["data"]["connections"][0]["verifiedAt"]
    control(both, "clock", advance="61d")
    api.post(f"/brands/7/connections/{ANY}/verify")
    after = api.get("/brands?brandId=7").json()["data"]["connections"][0]
    assert max(after["verifiedAt"], after["statusSince"])[:10] > before[:10]


def test_a_reset_empties_the_service_too_and_its_keys_stay(both: Both, api: httpx2.Client) -> None:
    control(both, "reset", clock=True)
    connect(both, api)
    assert api.get(f"/brands/7/connections/{ANY}/token").status_code == 200
    control(both, "clock", advance="1d")
    control(both, "reset", clock=True)
    assert api.get("/brands").json()["data"] == []
    assert api.get("/brands?brandId=7").status_code == 404
    connect(both, api)
    assert api.get(f"/brands/7/connections/{ANY}/token").status_code == 200


def test_commands_beside_it_take_its_settings(both: Both) -> None:
    env = clean_env(**both.facts["settings"])
    listed = subprocess.run([CLI, "keys", "list", "--json"], env=env, capture_output=True, text=True, check=True)
    assert len(json.loads(listed.stdout)) == 2


def test_exports_are_a_shell_s_and_the_sandbox_ends_with_the_service(tmp_path: Path) -> None:
    data = tmp_path / "it's here"
    both = Both(tmp_path, "--data", str(data))
    both.start()
    script = f'. {both.printed}; curl -sf "$SYM/platforms" -H "x-api-key: $KEY"; echo; echo "$SYMPHONY_DATA_DIR"'
    said = subprocess.run(["sh", "-c", script], env=clean_env(), capture_output=True, text=True, check=True).stdout
    answer, folder = said.splitlines()
    assert json.loads(answer)["success"] is True
    assert Path(folder) == data
    (service, *_) = [one for one in psutil.Process(both.process.pid).children() if "serve" in one.cmdline()]
    service.kill()
    assert both.process.wait(30) == 1
    assert "The service ended by itself" in both.process.log_text()
    assert (data / "symphony.db").exists(), "a folder that was given is kept"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"with_service": True, "host": "10.1.2.3"}, "--with-service takes a --host of loopback"),
        ({"data": Path("here")}, "--data goes with --with-service"),
        ({"control_host": ["sandbox"]}, "give a --control-token"),
        ({"control_token": "short"}, "at least 16"),
        ({"control_token": "with spaces in between"}, "without spaces"),
    ],
)
def test_wrong_use_is_refused_with_a_sentence(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        sandbox(**options)


def test_a_taken_port_of_the_service_is_said(both: Both) -> None:
    port = int(both.facts["service"].rpartition(":")[2])
    with pytest.raises(ConfigError, match=f"Port {port} is in use"):
        sandbox(with_service=True, service_port=port)


def test_it_does_not_start_beside_a_live_app(tmp_path: Path) -> None:
    env = clean_env(**{f"SYMPHONY_{ANY.upper()}_APP_ID": "987654321987654"}, TMPDIR=str(tmp_path))
    command = [CLI, "sandbox", "--with-service", "--port", "0", "--service-port", "0"]
    done = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, "none of the sandbox's apps" in done.stderr) == (2, True), done.stderr
    assert list(tmp_path.iterdir()) == []
