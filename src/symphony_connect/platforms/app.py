"""The app that an operator registered at a platform: its id and secret, read and checked."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection
from dataclasses import dataclass

from symphony_connect.base.env import Env
from symphony_connect.base.errors import ConfigError
from symphony_connect.base.model import Secret


@dataclass(frozen=True)
class App:
    """Without id or secret nobody can sign in; `missing` names the settings to set."""

    id: str
    secret: Secret
    missing: tuple[str, ...]


@dataclass(frozen=True)
class IdForm:
    """What an app id looks like at one platform: a regular expression, and words with an example."""

    pattern: str
    words: str


_REFUSED = re.compile(
    r"\b(?:api access|app|application|app[_ ]id|developer(?: account| profile)?)\b[^.]*"
    r"\b(?:deactivated|deleted|disabled|suspended|blocked|banned|restricted|inactive|not active|not approved|"
    r"not exist|removed from|unavailable|in development mode)\b",
    re.IGNORECASE,
)
_PERSON = re.compile(r"\b(?:user|person|owner|advertiser|account owner|authori[sz]ed)\b", re.IGNORECASE)


def refused(message: str) -> bool:
    """Whether a platform's words say that it refuses the app as a whole, whatever its error code.

    Such as "API access deactivated", "Application has been deleted", "The app is temporarily disabled".
    A sentence that also names the person is left to its code.
    """
    return bool(_REFUSED.search(message)) and not _PERSON.search(message)


NUMBER = IdForm(r"[0-9]{5,20}", "the app's number, 5 to 20 digits")


def load(env: Env, sandbox_ids: Collection[str], production: bool, form: IdForm) -> App:
    """APP_ID and APP_SECRET. Raises ConfigError when one is malformed or alone, or the id a sandbox's in production."""
    app_id, secret = env.get("APP_ID"), env.get("APP_SECRET")
    if app_id and not re.fullmatch(form.pattern, app_id):
        raise ConfigError(f"{env.name('APP_ID')} must be {form.words}, not {app_id!r}.")
    if production and app_id in sandbox_ids:
        raise ConfigError(f"{env.name('APP_ID')} is the sandbox's app; production needs your own.")
    if not re.fullmatch(r"[!-~]*", secret):
        raise ConfigError(f"{env.name('APP_SECRET')} holds a space or a letter beyond ASCII; copy it again.")
    missing = tuple(env.name(key) for key, value in (("APP_ID", app_id), ("APP_SECRET", secret)) if not value)
    if len(missing) == 1:
        raise ConfigError(f"{missing[0]} is missing; an app has both an id and a secret. Set it, or neither.")
    return App(app_id, Secret(secret), missing)


def calls_per_second(env: Env, granted: float) -> float:
    """CALLS_PER_SECOND: what the platform grants this app, `granted` unless set. Raises ConfigError."""
    text = env.get("CALLS_PER_SECOND")
    if not text:
        return granted
    if not re.fullmatch(r"[0-9]{1,5}(\.[0-9]{1,3})?", text) or not 0.01 <= float(text) <= 10_000:
        raise ConfigError(f"{env.name('CALLS_PER_SECOND')} is a number from 0.01 to 10000, such as 10, not {text!r}.")
    return float(text)


def words(env: Env, key: str, default: str, pattern: str, example: str, known: Collection[str] = ()) -> tuple[str, ...]:
    """A setting that lists words, separated by commas or spaces, each matching `pattern` and one of `known`, if any.

    Raises ConfigError, with the nearest known word where one is near.
    """
    found = tuple(dict.fromkeys(word for word in re.split(r"[,\s]+", env.get(key, default)) if word))
    for word in found:
        if not re.fullmatch(pattern, word):
            raise ConfigError(f"{env.name(key)} lists words such as {example}; {word!r} is none.")
        if known and word not in known:
            near = difflib.get_close_matches(word, sorted(known), 1, 0.6)
            meant = f"did you mean {near[0]}?" if near else f"known are: {', '.join(sorted(known))}."
            raise ConfigError(f"{env.name(key)} asks for {word}, which the platform does not offer; {meant}")
    return found


def scopes(env: Env, default: str, pattern: str, needed: tuple[str, ...]) -> tuple[str, ...]:
    """SCOPES, for a platform that adds scopes too often for a list of them: `needed` are there, and none is a
    misspelt one of `default`.

    Raises ConfigError.
    """
    found = words(env, "SCOPES", default, pattern, needed[0])
    usual = [word for word in re.split(r"[,\s]+", default) if word]
    for word in found:
        if word not in usual and (near := difflib.get_close_matches(word, usual, 1, 0.85)):
            raise ConfigError(f"{env.name('SCOPES')} asks for {word}; did you mean {near[0]}?")
    if missing := [word for word in needed if word not in found]:
        raise ConfigError(f"{env.name('SCOPES')} must hold {missing[0]}, without which no connection works.")
    return found
