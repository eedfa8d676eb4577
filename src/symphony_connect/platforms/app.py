"""The app an operator registered at a platform: its id and secret, read and checked alike for all platforms."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection
from dataclasses import dataclass

from symphony_connect.base.config import Env
from symphony_connect.base.errors import ConfigError
from symphony_connect.base.model import Secret


@dataclass(frozen=True)
class App:
    """Without id or secret nobody can sign in; `missing` names the settings that would change it."""

    id: str
    secret: Secret
    missing: tuple[str, ...]


def load(env: Env, sandbox_ids: Collection[str], production: bool) -> App:
    """APP_ID and APP_SECRET. Raises ConfigError when one is malformed or alone, or the id a sandbox's in production."""
    app_id, secret = env.get("APP_ID"), env.get("APP_SECRET")
    if app_id and not re.fullmatch(r"[0-9]{5,20}", app_id):
        raise ConfigError(f"{env.name('APP_ID')} must be the app's number, 5 to 20 digits, not {app_id!r}.")
    if production and app_id in sandbox_ids:
        raise ConfigError(f"{env.name('APP_ID')} is the sandbox's app; production needs your own.")
    if not re.fullmatch(r"[!-~]*", secret):
        raise ConfigError(f"{env.name('APP_SECRET')} holds a space or a letter beyond ASCII; copy it again.")
    missing = tuple(env.name(key) for key, value in (("APP_ID", app_id), ("APP_SECRET", secret)) if not value)
    if len(missing) == 1:
        raise ConfigError(f"{missing[0]} is missing; an app has both an id and a secret. Set it, or neither.")
    return App(app_id, Secret(secret), missing)


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
