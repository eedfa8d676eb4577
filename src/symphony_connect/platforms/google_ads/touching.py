"""Which customers a call to the Google Ads API touches: that of its path, and every one that it names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from symphony_connect.platforms.proxied import Call, Touched

VERSION = re.compile(r"v[0-9]{2}")
SEARCHES = frozenset({"googleAds:search", "googleAds:searchStream"})
LOOK_UPS = re.compile(r"googleAdsFields:search|(geoTargetConstants|keywordThemeConstants):suggest")
METADATA = re.compile(rf"{LOOK_UPS.pattern}|googleAdsFields/[a-z_.]+")
"""Below the version: what Google itself has, the same for everybody; LOOK_UPS are sent by POST."""
VERBS = re.compile(r"mutate|(upload|generate|suggest)[A-Za-z]+")
"""Of a customer itself. `createCustomerClient` makes an account that is in no bounds."""
WIDER = re.compile(
    r"(customerClientLinks|customerManagerLinks|customerUserAccess(es|Invitations)|accountLinks|dataLinks|"
    r"productLinks|productLinkInvitations|paymentsAccounts|billingSetups|invoices)\b.*"
)
"""What joins a customer to other customers, to people or to who pays."""
SYSTEM = frozenset({"alt", "fields", "prettyPrint", "quotaUser", "callback"})
"""Parameters that every Google API takes, with and without `$` before them."""
DEEPEST = 40
_DIGITS = re.compile(r"[0-9]{1,20}")
_NAMED = re.compile(r"customers/([0-9]+)")
_FIRST = re.compile(r"[\s/]*(?:googleads\.googleapis\.com/)?customers/([^/\s]*)")
_CUSTOMER = re.compile(r"customer(id|ids)?$")
_HIERARCHY = re.compile(r"customer_(client|manager)")


def customer(call: Call) -> str:
    """The customer in the path; empty where it names none."""
    parts = call.segments
    id = parts[2].partition(":")[0] if len(parts) > 2 and parts[1] == "customers" else ""
    return id if _DIGITS.fullmatch(id) else ""


def is_search(call: Call) -> bool:
    """Whether it is one of the queries that are sent by POST."""
    parts = call.segments
    if len(parts) == 4 and customer(call) == parts[2]:
        return parts[3] in SEARCHES
    return bool(LOOK_UPS.fullmatch("/".join(parts[1:])))


def odd(call: Call) -> bool:
    """Whether query or form hold a parameter that is not known to change only how the answer looks."""
    if call.form:
        return True
    names = {name for name, _ in call.query}
    return any(
        name.startswith(("$", ".", "x-", "X-", "_")) and name.removeprefix("$") not in SYSTEM for name in names
    ) or (call.method == "POST" and not {name.removeprefix("$") for name in names} <= SYSTEM)


def touched(call: Call) -> Touched:
    """By path, `linked-customer-id`, resource names, and the fields that hold a customer's id."""
    named = frozenset(_ids(call))
    below = "/".join(call.segments[1:])
    if METADATA.fullmatch(below) and not odd(call):
        return Touched(named)
    id = customer(call)
    if not id:
        return Touched(named, unknown="the path names no customer, as customers/1234567890/… does")
    return Touched(named | {id}, unknown=_why(call))


def _why(call: Call) -> str:
    """Why a call for one customer may reach others; empty where it does not."""
    first, *rest = call.segments[2:]
    verb = first.partition(":")[2]
    if odd(call):
        return "the query holds parameters that the call does not have"
    if ":" in first and (rest or not VERBS.fullmatch(verb)):
        return f"customers:{verb} reaches beyond one customer"
    if rest and WIDER.fullmatch("/".join(rest)):
        return f"{rest[0].partition(':')[0]} join a customer to others"
    if any(_HIERARCHY.search(text.lower()) for _, text in _texts(call)) and is_search(call):
        return "the query asks for other customers; GET /brands/{brandId}/connections/{platform} lists ad accounts"
    return ""


def _ids(call: Call) -> Iterator[str]:
    for value in call.sent("linked-customer-id"):
        yield value.replace("-", "")
    searching = is_search(call)
    for _, text in (*call.query, *call.form):
        yield from _NAMED.findall(text)
    for name, text in _texts(call):
        plain = re.sub(r"[^a-z]", "", name.lower())
        if _CUSTOMER.search(plain) and _DIGITS.fullmatch(text.strip().replace("-", "")):
            yield text.strip().replace("-", "")
        if searching:
            yield from _NAMED.findall(text)
        elif found := _FIRST.match(text):
            yield found[1]


def _texts(call: Call) -> Iterator[tuple[str, str]]:
    """Every text and number that is sent, with the name of the field it stands in."""
    yield from call.query
    yield from call.form
    if isinstance(call.json, dict | list):
        yield from _inside(call.json, "", DEEPEST)


def _inside(value: Any, name: str, depth: int) -> Iterator[tuple[str, str]]:
    if depth == 0:
        yield "customerId", "0"  # nested too deeply to be read: a customer that is in no bounds
    elif isinstance(value, dict):
        for key, each in value.items():
            yield "", str(key)
            yield from _inside(each, str(key), depth - 1)
    elif isinstance(value, list):
        for each in value:
            yield from _inside(each, name, depth - 1)
    elif value is not None and not isinstance(value, bool):
        yield name, str(value)
