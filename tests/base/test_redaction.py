"""No log line shows a secret or is broken by a value, however deep and in whatever spelling it comes."""

from __future__ import annotations

import json
import logging
import urllib.parse
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symphony_connect.base import logs
from symphony_connect.base.model import Secret
from symphony_connect.base.redact import MASK, clean, printable, redact

CANARY = "cAnAry"
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

opaque = st.text(LETTERS + "-_", min_size=8, max_size=60).map(lambda text: CANARY + text)
"""A secret that nothing but its name gives away."""

telling = st.one_of(
    opaque.map(lambda text: f"EAAB{text}"),
    opaque.map(lambda text: f"ya29.{text}"),
    opaque.map(lambda text: f"1//{text}"),
    opaque.map(lambda text: f"GOCSPX-{text}"),
    opaque.map(lambda text: f"whsec_{text}"),
    opaque.map(lambda text: f"sym_sk_{text.replace('-', '')}"),
    opaque.map(lambda text: f"symcs_{text.replace('-', '')}"),
    opaque.map(lambda text: f"100000000000001|{text}"),
    opaque.map(lambda text: f"eyJhbGciOiJI.{text}.{text}"),
    opaque.map(lambda text: f"Bearer {text}"),
    opaque.map(lambda text: f"postgresql://symphony:{text}/@db.example/symphony"),
    st.text("0123456789abcdef", min_size=40, max_size=40).map(lambda text: "1a" + text),
    st.text(LETTERS, min_size=40, max_size=60).map(lambda text: "a1Z" + text),
)
"""A secret that shows by its shape, whatever it is called."""

NAMES = (
    *("access_token", "refresh_token", "token", "accessToken", "client_secret", "app_secret", "secret", "password"),
    *("Authorization", "x-api-key", "apiKey", "code_verifier", "auth_code", "code", "SYMPHONY_MASTER_KEY"),
    *("Access-Token", "cookie", "appsecret_proof"),
)

SPELLINGS: list[Callable[[str, str], str]] = [
    lambda name, value: f"{name}={value}",
    lambda name, value: f"https://platform.example/path?a=b&{name}={value}&c=d",
    lambda name, value: f"{name}: {value}",
    lambda name, value: f"{name}: Bearer {value}",
    lambda name, value: json.dumps({"a": 1, name: value, "b": 2}),
    lambda name, value: json.dumps({"a": [{name: [value]}]}),
    lambda name, value: json.dumps(json.dumps({name: value})),
    lambda name, value: repr({name: value}),
    lambda name, value: repr({name.encode(): value.encode()}),
    lambda name, value: repr([(name.encode(), value.encode())]),
    lambda name, value: urllib.parse.quote(json.dumps({name: value})),
    lambda name, value: urllib.parse.quote(f"{name}={value}&a=b"),
    lambda name, value: urllib.parse.quote(urllib.parse.quote(f"{name}={value}&a=b")),
    lambda name, value: f"{name} => '{value}'",
]


@st.composite
def named(draw: st.DrawFn) -> tuple[str, str]:
    """A secret, and a text that names it."""
    value = draw(opaque)
    return value, draw(st.sampled_from(SPELLINGS))(draw(st.sampled_from(NAMES)), value)


@st.composite
def shaped(draw: st.DrawFn) -> tuple[str, str]:
    """A secret, and a text that holds it by the way."""
    value = draw(telling)
    return value, f"{draw(st.text(max_size=9))} {value} {draw(st.text(max_size=9))}"


def raised(text: str) -> BaseException:
    try:
        raise ValueError(text)
    except ValueError as error:
        return error


NESTINGS: list[Callable[[Any], Any]] = [
    lambda inner: inner,
    lambda inner: [inner],
    lambda inner: (1, inner),
    lambda inner: {"a": inner},
    lambda inner: {"a": {"b": [inner, {"c": inner}]}},
    lambda inner: {inner} if isinstance(inner, str) else [inner],
    lambda inner: {inner: 1} if isinstance(inner, str) else [inner],
    lambda inner: inner.encode("utf-8", "surrogatepass") if isinstance(inner, str) else inner,
    lambda inner: raised(inner) if isinstance(inner, str) else inner,
    lambda inner: ExceptionGroup(str(inner), [ValueError(str(inner))]),
]


