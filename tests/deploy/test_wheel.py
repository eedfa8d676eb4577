"""The wheel, built and installed without a network: everything that a service needs is in it."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from symphony_connect import __version__
from tests.tools.process import clean_env
from tests.tools.repository import PACKAGE, ROOT, files

PAGES = """
import httpx2


def test_a_brand_is_connected(service, brand):
    import symphony_connect
    assert symphony_connect.__file__.startswith({venv!r})
    for platform in service.platforms:
        brand.connect(platform)
        assert brand.token(platform)["accessToken"]


def test_pages_and_their_files_are_there(service, sandbox):
    session = service.call("POST", "/connect-sessions", brandId=12345)
    with httpx2.Client(trust_env=False) as client:
        for url in (
            session["url"],
            *(service.url + path for path in ("/docs", "/openapi.json", "/dashboard/sign-in", "/static/pages.css")),
            *(service.url + path for path in ("/symphony-connect.min.js", "/symphony-connect.d.ts")),
            sandbox.url + "/",
        ):
            assert client.get(url).status_code == 200, url
"""


def run(command: Sequence[str | Path], cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, env=clean_env(), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As `pip wheel` builds it, with the build backend that `requirements/run.lock` pins."""
    folder = tmp_path_factory.mktemp("dist")
    build = "import sys; from flit_core.buildapi import build_wheel; print(build_wheel(sys.argv[1]))"
    return folder / run([sys.executable, "-c", build, str(folder)], ROOT).strip()


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel in it; it sees the other packages of this one, and not this source."""
    folder = tmp_path_factory.mktemp("fresh") / "venv"
    venv.create(folder, symlinks=True)
    place = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder), "platbase": str(folder)}))
    (place / "others.pth").write_text(sysconfig.get_path("purelib"))
    pip = [sys.executable, "-m", "pip", "--python", folder / "bin/python", "install", "--quiet", "--no-compile"]
    run([*pip, "--no-deps", "--no-index", "--ignore-installed", wheel], folder)
    return folder


def test_the_wheel_holds_the_whole_package_and_nothing_else(wheel: Path) -> None:
    """Templates, static files, SQL, migrations, samples, `py.typed`."""
    source = Path("src")
    kept = {str(path.relative_to(source)) for path in files() if path.is_relative_to(source / PACKAGE)}
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if not name.split("/")[0].endswith(".dist-info")}
    assert packed == kept
    assert f"{PACKAGE}/py.typed" in packed


def test_the_plugin_is_found_and_pytest_is_not_needed(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as held:
        facts = {name.rpartition("/")[2]: held.read(name).decode() for name in held.namelist() if ".dist-info/" in name}
    assert "[pytest11]\nsymphony-connect=symphony_connect.testing" in facts["entry_points.txt"].replace(" ", "")
    assert "pytest" not in facts["METADATA"].partition("\n\n")[0]


def test_what_is_installed_serves_and_brings_the_plugin(installed: Path, tmp_path: Path) -> None:
    assert run([installed / "bin/symphony-connect", "version"], tmp_path).strip() == __version__
    (tmp_path / "test_pages.py").write_text(PAGES.format(venv=str(installed)))
    python = installed / "bin/python"
    run([python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:schemathesis"], tmp_path)
