"""What connect.facebook.net serves to browsers: the JavaScript SDK, and the page its popup comes back to."""

from __future__ import annotations

import re
from pathlib import Path

from starlette.responses import Response

_HERE = Path(__file__).parent
_SDK = re.compile(r"/[a-z]{2}_[A-Z]{2}/sdk(/debug)?\.js")
_ARBITER = re.compile(r"/x/connect/xd_arbiter/?")
PATHS = "|".join(each.pattern.removeprefix("/") for each in (_SDK, _ARBITER))
"""Regular expression of both, without the first slash."""


def served(path: str) -> Response | None:
    """The file at this path; None for any other."""
    if _SDK.fullmatch(path):
        return Response((_HERE / "sdk.js").read_bytes(), media_type="application/javascript")
    if _ARBITER.fullmatch(path):
        return Response((_HERE / "arbiter.html").read_bytes(), media_type="text/html")
    return None
