"""A document as a test follows it: its commands, and the answers that stand below them."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.tools.repository import text

RUNS = ("curl", "symphony-connect")
FENCED = re.compile(
    r"^```(?P<language>\w*)\n(?P<fenced>.*?)^```$|^(?P<indented>(?: {4,}\S[^\n]*\n)+)", re.MULTILINE | re.DOTALL
)
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
MORE = "…"
"""As a key or as the last of a list: there is more than is shown. Inside a text: this part differs each time."""


@dataclass(frozen=True)
class Command:
    """One line of a shell, and what a comment beside it says that it answers."""

    section: str
    text: str

    @property
    def said(self) -> Any:
        comment = self.text.partition("  # {")[2]
        return json.JSONDecoder().raw_decode("{" + comment)[0] if comment else None


@dataclass(frozen=True)
class Answer:
    """A block of JSON."""

    section: str
    text: str

    @property
    def shown(self) -> Any:
        return json.loads(self.text)


def steps(page: str) -> Iterator[Command | Answer]:
    """Commands and answers in their order; `page` is a path from the repository's root."""
    for title, body in sections(text(Path(page))):
        for block in blocks(body):
            if isinstance(block, str):
                yield Answer(title, block)
            else:
                yield from (Command(title, line) for line in block)


def sections(whole: str) -> Iterator[tuple[str, str]]:
    """Each heading with what stands below it."""
    parts = re.split(r"^(#{1,4} .*)$", whole, flags=re.MULTILINE)
    yield from zip(("", *parts[1::2]), parts[0::2], strict=True)


def blocks(body: str) -> Iterator[str | list[str]]:
    """The text of a JSON block, or the command lines of a block of commands."""
    for found in FENCED.finditer(body):
        if found["language"] == "json":
            yield found["fenced"]
        elif found["language"] in ("", "sh", None) and not (found["language"] == "sh" and "&\n" in found["fenced"]):
            block = textwrap.dedent(found["fenced"] or found["indented"]).replace("\\\n", " ")
            yield [line for line in block.splitlines() if line.startswith(RUNS)]


def differs(shown: Any, real: Any, at: str = "answer") -> list[str]:
    """Where a real answer is not what the document shows: keys, lengths, and every value that does not vary."""
    if isinstance(shown, dict) and isinstance(real, dict):
        return _keys(shown, real, at)
    if isinstance(shown, list) and isinstance(real, list):
        whole = MORE not in shown
        wanted = [each for each in shown if each != MORE]
        wrong = [f"{at}: {len(real)} elements, {len(shown)} shown"] if whole and len(real) != len(wanted) else []
        pairs = zip(wanted, real, strict=False)
        return wrong + [line for place, pair in enumerate(pairs) for line in differs(*pair, f"{at}[{place}]")]
    if isinstance(shown, str) and isinstance(real, str):
        return [] if re.fullmatch(_pattern(shown), _plain(real), re.DOTALL) else [f"{at}: {real!r}, shown {shown!r}"]
    return [] if shown == real and type(shown) is type(real) else [f"{at}: {real!r}, shown {shown!r}"]


def _keys(shown: dict[str, Any], real: dict[str, Any], at: str) -> list[str]:
    wrong = [f"{at}.{name}: is not answered" for name in shown.keys() - real.keys() - {MORE}]
    if MORE not in shown:
        wrong += [f"{at}.{name}: is not shown" for name in real.keys() - shown.keys()]
    both = [name for name in shown if name in real]
    return wrong + [line for name in both for line in differs(shown[name], real[name], f"{at}.{name}")]


def _plain(words: str) -> str:
    return TIME.sub("<time>", words)


def _pattern(shown: str) -> str:
    """Of a secret or an id, `EAAgsn…` or `evt_0Vbh…`, only the letters of its kind are the same each time."""
    if shown == MORE:
        return ".*"
    pattern = ""
    for part in re.split(r"((?:[a-z]+_)*[\w.-]*…)", _plain(shown)):
        if part.endswith(MORE):
            kind = re.match(r"(?:[a-z]+_)*|EAA", part)
            pattern += re.escape(kind[0] if kind else "") + r"[\w.=…+/-]+"
        else:
            pattern += re.escape(part)
    return pattern
