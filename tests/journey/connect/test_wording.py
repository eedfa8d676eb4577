"""Wordings that readers stumbled over stay away, in every language and on every page."""

from __future__ import annotations

import re

import pytest

from symphony_connect.web.messages import LANGUAGES, catalogue
from tests.tools.repository import SOURCE

SAYS = {
    "en": {
        "partial.ask.other": "Ask for the {n} missing permissions",
        "blocked.title": "Your browser blocked the window",
    },
    "de": {
        "blocked.title": "Ihr Browser hat das Fenster blockiert",
        "login.close": "Sie können dieses Fenster schließen.",
        "partial.ask.other": "Die {n} fehlenden Berechtigungen anfragen",
        "none.title": "Es wurde kein Werbekonto freigegeben",
        "consent.title": "{asker} bittet um Zugriff auf die Anzeigen von {brand}",
    },
    "fr": {
        "confirm.title": "Connexion à {platform} en tant que {person}",
        "none.title": "Aucun compte publicitaire n’a été partagé",
        "else": "Utiliser un autre compte",
    },
}
CLUMSY = {
    "en": r"\bticked\b|\bwhoever\b|\bgo on\b|is over\b|no others?\.",
    "de": r"Zugang|verhindert|angehakt|kann zu\b|geht von selbst|nach dem Fehlenden|kam kein",
    "fr": r"[Ii]dentifi|comme \*\*|venu avec|S’identifier",
}
PAGES = re.compile(
    r"living|last sign\b|Nobody is needed|we warn\.|That did not work|at this path|Take it before|clock went on"
    r"|accounts that came|accounts that the sign-in|>(May|Made)<|None among|Nobody tends|Keep it<|What came"
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_native_reader_finds_nothing_odd(language: str) -> None:
    said = catalogue(language)
    assert {key: said[key] for key in SAYS[language]} == SAYS[language]
    assert {key: text for key, text in said.items() if re.search(CLUMSY[language], text)} == {}


def test_pages_say_it_in_usual_words() -> None:
    pages = [*SOURCE.rglob("templates/**/*.html"), SOURCE / "base/errors.py"]
    pages += [*(SOURCE / "web/dashboard").glob("*.py"), *(SOURCE / "web/api").glob("*.py")]
    found = {path.name: odd[0] for path in pages if (odd := PAGES.search(path.read_text("utf-8")))}
    assert found == {}