def lines(format: str, values: dict[str, Any], error: BaseException | None = None) -> list[str]:
    """What the logger writes, in both of the ways in: ours, and the standard library's."""
    processors = [*logs._prepared(), logs._rendered(format)]
    event: Any = {"event": "something", **values, "exc_info": error}
    for each in processors:
        event = each(None, "info", event)
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("library", logging.WARNING, "", 0, "%s", (str(values),), info)
    return [event, logs.formatter(format).format(record)]


def secret_of(value: str) -> str:
    """The part that must not be seen: all of it but what tells its kind."""
    return value[value.index(CANARY) :].split(".")[0].split("/@")[0] if CANARY in value else value


@pytest.mark.parametrize("format", ["json", "console"])
@settings(max_examples=500, deadline=None)
@given(found=st.one_of(named(), shaped()), nest=st.lists(st.sampled_from(NESTINGS), max_size=4))
def test_no_secret_is_logged(format: str, found: tuple[str, str], nest: list[Callable[[Any], Any]]) -> None:
    value, text = found
    nested: Any = text
    for each in nest:
        nested = each(nested)
    for line in lines(format, {"seen": nested}, raised(text)):
        assert secret_of(value) not in line, line


@pytest.mark.parametrize("format", ["json", "console"])
@settings(deadline=None)
@given(name=st.sampled_from(NAMES), value=opaque, nest=st.lists(st.sampled_from(NESTINGS[1:5]), max_size=4))
def test_a_value_is_masked_for_its_name(format: str, name: str, value: str, nest: list[Callable[[Any], Any]]) -> None:
    for inner in (value, Secret(value), [value], {"a": value}, value.encode(), raised(value)):
        nested: Any = {name: inner}
        for each in nest:
            nested = each(nested)
        assert value not in lines(format, {"seen": nested})[0]
    assert value not in lines(format, {"headers": [(name, value), (name.encode(), value.encode())]})[0]


@pytest.mark.parametrize("format", ["json", "console"])
@settings(deadline=None)
@given(text=st.text(max_size=40))
def test_a_line_is_a_line(format: str, text: str) -> None:
    for forged in (text, f"{text}\n2026-01-01T00:00:00Z [info] forged", f"\x1b[2K\x9b1A\x85{text}\u202e\u2028"):
        for line in lines(format, {"seen": [forged, {forged: forged}], "exception": forged}, raised(forged)):
            assert line.isprintable(), repr(line)
            assert format == "console" or isinstance(json.loads(line), dict)


@settings(deadline=None)
@given(text=st.text())
def test_what_is_printable_stays_as_it_is(text: str) -> None:
    assert printable(text).isprintable()
    assert json.loads(f'"{printable(text.replace(chr(92), "").replace(chr(34), ""))}"') == text.replace(
        chr(92), ""
    ).replace(chr(34), "")


PLAIN = [
    "signin.failed",
    "code=identity_mismatch",
    "The platform answered (190/460): code: 190",
    "This key lacks the scope tokens:read.",
    "connection conn_0Tq3aZ9xAbCdEfGhIjKlMnOp is stale",
    "/usr/lib/python3.11/site-packages/symphony_connect/connections/read_token.py",
    "http://127.0.0.1:8080/oauth/start",
    "SYMPHONY_MASTER_KEY is missing.",
]


@pytest.mark.parametrize("text", PLAIN)
def test_what_an_operator_needs_is_left(text: str) -> None:
    assert redact(text) == text


def test_values_keep_their_types() -> None:
    assert clean({"ms": 1.5, "n": 3, "ok": True, "none": None, "code": "access_denied"}) == {
        "ms": 1.5,
        "n": 3,
        "ok": True,
        "none": None,
        "code": "access_denied",
    }
    assert clean({"code": "AQDx7secret"}) == {"code": MASK}


def test_what_holds_itself_ends() -> None:
    loop: list[Any] = []
    loop.append(loop)
    assert "…" in json.dumps(clean(loop), ensure_ascii=False)


def test_a_long_value_is_cut_and_fast() -> None:
    for piece in ("a", "a1Z", "token", "code=", '"', "\\", "://:", "%25", "EAA", "bearer "):
        assert len(clean(piece * 100_000)) < 20_000
