"""Ad platforms, discovered: every folder here with a `platform.py` is one."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType


def names() -> list[str]:
    """The folders under `platforms/`, in alphabetical order."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if module.ispkg)


def module(name: str, part: str) -> ModuleType:
    """`platforms/<name>/<part>.py`; `part` is `platform` or `sandbox`."""
    return importlib.import_module(f"{__name__}.{name}.{part}")
