"""Settings: from the environment, checked once at the start. Nothing else reads the environment."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from symphony_connect.base.branding import Branding, load_branding
from symphony_connect.base.clock import Clock, FileClock, system_clock
from symphony_connect.base.env import Env, is_absolute
from symphony_connect.base.errors import ConfigError
from symphony_connect.base.model import Secret

Networks = tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL, as a browser writes an origin (no default port)."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    default = {"http": 80, "https": 443}.get(parts.scheme)
    port = f":{parts.port}" if parts.port and parts.port != default else ""
    return f"{parts.scheme}://{host}{port}"


def is_loopback(url: str) -> bool:
    return (urlsplit(url).hostname or "") in LOOPBACK


@dataclass(frozen=True)
class Settings:
    """All settings but the platforms' own, which their folders read from `env`."""

    env: Env
    data_dir: Path
    database_url: Secret
    """It may hold a password."""
    public_url: str
    allowed_origins: tuple[str, ...]
    trusted_proxies: Networks
    rate_limit: int
    failure_limit: int
    webhook_networks: Networks
    """Addresses that are not public and that webhooks may be delivered to."""
    event_days: int
    audit_days: int
    audit_strict: bool
    """Whether a token read is in the audit before its answer is sent."""
    sign_in_limit: int
    master_key: Secret
    branding: Branding
    outbound_proxy: Secret
    """The URL of the HTTP proxy for calls to platforms, which may hold a password; empty for none."""
    ca_file: Path | None
    domain_files: Path | None
    """A folder whose files are answered at the root, by which platforms check that the domain is the operator's."""
    log_format: str
    log_level: str
    clock: Clock
    tends: bool = True
    """Whether a server process also keeps connections alive: `serve --no-worker` says not to."""

    @property
    def database(self) -> str:
        """Where the database is, without user, password and options."""
        url = self.database_url.reveal()
        scheme, rest = url.split("://", 1)
        return f"{scheme}://{rest.split('?', 1)[0].rpartition('@')[2]}"

    @property
    def production(self) -> bool:
        return not is_loopback(self.public_url)

    def origin_allowed(self, origin: str) -> bool:
        """Whether pages of this origin may use the SDK and be returned to.

        In development, with no list given, every loopback origin may: the documents' page then
        runs as printed. A given list is exact.
        """
        if self.allowed_origins:
            return origin in self.allowed_origins
        return not self.production and is_origin(origin) and is_loopback(origin)


def load(values: Mapping[str, str]) -> Settings:
    """Read and check. Raises ConfigError with a sentence that names the setting."""
    env = Env(values)
    public_url = env.url("PUBLIC_URL", "http://127.0.0.1:8080")
    production = not is_loopback(public_url)
    if production and not public_url.startswith("https://"):
        raise ConfigError(f"SYMPHONY_PUBLIC_URL must start with https:// unless it is loopback, not {public_url!r}.")
    if urlsplit(public_url).path:
        raise ConfigError(
            f"SYMPHONY_PUBLIC_URL names scheme and host alone, such as https://connect.example.com, not {public_url!r}."
        )
    data_dir = Path(env.get("DATA_DIR", "./symphony-data")).absolute()
    return Settings(
        env=env,
        data_dir=data_dir,
        database_url=Secret(_database_url(env, data_dir)),
        public_url=public_url,
        allowed_origins=_origins(env, production),
        trusted_proxies=_networks(env, "TRUSTED_PROXIES"),
        webhook_networks=_networks(env, "WEBHOOK_NETWORKS"),
        rate_limit=_number(env, "RATE_LIMIT", 2_000),
        failure_limit=_number(env, "FAILURE_LIMIT", 30),
        sign_in_limit=_number(env, "SIGN_IN_LIMIT", 120),
        master_key=Secret(env.get("MASTER_KEY")),
        event_days=_number(env, "EVENT_DAYS", 400),
        audit_days=_number(env, "AUDIT_DAYS", 400),
        audit_strict=_choice(env, "AUDIT_STRICT", "off", ("on", "off")) == "on",
        branding=load_branding(env, production),
        outbound_proxy=Secret(_proxy(env)),
        ca_file=Path(path).absolute() if (path := env.get("CA_FILE")) else None,
        domain_files=Path(folder).absolute() if (folder := env.get("DOMAIN_FILES")) else None,
        log_format=_choice(env, "LOG_FORMAT", "console", ("console", "json")),
        log_level=_choice(env, "LOG_LEVEL", "info", ("debug", "info", "warning", "error")),
        clock=_clock(env, production),
        tends=_choice(env, "NO_WORKER", "0", ("0", "1")) == "0",
    )


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in re.split(r"[,\s]+", text) if word)


