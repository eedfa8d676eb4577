"""Which ad accounts a call to the Graph API touches, as far as the call itself says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from symphony_connect.platforms.meta.batches import RESULT
from symphony_connect.platforms.proxied import Call, Touched, plain_name

EDGES = frozenset(
    re.findall(
        r"\w+",
        """
    activities adcreatives adcreativesbylabels adimages adlabels adrules_library ads adsbylabels adsets adsetsbylabels
    adspixels advideos campaigns campaignsbylabels copies customaudiences delivery_estimate delivery_sub_statuses
    generatepreviews insights leads matched_search_applications minimum_budgets previews publisher_block_lists
    reachestimate saved_audiences sessions targetingbrowse targetingsearch targetingsentencelines targetingsuggestions
    targetingvalidation thumbnails users usersreplace
    """,
    )
)
"""Edges of an ad account, and of what is in one, that do not leave it."""
EXPANDED = EDGES | {"account", "adset", "campaign", "creative", "ad", "adlabels", "source_campaign", "source_adset"}
"""Fields that may be expanded, which shows fields of other objects: these stay in the ad account."""
ACCOUNTS = re.compile(r"(?:^|_)(?:ad_)?accounts?(?:_ids?)?$|^adaccounts?$", re.IGNORECASE)
OBJECTS = re.compile(r"(?:^|_)(?:campaign|adset|ad|adgroup|creative|audience|image|video)_ids?$", re.IGNORECASE)
OBJECT = re.compile(r"[0-9]{5,20}")
_ACCOUNT = re.compile(r"act_[0-9]{1,20}")
_MENTION = re.compile(r"(?<![A-Za-z0-9])act_?([0-9]+)", re.IGNORECASE)
_IMAGE = re.compile(r"(?P<account>[0-9]{1,20}):[0-9a-f]+")
_SAFE_RESULT = re.compile(r"\{result=[\w-]+:\$(?:\.data(?:\.\*|\[[0-9]+\]))?\.id\}")
"""An id of what an earlier call in bounds answered: every other value, such as a name, may be anybody's choice."""
_VERSION = re.compile(r"v[0-9]{1,3}\.[0-9]{1,2}")
DEEPEST = 12


def path(call: Call) -> list[str]:
    """The segments without version."""
    parts = call.segments
    return parts[1:] if parts and _VERSION.fullmatch(parts[0]) else parts


def nodes(call: Call) -> list[str]:
    """What `ids` and `id` name in the place of a path."""
    named = [str(value) for name, value in call.params() if name in ("ids", "id")]
    return [part.strip(" \"'") for value in named for part in re.split(r"[,\[\]/]", value) if part.strip()]


def touched(call: Call) -> Touched:
    """By its path, and by everything it names."""
    parts, listed = path(call), nodes(call)
    if any(name in ("ids", "id") for name, _ in call.params()):
        starts, edges = listed, parts
    else:
        starts, edges = parts[:1], parts[1:]
    found = Touched(unknown="" if starts else "the path begins with no ad account and no object of one")
    for start in starts:
        found |= _node(start)
    if len(edges) > 1 or any(edge not in EDGES for edge in edges):
        found |= Touched(unknown=f"{'/'.join(edges)[:60]} may lead out of an ad account")
    return found | named(call)


def named(call: Call) -> Touched:
    """By parameters alone."""
    found = Touched()
    for name, value in call.params():
        if name == "fields":
            found |= Touched(unknown=_leads_out(value))
        for key, text in _texts(name, value, DEEPEST):
            found |= _value(key, text)
    return found


def _node(text: str) -> Touched:
    if _ACCOUNT.fullmatch(text):
        return Touched(frozenset({text}))
    if image := _IMAGE.fullmatch(text):
        return Touched(frozenset({f"act_{image['account']}"}))
    if OBJECT.fullmatch(text):
        return Touched(objects=frozenset({text}))
    if _SAFE_RESULT.fullmatch(text):
        return Touched()
    return Touched(unknown="the path begins with no ad account and no object of one")


def _value(name: str, text: str) -> Touched:
    accounts = {f"act_{number}" for number in _MENTION.findall(text)}
    results = RESULT.findall(text)
    if any(not _SAFE_RESULT.fullmatch(each) for each in results) or ("{result=" in text and not results):
        return Touched(unknown="only ids are taken from other answers of a batch: {result=name:$.id}")
    name = plain_name(name)
    if ACCOUNTS.search(name):
        accounts |= {f"act_{number}" for number in re.findall(r"[0-9]{5,}", text)}
    objects = set(OBJECT.findall(text)) if OBJECTS.search(name) else set()
    odd = name in ("relative_url", "adbatch", "asyncbatch")
    return Touched(frozenset(accounts), frozenset(objects), "a list of calls inside of a call" if odd else "")


def _texts(name: str, value: Any, depth: int) -> Iterator[tuple[str, str]]:
    """Every text and number with the name of the field it stands in, also in JSON inside of a text."""
    if depth == 0:
        yield "relative_url", ""  # nested too deeply to be read: as if it held calls
    elif isinstance(value, dict):
        for key, each in value.items():
            yield str(key), str(key)
            yield from _texts(str(key), each, depth - 1)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(name, each, depth - 1)
    else:
        yield name, str(value)
        if isinstance(value, str) and value.lstrip()[:1] in ("[", "{", '"'):
            yield from _texts(name, _json(value), depth - 1)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _leads_out(value: Any) -> str:
    """Why the fields may show more than one ad account's; empty where they do not."""
    text = value if isinstance(value, str) else json.dumps(value)
    if re.search(r"\.\s*as\s*\(", text, re.IGNORECASE):
        return "fields are renamed by .as()"
    outer = re.sub(r"\s", "", text)
    for name in re.findall(r"(\w+)(?:\.\w+\([^(){}]*\))*[{.(]", outer):
        if name not in EXPANDED and not re.search(rf"\.{name}\(", outer):
            return f"the field {name[:60]} may lead out of the ad account"
    return ""
