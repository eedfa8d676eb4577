"""The catalogues: complete in every language, and the only place where sentences are."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from symphony_connect.web import messages
from symphony_connect.web.dashboard.words import permission
from symphony_connect.web.failures import KINDS
from symphony_connect.web.messages import LANGUAGES, Speaker, catalogue, preferred
from symphony_connect.web.pages import templates
from tests.platforms.contract import facts
from tests.tools.repository import SOURCE, platforms

OWNERS = [
    name
    for name in templates.list_templates(["html"])
    if "/" not in name
    and re.search(r'extends "owner.html"|^owner|^parts', (SOURCE / "web/templates" / name).read_text())
]
PRODUCT = "Symphony Connect"
GONE = ("unknown", "expired", "ended")
"""What becomes of a link."""


def marks(message: str) -> tuple[list[str], int]:
    """What a translation must hold as well: its placeholders, and paired asterisks."""
    return sorted(set(re.findall(r"\{\w+\}", message))), message.count("**") % 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_catalogue_says_the_same_things(language: str) -> None:
    english = catalogue("en")
    assert catalogue(language).keys() == english.keys()
    assert {key: marks(text) for key, text in catalogue(language).items()} == {
        key: marks(text) for key, text in english.items()
    }
    assert all(text.strip() for text in catalogue(language).values())


def test_there_are_three_languages_and_english_is_the_first() -> None:
    assert LANGUAGES == ("en", "de", "fr")


@pytest.mark.parametrize("language", [name for name in LANGUAGES if name != "en"])
def test_sentences_are_translated(language: str) -> None:
    same = {key for key, text in catalogue(language).items() if " " in text and text == catalogue("en")[key]}
    assert same == set()


@pytest.mark.parametrize("name", platforms())
def test_a_platforms_words_are_complete(name: str) -> None:
    words = messages.platform_words(name)
    kinds = {f"kind.{kind}" for kind in facts(name).asset_kinds}
    for language in LANGUAGES:
        assert set(words[language]) - {"before"} == {*words["asks"], *kinds, "end"}
        assert ("before" in words[language]) == ("before" in words["en"])


@pytest.mark.parametrize("name", OWNERS)
def test_no_sentence_stands_in_a_template(name: str) -> None:
    text = (SOURCE / "web/templates" / name).read_text("utf-8")
    for code in (r"\{#.*?#\}", r"\{%.*?%\}", r"\{\{.*?\}\}", r"<[^>]*>"):
        text = re.sub(code, " ", text, flags=re.DOTALL)
    assert re.findall(r"[^\W\d_]{2,}", text.replace(PRODUCT, "")) == []


def test_every_message_that_is_said_exists_and_every_one_is_said() -> None:
    source = "\n".join(path.read_text("utf-8") for kind in ("*.py", "*.html") for path in (SOURCE / "web").rglob(kind))
    said = set(re.findall(r'"([a-z]+(?:\.[a-z]+)*)"', source))
    said |= {f"{key}.{form}" for key in said for form in ("one", "other", "only")}
    kinds = {*KINDS.values(), *GONE, "setup", "declined", *(key for key in said if key.startswith("deletion."))}
    said |= {f"{kind}.{part}" for kind in kinds for part in ("title", "text")}
    said |= {f"account.{status}" for status in said} | {f"ask.{key}" for key in said}
    assert set(catalogue("en")) - said == set()
    assert set(re.findall(r'\bt(?:\.plain)?\("([a-z][a-z.]+)"', source)) - set(catalogue("en")) == set()


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-CH, en;q=0.5", "de"),
        ("tlh, fr-CA;q=0.8, de;q=0.9", "de"),
        ("es, it", "en"),
        ("de;q=0, fr;q=0.1", "fr"),
        ("*", "en"),
        ("de;q=x, fr;;, \x00", "de"),
        ("," * 5_000, "en"),
    ],
)
def test_the_browsers_preference_is_followed(header: str, language: str) -> None:
    assert preferred(header) == language


def test_names_cannot_speak_for_us() -> None:
    said = Speaker("en", asker="<b>**{platform}")("waiting.title", platform="**<i>{asker}**")
    assert said == "Finish in the <bdi>**&lt;i&gt;{asker}**</bdi> window"


@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_a_name_that_ends_in_a_full_stop_ends_the_sentence_too(language: str) -> None:
    """`done.as` and `wrong.switch` end in a name, or go on after it."""
    for key in ("done.as", "expired.ask", "wrong.switch", "done.until"):
        values = {"asker": "Ada L.", "person": "Ada L.", "now": "Ada L.", "platform": "Place", "time": "soon"}
        assert ".." not in Speaker(language).plain(key, **values)


@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_one_of_one_is_not_counted(language: str) -> None:
    speaker = Speaker(language)
    assert not re.search(r"\d", speaker.count("done.used", 1, of=1))
    assert re.search(r"1\D+2", speaker.count("done.used", 1, of=2))


def test_numbers_follow_the_language() -> None:
    assert Speaker("en").count("confirm.use", 0) == "Use 0 ad accounts"
    assert Speaker("en").count("confirm.use", 1) == "Use 1 ad account"
    assert Speaker("fr").count("confirm.use", 0) == "Utiliser 0 compte publicitaire"


def test_catalogues_hold_no_key_twice() -> None:
    for path in (*Path(messages.FOLDER).glob("*.json"), *SOURCE.glob("platforms/*/words.json")):
        json.loads(path.read_text("utf-8"), object_pairs_hook=unique)


def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    assert len(dict(pairs)) == len(pairs), [key for key, _ in pairs]
    return dict(pairs)


@pytest.mark.parametrize("name", platforms())
def test_a_platforms_mark_is_that_of_the_place_people_sign_in_at(name: str) -> None:
    logo = (SOURCE / "platforms" / name / "logo.svg").read_text("utf-8")
    label = re.search(r'aria-label="([^"]+)"', logo)
    assert label is not None
    assert label[1] in facts(name).login_name


@pytest.mark.parametrize("name", platforms())
def test_a_permission_whose_id_says_nothing_has_a_name(name: str) -> None:
    """Ids of digits alone are for machines."""
    asked = messages.platform_words(name)["asks"].values()
    scopes = [*facts(name).scopes, *(scope for some in asked for scope in some)]
    assert [scope for scope in scopes if scope.isdigit() and not permission(name, scope)] == []
