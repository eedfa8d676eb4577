"""Platforms for tests that need one of some kind: those of which `tests/platforms/<name>/contract.py` says enough."""

from __future__ import annotations

from tests.platforms.contract import all_having, facts

KNOWN = all_having("DEEDS", "INSPECTED", "LIMIT", "READ", "RENEWAL_DUE", "RENEWED", "UNREADABLE")
ANY, OTHER = [name for name in KNOWN if facts(name).revokes][:2]
"""Two platforms, for tests in which any will do that can be asked to end a grant."""
LASTING = next(name for name in KNOWN if facts(name).revokes and not facts(name).refresh_tokens_work_once)
"""A platform whose refresh tokens do not end by being used, if it has any, and that can be asked to end a grant."""
ROTATING = next(
    name
    for name in all_having("BUSY", "ENDS_OLD", "SAYS_LITTLE", "SPENT", "WRONG_SECRET")
    if name in KNOWN and facts(name).refresh_tokens_work_once
)
"""A platform whose refresh tokens work once."""
