"""Settings keep what is secret, and refuse what was not meant."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any

import pytest

from symphony_connect.app import check_settings
from symphony_connect.base import config
from symphony_connect.base.errors import ConfigError
from tests.platforms.chosen import ANY, OTHER
from tests.platforms.contract import setting, urls

KEY = base64.b64encode(b"a master key of thirty-two bytes").decode()


def test_settings_do_not_show_what_is_secret() -> None:
    settings = config.load(
        {"SYMPHONY_MASTER_KEY": KEY, "SYMPHONY_DATABASE_URL": "postgresql://symphony:hidden@db.example/symphony"}
    )
    shown = repr(settings) + str(settings) + repr(vars(settings)) + repr(settings.env)
    assert KEY not in shown
    assert "hidden" not in shown
    assert "127.0.0.1:8080" in shown
    assert settings.master_key.reveal() == KEY


async def refusal(**values: str) -> str:
    """The sentence that ends the start; empty when nothing does."""
    try:
        await check_settings(config.load(values))
    except ConfigError as error:
        return str(error)
    return ""


(URL, *_) = urls(OTHER, "http://127.0.0.1:9")
MISSPELT = {
    "SYMPHONY_PUBLICURL": "SYMPHONY_PUBLIC_URL",
    "SYMPHONY_MASTERKEY": "SYMPHONY_MASTER_KEY",
    "SYMPHONY_MASTER_KEYFILE": "SYMPHONY_MASTER_KEY",
    "SYMPHONY_MASTR_KEY_FILE": "SYMPHONY_MASTER_KEY_FILE",
    setting(ANY, "APPID"): setting(ANY, "APP_ID"),
    f"{URL.removesuffix('URL')}ULR": URL,
    "SYMPHONY_BRANDING_COLOUR": "SYMPHONY_BRANDING_COLOR",
    "SYMPHONY_NO_WORKERS": "SYMPHONY_NO_WORKER",
}


@pytest.mark.parametrize("name", MISSPELT)
async def test_a_misspelt_name_ends_the_start_with_the_nearest(name: str) -> None:
    said = await refusal(**{name: "a-value"})
    assert f"{name} is not a setting" in said
    assert f"Did you mean {MISSPELT[name]}?" in said
    assert "a-value" not in said


async def test_a_name_near_none_is_refused_too() -> None:
    assert "Unset it" in await refusal(SYMPHONY_ZZZZZZZZ="1")
    assert await refusal(SYMPHONIC="1", OTHER="2") == ""


async def test_every_documented_setting_is_known(tmp_path: Path) -> None:
    """The documents and the code that reads settings cannot part."""
    going_live = Path(__file__).parents[2] / "docs" / "going-live.md"
    names = set(re.findall(r"`(SYMPHONY_[A-Z_]*[A-Z])`", going_live.read_text()))
    assert len(names) > 20
    env = config.load({}).env
    await check_settings(config.load({}))
    for name in names:
        assert "is not a setting" not in await refusal(**{name: "x"}), name
    assert env.name("NAME") == "SYMPHONY_NAME"


async def test_a_setting_and_its_file_together_are_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY)
    both: dict[str, Any] = {"SYMPHONY_MASTER_KEY": KEY, "SYMPHONY_MASTER_KEY_FILE": str(tmp_path / "key")}
    said = await refusal(**both)
    assert "SYMPHONY_MASTER_KEY and SYMPHONY_MASTER_KEY_FILE" in said
    assert KEY not in said


@pytest.mark.parametrize(
    ("url", "names"),
    [
        ("postgresql://u:p@ss@h/db", "%40"),
        ("postgresql://u:p/ss@h/db", "%2F"),
        ("postgresql://u:p?ss@h/db", "%3F"),
        ("postgresql://u:p#ss@h:5432/db", "%23"),
        ("postgresql://u:50%off@h/db", "%25"),
        ("postgresql://u:p ss@h/db", "%20"),
        ("postgresql://u:p[ss@h/db", "%5B"),
        ("postgresql://u:p%40ss@h/db", ""),
        ("postgresql://u:p:ss@h1,h2:5433/db?target_session_attrs=read-write", ""),
        ("postgresql://h/db?application_name=a@b", ""),
        ("postgresql:///db?host=/run/postgresql", ""),
    ],
)
async def test_a_password_that_must_be_encoded(url: str, names: str) -> None:
    said = await refusal(SYMPHONY_DATABASE_URL=url)
    assert names in said
    assert bool(said) is bool(names)
    assert "SYMPHONY_DATABASE_URL" in said or not names
    assert "ss" not in said.replace("password", "")
