"""Which ad accounts a call to LinkedIn touches: that of its path, and every one that it names by URN.

URNs come encoded once, twice (inside of a Rest.li list or key) or not at all, so each text is looked at in all three.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from symphony_connect.platforms.proxied import Call, Touched

WITHIN = frozenset({"adCampaigns", "adCampaignGroups", "creatives"})
"""Below `adAccounts/{id}`: what is in one ad account."""
BY_ACCOUNT = {"adAnalytics": "accounts", "adAccountUsers": "accounts", "adBudgetPricing": "account"}
"""Read for the ad accounts that this parameter names."""
METADATA = frozenset({"adTargetingFacets", "adTargetingEntities"})
"""The same for everybody."""
DEEPEST = 40
MOST_DECODED = 4
"""How often percent-encoding is undone."""
TOO_DEEP = "\0"
_ID = re.compile(r"[0-9]{1,20}")
_ACCOUNT = re.compile(r"sponsored[^\w%]*account[^\w%]*([0-9]+)", re.IGNORECASE)
_OBJECT = re.compile(r"urn\W*li\W*sponsored\W*(campaign|creative|campaigngroup)\W*[0-9]", re.IGNORECASE)
_URNS = re.compile(r"(?:List\()?urn:li:sponsoredAccount:[0-9]+(?:,urn:li:sponsoredAccount:[0-9]+)*\)?")
_IDS = re.compile(r"(?:List\()?([0-9]+(?:,[0-9]+)*)\)?")
_USER = re.compile(r"\(account:urn:li:sponsoredAccount:[0-9]+,user:urn:li:person:[\w-]+\)")


def touched(call: Call, *, reading: bool) -> Touched:
    """`reading`: whether the call only reads."""
    texts = [text for each in _texts(call) for text in _decoded(each)]
    named = frozenset(id for text in texts for id in _ACCOUNT.findall(text))
    if TOO_DEEP in texts:
        return Touched(named, unknown="it is nested or encoded too deeply to be read")
    if any("~" in text for pair in (*call.query, *call.form) for text in _decoded(pair[1])):
        return Touched(named, unknown="a projection with ~ shows objects that are not in the ad account")
    parts = call.segments[1:]
    if call.segments[0] != "rest" or not parts:
        return Touched(named, unknown="only calls below rest/ name their ad account")
    if parts[0] in METADATA and reading:
        return Touched(named)
    if parts[0] == "adAccounts":
        ids, why = _of_accounts(call, parts)
        return Touched(named | ids, unknown=why)
    return Touched(named, unknown=_why_by_parameter(call, parts, texts, reading=reading))


def _of_accounts(call: Call, parts: list[str]) -> tuple[frozenset[str], str]:
    """`adAccounts/{id}`, what is below it, or several by `ids`; and why nobody can say which."""
    asked = [_IDS.fullmatch(unquote(str(value))) for name, value in call.params() if name == "ids" and len(parts) < 3]
    several = frozenset(id for each in asked if each for id in each[1].split(","))
    if not all(asked) or (len(parts) == 1 and (not asked or any(name == "q" for name, _ in call.params()))):
        return several, "name the ad account in the path, as rest/adAccounts/510000001 does"
    if len(parts) == 1:
        return several, ""
    id = parts[1].removeprefix("urn:li:sponsoredAccount:")
    if not _ID.fullmatch(id):
        return frozenset(), "the path names no ad account"
    if len(parts) > 2 and (parts[2] not in WITHIN or len(parts) > 4):
        return several | {id}, f"{parts[2]} is not known to stay in one ad account"
    return several | {id}, ""


def _why_by_parameter(call: Call, parts: list[str], texts: list[str], *, reading: bool) -> str:
    """Why a call that names its ad accounts by a parameter, or by its key, cannot be judged; empty where it can."""
    if parts[0] not in BY_ACCOUNT:
        return f"{parts[0]} is not known to stay in one ad account"
    if not reading:
        return f"{parts[0]} is only read with such a key"
    if any(_OBJECT.search(text) for text in texts):
        return "whose campaign, group or creative it is cannot be told; name accounts, and pivot by what you look for"
    if parts[0] == "adAccountUsers" and len(parts) == 2 and _USER.fullmatch(unquote(parts[1])):
        return ""
    given = [unquote(str(value)) for name, value in call.params() if name == BY_ACCOUNT[parts[0]]]
    if len(parts) > 1 or not given or not all(_URNS.fullmatch(value) for value in given):
        return f"the call names no {BY_ACCOUNT[parts[0]]} by urn:li:sponsoredAccount:…"
    if parts[0] == "adAccountUsers" and {value for name, value in call.params() if name == "q"} != {"accounts"}:
        return "this finder lists every ad account"
    return ""


def _decoded(text: str) -> Iterator[str]:
    """The text, and what is left of it each time its percent-encoding is undone."""
    for _ in range(MOST_DECODED):
        yield text
        before, text = text, unquote(text)
        if text == before:
            return
    yield TOO_DEEP


def _texts(call: Call) -> Iterator[str]:
    yield call.path
    for pair in (*call.query, *call.form):
        yield from pair
    if isinstance(call.json, dict | list):
        yield from _inside(call.json, DEEPEST)


def _inside(value: Any, depth: int) -> Iterator[str]:
    if depth == 0:
        yield TOO_DEEP
    elif isinstance(value, dict):
        for key, each in value.items():
            yield str(key)
            yield from _inside(each, depth - 1)
    elif isinstance(value, list):
        for each in value:
            yield from _inside(each, depth - 1)
    elif isinstance(value, str):
        yield value
