"""Whether a key's bounds hold a call: what it touches, and whether it only reads."""

from __future__ import annotations

from symphony_connect.access.bounds import Bounds
from symphony_connect.base.errors import Problem
from symphony_connect.platforms.proxied import Call, Proxied, Touched, plain_name


def check(proxied: Proxied, bounds: Bounds, call: Call) -> Touched:
    """What the call touches, as far as the call itself says. Sends nothing.

    Raises Problem `not_proxied` for a call that a bounded key may not make, `not_found` for an ad account out of
    bounds. The objects in the answer are still to be looked up.
    """
    touched = proxied.touched(call)
    if bounds.read_only or bounds.ad_accounts is not None:
        _check_spelling(proxied, call)
    if bounds.read_only and not proxied.reads(call):
        raise Problem("not_proxied", "This key only reads, and this call may change something.")
    if bounds.ad_accounts is not None:
        if call.opaque:
            touched |= Touched(unknown="the body is larger than 1 MiB, or neither a form nor JSON")
        if touched.unknown:
            raise Problem("not_proxied", f"This key is bounded to ad accounts: {touched.unknown}.")
        for account in touched.accounts:
            check_account(bounds, account)
    return touched


def check_account(bounds: Bounds, account: str) -> None:
    """Raises Problem `not_found`: what is out of bounds is not there."""
    if not bounds.has_account(account):
        raise Problem("not_found", "There is no such ad account, or object of one.")


def _check_spelling(proxied: Proxied, call: Call) -> None:
    """A name that a platform's own parser may turn into one that decides: `method[]`, ` batch`, `_METHOD`."""
    deciding = {plain_name(each) for each in proxied.special}
    for name, _ in call.params():
        if name not in proxied.special and plain_name(name) in deciding:
            raise Problem("not_proxied", f"A bounded key sends {plain_name(name)} spelt exactly so, or not at all.")
