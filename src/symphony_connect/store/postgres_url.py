"""SYMPHONY_DATABASE_URL for PostgreSQL: which servers it names, and what of it the driver understands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from symphony_connect.base.errors import ConfigError

Host = tuple[str | None, int]
"""Name or address, and port. None: what the driver finds in PGHOST, or the local socket."""

NOT_OURS = (
    "channel_binding",
    "connect_timeout",
    "fallback_application_name",
    "gssencmode",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "load_balance_hosts",
    "require_auth",
    "requiressl",
    "sslcompression",
    "sslsni",
    "tcp_user_timeout",
)
"""Parameters of PostgreSQL's C library that this service's driver does not have."""
ENCODED = (
    "In SYMPHONY_DATABASE_URL, write special characters of the user name and the password percent-encoded: "
    "@ as %40, : as %3A, / as %2F, ? as %3F, # as %23, [ as %5B, ] as %5D, % as %25."
)


@dataclass(frozen=True)
class Address:
    """Where to connect, and how."""

    hosts: tuple[Host, ...]
    options: dict[str, Any]
    """For `asyncpg.connect`, without host and port."""
    prepares: bool
    """Whether statements stay prepared in a session. Not behind a pooler that changes sessions between transactions."""


def parsed(url: str) -> Address:
    """Raises ConfigError; its sentence never holds the password."""
    try:
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    except ValueError as error:
        raise ConfigError(ENCODED) from error
    who, _, where = parts.netloc.rpartition("@")
    beyond = parts.path + parts.query + parts.fragment
    if "@" in who or "@" in beyond or parts.fragment or re.search(r"%(?![0-9A-Fa-f]{2})", who):
        raise ConfigError(ENCODED)
    for name in NOT_OURS:
        if name in query:
            raise ConfigError(f"SYMPHONY_DATABASE_URL: {name} is not supported; take it out of the URL.")
    cached = query.pop("statement_cache_size", "")
    if cached not in ("", "0"):
        raise ConfigError("SYMPHONY_DATABASE_URL: statement_cache_size may only be 0, or left out.")
    hosts = _hosts(query.pop("host", "") or where, query.pop("port", ""))
    return Address(hosts, _options(who, parts.path, query), prepares=not cached)


def _hosts(text: str, ports: str) -> tuple[Host, ...]:
    """`db1:5432,db2`, and libpq's `port=5432,5433` for those that name none."""
    names = [name for name in text.split(",") if name]
    if not names:
        return ((None, 0),)
    given = ports.split(",") if ports else ["5432"]
    if len(given) not in (1, len(names)):
        raise ConfigError("SYMPHONY_DATABASE_URL must name one port, or one for each host.")
    defaults = given * len(names) if len(given) == 1 else given
    return tuple(_host(name, default) for name, default in zip(names, defaults, strict=True))


def _host(text: str, default: str) -> Host:
    found = re.fullmatch(r"(?P<name>\[[0-9A-Fa-f:.%]+\]|[^:\[\]]+)(:(?P<port>[0-9]*))?", text)
    port = (found and found["port"]) or default
    if not found or not re.fullmatch(r"[0-9]{1,5}", port) or not 0 < int(port) < 65536:
        raise ConfigError(
            "SYMPHONY_DATABASE_URL must look like postgresql://user:password@host:5432/database, "
            f"with a port from 1 to 65535. {ENCODED}"
        )
    return unquote(found["name"].strip("[]")), int(port)


def _options(who: str, path: str, query: dict[str, str]) -> dict[str, Any]:
    user, _, password = who.partition(":")
    plain = {
        "user": query.pop("user", "") or unquote(user),
        "password": query.pop("password", "") or unquote(password),
        "database": query.pop("dbname", "") or query.pop("database", "") or unquote(path.removeprefix("/")),
    }
    options: dict[str, Any] = {name: value for name, value in plain.items() if value}
    if query.get("target_session_attrs", "any") not in ("any", "primary", "read-write"):
        raise ConfigError(
            "SYMPHONY_DATABASE_URL: target_session_attrs must be read-write, primary or any: this service writes."
        )
    for name in ("target_session_attrs", "krbsrvname", "gsslib"):
        if value := query.pop(name, ""):
            options[name] = value
    # The driver takes certificates, and the server's own parameters, from a URL alone.
    options["dsn"] = f"postgresql:///?{urlencode(query)}" if query else None
    return options