def _choice(env: Env, key: str, default: str, allowed: tuple[str, ...]) -> str:
    value = env.get(key, default).lower()
    if value not in allowed:
        raise ConfigError(f"{env.name(key)} must be one of {', '.join(allowed)}, not {value!r}.")
    return value


def _number(env: Env, key: str, default: int) -> int:
    text = env.get(key, str(default))
    if not re.fullmatch(r"[1-9][0-9]{0,6}", text):
        raise ConfigError(f"{env.name(key)} must be a whole number from 1, such as {default}, not {text!r}.")
    return int(text)


def _networks(env: Env, key: str) -> Networks:
    try:
        return tuple(ipaddress.ip_network(word) for word in _words(env.get(key)))
    except ValueError as error:
        raise ConfigError(f"{env.name(key)} lists addresses or networks such as 10.0.0.0/8: {error}.") from error


def _proxy(env: Env) -> str:
    url = env.get("OUTBOUND_PROXY").rstrip("/")
    scheme, _, rest = url.partition("://")
    if url and (scheme not in ("http", "https") or not is_absolute(f"{scheme}://{rest.rpartition('@')[2]}")):
        raise ConfigError(
            "SYMPHONY_OUTBOUND_PROXY must be the URL of an HTTP proxy such as http://proxy.example.com:3128."
        )
    return url


def _database_url(env: Env, data_dir: Path) -> str:
    url = env.get("DATABASE_URL", f"sqlite:///{data_dir}/symphony.db")
    if not url.startswith(("sqlite:///", "postgresql://", "postgres://")):
        raise ConfigError(
            f"SYMPHONY_DATABASE_URL must start with sqlite:/// or postgresql://, not {url.split(':', 1)[0]!r}."
        )
    if not url.startswith("sqlite:"):
        _check_password(url)
    return url


def _check_password(url: str) -> None:
    """A password that holds a delimiter would be cut there, and the rest of it be taken for the host's name."""
    rest = url.split("://", 1)[1]
    head = rest.partition("?")[0]
    # An @ behind the query's beginning is the query's own, unless no host came before it.
    place = head if "@" in head or "/" in head else rest
    bad = re.search(r"[][/?#@\s]|%(?![0-9A-Fa-f]{2})", place.rpartition("@")[0])
    if bad:
        raise ConfigError(
            f"SYMPHONY_DATABASE_URL has {bad[0]!r} in its user or password, where it must be percent-encoded: "
            f"write %{ord(bad[0]):02X} instead."
        )


def is_origin(text: str) -> bool:
    """Whether the text is exactly what a browser would send as an origin."""
    try:
        return bool(re.fullmatch(r"https?://[^/\s?#@*]+", text)) and text == origin_of(text)
    except ValueError:  # no port, or no address, could look like that
        return False


def _origins(env: Env, production: bool) -> tuple[str, ...]:
    origins = _words(env.get("ALLOWED_ORIGINS"))
    for origin in origins:
        if not is_origin(origin):
            raise ConfigError(
                "SYMPHONY_ALLOWED_ORIGINS holds exact origins such as https://app.example.com, "
                f"without path, wildcard or default port; {origin!r} is none."
            )
        if production and not (origin.startswith("https://") or is_loopback(origin)):
            raise ConfigError(
                f"SYMPHONY_ALLOWED_ORIGINS must hold https:// origins in production, not {origin!r}: "
                "anybody on the way could read what its pages are handed."
            )
    return origins


def _clock(env: Env, production: bool) -> Clock:
    path = env.get("CLOCK_FILE")
    if not path:
        return system_clock
    if production:
        raise ConfigError("SYMPHONY_CLOCK_FILE moves the clock and works in development only; unset it.")
    return FileClock(Path(path))
