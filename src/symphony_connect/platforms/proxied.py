"""What the proxy asks of a platform: how a call carries the token, what it touches, and what its answer says.

The defaults fit an API that takes a bearer token and changes nothing by GET. A platform that is reached through the
proxy overrides what differs in `platforms/<name>/proxy.py`, and hands it out as `Platform.proxied`.
"""
# ruff: noqa: ARG002 - a default need not look at what the platforms that override it do

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from symphony_connect.base.model import Grant

Pairs = list[tuple[str, str]]
NOTHING: Any = object()
"""The `json` of a call that carries none."""
READS = frozenset({"GET", "HEAD"})


def plain_name(name: str) -> str:
    """A parameter's name as a lenient parser may read it: `ids` of ` IDS`, `ids[0]`, `_ids` and `ids` before a NUL."""
    return re.split(r"[\[\0]", name, maxsplit=1)[0].strip(" ._\t\r\n\v\f").lower()


@dataclass
class Call:
    """One call to a platform's API, as far as the service looked into it."""

    method: str
    """In capital letters."""
    path: str
    """What follows the host, decoded, without the slash at its beginning."""
    query: Pairs = field(default_factory=list)
    form: Pairs = field(default_factory=list)
    """The text fields of a form in the body."""
    json: Any = NOTHING
    overrides: tuple[str, ...] = ()
    """Methods that header fields such as `X-HTTP-Method-Override` ask for, in capital letters."""
    opaque: bool = False
    """Whether it has a body that was not looked into."""
    headers: Pairs = field(default_factory=list)
    """The header fields that go on, names in lower-case letters."""
    raw_path: str = ""
    """The path as it came, percent-encoded: what is sent where `Proxied.keeps_encoding`."""

    @property
    def segments(self) -> list[str]:
        return [part for part in self.path.split("/") if part]

    def params(self) -> Iterator[tuple[str, Any]]:
        """Every parameter, wherever it stands: names may come twice."""
        yield from self.query
        yield from self.form
        if isinstance(self.json, dict):
            yield from self.json.items()

    def sent(self, name: str) -> list[str]:
        """The values of a header field, given in lower-case letters."""
        return [value.strip() for each, value in self.headers if each == name]


@dataclass(frozen=True)
class Touched:
    """The ad accounts that a call reads or changes."""

    accounts: frozenset[str] = frozenset()
    """By their ids, as `ad_accounts` lists them."""
    objects: frozenset[str] = frozenset()
    """Ids of objects whose ad account only the platform knows: it is asked by `lookup`."""
    unknown: str = ""
    """Why nobody can say which, in words; a key that is bounded to ad accounts is then refused."""

    def __or__(self, other: Touched) -> Touched:
        return Touched(self.accounts | other.accounts, self.objects | other.objects, self.unknown or other.unknown)


@dataclass(frozen=True)
class Usage:
    """How much of what the platform allows is used up, in percent, as an answer's header says."""

    app: float | None = None
    app_wait: int = 0
    """Milliseconds until the app may call again, where the platform says so; 0 where it does not."""
    others: Mapping[str, tuple[float, int]] = field(default_factory=dict)
    """The same by name of `limits`, which is mostly an ad account: percent and milliseconds."""


class Proxied:
    """One platform's API behind the proxy. Nothing is remembered between calls."""

    credentials: ClassVar[frozenset[str]] = frozenset({"access_token"})
    """Parameters, and fields of JSON bodies, in which clients send their own token or proof. They are taken out."""
    header: ClassVar[str] = "authorization"
    """The header field in which clients of this platform send a token."""
    shapes: ClassVar[re.Pattern[bytes] | None] = None
    """What tokens of this platform look like; whatever looks so is masked in answers."""
    special: ClassVar[frozenset[str]] = frozenset()
    """Parameters that decide what a call does. Spelt in any other way, a bounded key may not send them."""
    own: ClassVar[frozenset[str]] = frozenset()
    """Header fields beside the credentials, in lower-case letters, that this service puts in: a client's are left
    out."""
    keeps_encoding: ClassVar[bool] = False
    """Whether percent-encoding tells data from structure in paths and parameters, as in Rest.li. Both are then sent
    on as they came: `Call.query` and `Call.form` hold values that are still encoded."""

    def __init__(self, root: str) -> None:
        """`root`: scheme, host and what else stands before the path of every call, without a slash at its end."""
        self.root = root

    def refusal(self, call: Call) -> str:
        """Why no key may make this call, in words that say what to do instead; empty where one may."""
        return ""

    def signed(self, call: Call, grant: Grant) -> dict[str, str]:
        """Puts the token in: into the call's parameters, or into the header fields that are returned."""
        return {"authorization": f"Bearer {grant.access_token.reveal()}"}

    def secrets(self, grant: Grant) -> tuple[str, ...]:
        """Texts that must not leave in any answer."""
        refresh = grant.refresh_token.reveal() if grant.refresh_token else ""
        return tuple(filter(None, (grant.access_token.reveal(), refresh)))

    def stripped(self, call: Call) -> Call:
        """The call without the client's own credentials."""
        call.query = [pair for pair in call.query if pair[0] not in self.credentials]
        call.form = [pair for pair in call.form if pair[0] not in self.credentials]
        if isinstance(call.json, dict):
            call.json = {name: value for name, value in call.json.items() if name not in self.credentials}
        return call

    def reads(self, call: Call) -> bool:
        """Whether the call changes nothing, whichever way the platform takes it."""
        return {call.method, *call.overrides} <= READS

    def repeatable(self, call: Call) -> bool:
        """Whether a call that met a token error may be sent once more with a renewed token."""
        return call.method in READS and self.reads(call)

    def acting(self, call: Call) -> str:
        """The ad account whose `Platform.account_headers` the call carries; empty where it carries none."""
        return ""

    def touched(self, call: Call) -> Touched:
        return Touched(unknown="the ad account of a call is not known on this platform")

    def lookup(self, object_id: str) -> Call:
        """The read that says which ad account an object belongs to."""
        raise NotImplementedError

    def account_of(self, body: Any) -> str | None:
        """The ad account in the answer to a `lookup`; None where it names none."""
        return None

    def limits(self, call: Call, accounts: frozenset[str]) -> frozenset[str]:
        """Names of the limits that a call counts against beside the app's: by default its ad accounts."""
        return accounts

    def usage(self, headers: Mapping[str, str], call: Call, accounts: frozenset[str]) -> Usage:
        """What an answer's header fields say of the limits that the call counted against."""
        return Usage()

    def failure(self, status: int, headers: Mapping[str, str], body: Any, now: int) -> Exception | None:
        """The PlatformError that an answer means; None for a success. `body` is its JSON, None where it has none."""
        return None
