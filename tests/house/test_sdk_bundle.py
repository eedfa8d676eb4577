"""The committed scripts are small, and built from the committed sources."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SDK = ROOT / "sdk"
STATIC = ROOT / "src/symphony_connect/web/static"
BUNDLE = STATIC / "symphony-connect.min.js"


def sources_hash() -> str:
    """The same as in sdk/build.mjs."""
    names = ["build.mjs", "package-lock.json", "package.json", "symphony-connect.d.ts", "tsconfig.json"]
    names += [f"src/{path.name}" for path in (SDK / "src").iterdir()]
    hashed = hashlib.sha256()
    for name in sorted(names):
        hashed.update(f"{name}\0".encode() + (SDK / name).read_bytes() + b"\0")
    return hashed.hexdigest()


@pytest.mark.parametrize("name", ["symphony-connect.min.js", "popup.js"])
def test_the_committed_script_is_of_these_sources(name: str) -> None:
    first = (STATIC / name).read_text("utf-8").splitlines()[0]
    assert f"sources {sources_hash()} " in first, "stale: run `make sdk`"


def test_the_types_are_the_sources_own() -> None:
    assert (STATIC / "symphony-connect.d.ts").read_bytes() == (SDK / "symphony-connect.d.ts").read_bytes()


def test_the_sdk_is_small() -> None:
    assert len(gzip.compress(BUNDLE.read_bytes())) <= 5_000


def test_the_sdk_evaluates_no_text() -> None:
    for path in STATIC.glob("*.js"):
        assert not re.search(r"\beval\b|new Function|innerHTML|document\.write", path.read_text("utf-8")), path.name


def test_the_source_map_holds_the_sources() -> None:
    found = json.loads((STATIC / "symphony-connect.min.js.map").read_text("utf-8"))
    for source, content in zip(found["sources"], found["sourcesContent"], strict=True):
        assert content == (STATIC / source).resolve().read_text("utf-8")


def test_the_lock_file_names_no_host() -> None:
    lock = (SDK / "package-lock.json").read_text("utf-8")
    assert '"resolved"' not in lock
    packages = json.loads(lock)["packages"]
    assert all("integrity" in entry for name, entry in packages.items() if name)
