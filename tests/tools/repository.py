"""The repository as the house tests read it: its files, its modules and what they import."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = "symphony_connect"
SOURCE = ROOT / "src" / PACKAGE


@cache
def files() -> list[Path]:
    """What git keeps or would keep, relative to the root."""
    git = ["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(git, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return sorted({Path(name) for name in listed if name and (ROOT / name).is_file()})


@cache
def text(path: Path) -> str:
    """A file's text; empty for pictures and the like."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


@cache
def modules() -> dict[str, Path]:
    """Our modules below the package, such as `store.db`; a package's `__init__` goes by the package's name."""
    found = {}
    for path in SOURCE.rglob("*.py"):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        found[".".join(part for part in parts if part != "__init__")] = path
    return found


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(text(path), str(path))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Every node of a module's tree."""
    return tuple(ast.walk(tree(path)))


@cache
def imports(module: str) -> frozenset[str]:
    """Everything a module imports anywhere in it: ours without the package's name, others as written."""
    return frozenset(_imports(module))


def _imports(module: str) -> Iterator[str]:
    path = modules()[module]
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (_ours(alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*([PACKAGE] if node.level else []), *above, *([node.module] if node.module else [])])
            yield from (_from(_ours(base), alias.name) for alias in node.names)


@cache
def platforms() -> list[str]:
    """The platforms' folders."""
    return sorted(path.parent.name for path in SOURCE.glob("platforms/*/__init__.py"))


def _ours(name: str) -> str:
    return "." + name.removeprefix(PACKAGE).lstrip(".") if name.split(".")[0] == PACKAGE else name


def _from(base: str, name: str) -> str:
    inner = f"{base.rstrip('.')}.{name}"
    return inner if inner.removeprefix(".") in modules() else base
