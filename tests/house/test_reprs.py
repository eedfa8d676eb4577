"""What opens something is not shown where an object of ours is printed, as a traceback or a debugger does."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import symphony_connect
from symphony_connect.base.redact import SECRET_NAMES

OPENING = {"key", "browser", "state", "csrf", "url"}
"""Names that tell of a secret in the classes of `ISSUES`; the words of `SECRET_NAMES` tell it everywhere."""
ISSUES = {"Made", "Start", "SignIn", "Visitor"}


def classes() -> Iterator[type[Any]]:
    for module in pkgutil.walk_packages(symphony_connect.__path__, "symphony_connect."):
        # The secrets of the look-alikes' apps open nothing, and are printed for everybody.
        look_alike = module.name.startswith("symphony_connect.platforms.") and ".sandbox." in module.name
        if module.name.endswith("__main__") or look_alike:
            continue
        for found in vars(importlib.import_module(module.name)).values():
            if dataclasses.is_dataclass(found) and isinstance(found, type) and found.__module__ == module.name:
                yield found


def test_no_secret_is_shown_by_printing_an_object() -> None:
    shown = {
        f"{each.__module__}.{each.__qualname__}.{field.name}: {field.type}"
        for each in classes()
        for field in dataclasses.fields(each)
        if field.repr
        and str(field.type) in ("str", "str | None", "bytes")
        and (SECRET_NAMES.search(field.name) or (each.__name__ in ISSUES and field.name in OPENING))
    }
    assert shown == set()
