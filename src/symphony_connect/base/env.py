"""Reads `SYMPHONY_…` settings from the environment, each also from a file, and refuses names that nobody reads."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from symphony_connect.base.errors import ConfigError
from symphony_connect.base.redact import printable

PREFIX = "SYMPHONY_"


class Env:
    """The environment's `SYMPHONY_…` settings, each also as `…_FILE`, under a common prefix."""

    def __init__(self, values: Mapping[str, str], prefix: str = PREFIX, known: set[str] | None = None) -> None:
        self._values = values
        self.prefix = prefix
        self._known = known if known is not None else set()
        """The names that were asked for so far, under any prefix."""

    def under(self, name: str) -> Env:
        """The settings of one platform: `under("META").get("APP_ID")` reads SYMPHONY_META_APP_ID."""
        return Env(self._values, f"{self.prefix}{name}_", self._known)

    def name(self, key: str) -> str:
        """The setting's full name, for sentences."""
        return self.prefix + key

    def get(self, key: str, default: str = "") -> str:
        """The value, stripped; from the file that `…_FILE` names when only that is set. Empty counts as absent."""
        name = self.name(key)
        self._known.add(name)
        value = self._values.get(name, "").strip()
        path = self._values.get(name + "_FILE", "").strip()
        if value and path:
            raise ConfigError(f"{name} and {name}_FILE are both set, and only one can count; unset the other.")
        if value:
            return value
        if not path:
            return default
        try:
            return Path(path).read_text(encoding="utf-8").strip() or default
        except (OSError, ValueError) as error:
            raise ConfigError(f"{name}_FILE names {path}, which cannot be read: {error}") from error

    def check_names(self) -> None:
        """Raises ConfigError for a setting that nothing has asked for; call it when all parts have read theirs."""
        for name in sorted(self._values):
            setting = name.removesuffix("_FILE")
            if name.startswith(PREFIX) and name not in self._known and setting not in self._known:
                file = "_FILE" * name.endswith("_FILE")
                near = difflib.get_close_matches(setting, sorted(self._known), 1, 0.6)
                meant = f"Did you mean {near[0]}{file}?" if near else "Unset it."
                raise ConfigError(f"{printable(name)} is not a setting of this version. {meant}")

    def url(self, key: str, default: str = "", *, https: bool = False) -> str:
        """An absolute http(s) URL without a trailing slash; `https` refuses plain http."""
        value = self.get(key, default).rstrip("/")
        if not value:
            return ""
        if not is_absolute(value):
            raise ConfigError(f"{self.name(key)} must be an absolute URL such as https://example.com, not {value!r}.")
        if https and not value.startswith("https://"):
            raise ConfigError(f"{self.name(key)} must start with https:// in production, not {value!r}.")
        return value


def is_absolute(url: str) -> bool:
    """Whether it is an http(s) URL with a host and without user, query and fragment."""
    try:
        parts = urlsplit(url)
        plain = not (parts.query or parts.fragment or "@" in parts.netloc or parts.port == 0)
    except ValueError:
        return False
    return plain and parts.scheme in ("http", "https") and bool(parts.hostname)
