"""The Google Ads Query Language, as far as it is needed: SELECT, FROM, WHERE, ORDER BY, LIMIT over plain fields."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from symphony_connect.platforms.google_ads.sandbox.errors import Refusal

Row = Mapping[str, Mapping[str, Any]]
DAYS = {"TODAY": (0, 0), "YESTERDAY": (1, 1), "LAST_7_DAYS": (7, 1), "LAST_30_DAYS": (30, 1)}
"""How many days before today each span begins and ends."""
MOST_DAYS = 400
_QUERY = re.compile(
    r"\s*SELECT\s+(?P<fields>[\w.,\s]+?)\s+FROM\s+(?P<what>\w+)(?:\s+WHERE\s+(?P<where>.+?))?"
    r"(?:\s+ORDER\s+BY\s+(?P<order>[\w.,\s]+?))?(?:\s+LIMIT\s+(?P<limit>[0-9]{1,6}))?(?:\s+PARAMETERS\s+.+)?\s*",
    re.IGNORECASE | re.DOTALL,
)
_AND = re.compile(r"\s+AND\s+(?=[a-z_]+\.)", re.IGNORECASE)
_CONDITION = re.compile(
    r"(?P<field>[\w.]+)\s*(?P<how>=|!=|>=|<=|>|<|NOT\s+IN\b|IN\b|DURING\b|BETWEEN\b)\s*(?P<value>.+)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class Query:
    fields: tuple[str, ...]
    what: str
    """The resource, in lower-case letters."""
    conditions: tuple[tuple[str, str, tuple[str, ...]], ...]
    """Field, operator in capital letters, and what it is compared with."""
    order: tuple[str, bool] | None
    """A field, and whether from the highest down."""
    limit: int | None

    @property
    def names(self) -> frozenset[str]:
        """Every field that is asked for or compared."""
        return frozenset(self.fields) | {field for field, _, _ in self.conditions}

    def chosen(self, rows: Iterable[Row]) -> list[Row]:
        """Those that meet the conditions, in order."""
        found = [row for row in rows if all(_meets(row, *each) for each in self.conditions)]
        if self.order:
            field, down = self.order
            found.sort(key=lambda row: _comparable(value_of(row, field)), reverse=down)
        return found[: self.limit]

    def days(self, today: date) -> tuple[date, date]:
        """The first and the last day that `segments.date` is narrowed to. Raises Refusal."""
        first, last = today - timedelta(days=30), today
        for field, how, values in self.conditions:
            if field != "segments.date":
                continue
            if how == "DURING":
                if values[0].upper() not in DAYS:
                    raise Refusal("BAD_VALUE", f"invalid date range {values[0]}")
                first, last = (today - timedelta(days=count) for count in DAYS[values[0].upper()])
            else:
                first, last = _narrowed(first, last, how, values)
        return max(first, last - timedelta(days=MOST_DAYS)), last


def parsed(text: str) -> Query:
    """Raises Refusal."""
    found = _QUERY.fullmatch(text)
    if found is None:
        raise Refusal("BAD_RESOURCE_TYPE_IN_FROM_CLAUSE")
    order = (found["order"] or "").split(",")[0].split()
    return Query(
        fields=tuple(field.strip() for field in found["fields"].split(",")),
        what=found["what"].lower(),
        conditions=tuple(_condition(part) for part in _AND.split(found["where"])) if found["where"] else (),
        order=(order[0], order[-1].upper() == "DESC") if order else None,
        limit=int(found["limit"]) if found["limit"] else None,
    )


def value_of(row: Row, field: str) -> Any:
    """The value of a field such as `campaign.id`. Raises Refusal for one of another resource."""
    resource, _, name = camel(field).partition(".")
    if resource not in row:
        raise Refusal("UNRECOGNIZED_FIELD", field)
    return row[resource].get(name)


def camel(field: str) -> str:
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), field)


def _condition(text: str) -> tuple[str, str, tuple[str, ...]]:
    found = _CONDITION.fullmatch(text.strip())
    if found is None:
        raise Refusal("BAD_VALUE", f"unexpected input {text.strip()[:40]}")
    how, value = " ".join(found["how"].upper().split()), found["value"].strip()
    if how in ("IN", "NOT IN"):
        parts = value.strip("()").split(",")
    elif how == "BETWEEN":
        parts = re.split(r"\s+AND\s+", value, flags=re.IGNORECASE)
    else:
        parts = [value]
    return found["field"], how, tuple(part.strip().strip("'\"") for part in parts)


def _meets(row: Row, field: str, how: str, values: tuple[str, ...]) -> bool:
    if field == "segments.date":
        return True  # the rows are of these days already
    is_now = value_of(row, field)
    match how:
        case "=" | "IN":
            return str(is_now) in values
        case "!=" | "NOT IN":
            return str(is_now) not in values
        case "BETWEEN":
            return _comparable(values[0]) <= _comparable(is_now) <= _comparable(values[-1])
        case ">" | ">=":
            return _comparable(is_now) > _comparable(values[0]) or (how == ">=" and str(is_now) == values[0])
        case "<" | "<=":
            return _comparable(is_now) < _comparable(values[0]) or (how == "<=" and str(is_now) == values[0])
    raise Refusal("BAD_VALUE", f"operator {how} does not go with {field}")


def _comparable(value: Any) -> tuple[int, str]:
    """Numbers by their size, also as text; every other text after them."""
    text = str(value)
    return (int(text), "") if text.lstrip("-").isdigit() else (10**18, text)


def _narrowed(first: date, last: date, how: str, values: tuple[str, ...]) -> tuple[date, date]:
    try:
        days = [date.fromisoformat(value) for value in values]
    except ValueError:
        raise Refusal("BAD_VALUE", f"invalid date {values[0]}") from None
    match how:
        case "=":
            return days[0], days[0]
        case "BETWEEN":
            return days[0], days[-1]
        case ">=" | ">":
            return days[0], last
        case "<=" | "<":
            return first, days[0]
    raise Refusal("BAD_VALUE", f"operator {how} does not go with segments.date")
