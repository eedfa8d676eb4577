"""Nothing outside `platforms/<name>/` knows a platform's name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.tools.repository import ROOT, SOURCE, files, modules, nodes, platforms, text

ALSO_CALLED = ("facebook", "instagram")
OUTSIDE = {
    "tests/toy_platform": "a platform that is dropped into a copy of the tree",
    "tests/house/test_names.py": "this file",
}
"""Where tests may name a platform, and why."""
BORROWED = {"Meta": "msgspec"}
"""Other libraries' names that only look like a platform's, and where they come from."""

WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
TAG = re.compile(r"<meta\b", re.IGNORECASE)


def spoken(node: ast.AST) -> str:
    """The identifier or the literal that a node holds."""
    match node:
        case ast.Constant(value=str(text)):
            return TAG.sub("", text)
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.keyword(arg=str(name)):
            return name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case ast.alias(name=name, asname=other):
            return f"{name} {other or ''}"
        case ast.ImportFrom(module=str(name)):
            return name
    return ""


def borrowed(module: Iterable[ast.AST]) -> set[str]:
    """The look-alikes that this module imports."""
    sources = {node.module for node in module if isinstance(node, ast.ImportFrom)}
    return {name for name, library in BORROWED.items() if library in sources}


def docstrings(module: Iterable[ast.AST]) -> set[int]:
    """Strings that stand alone: they explain, and may do so by example."""
    return {id(node.value) for node in module if isinstance(node, ast.Expr)}


def names_said(path: Path) -> Iterator[str]:
    known = (*platforms(), *ALSO_CALLED)
    body = text(path).lower()
    if not any(name in body for name in known):
        return
    module = nodes(path)
    explained, lent = docstrings(module), borrowed(module)
    for node in module:
        said = "" if id(node) in explained else spoken(node).strip()
        if said in lent:
            continue
        low = said.lower()
        if not any(name in low for name in known):
            continue
        words = {word.lower() for word in WORD.findall(said)}
        for name in known:
            # Long names are found inside words too; "meta" would be found in "metadata".
            if name in words or (len(name) > 4 and name in low):
                yield f"line {getattr(node, 'lineno', '?')}: {name} in {said[:80]!r}"


def test_no_platform_is_named_outside_its_folder() -> None:
    folders = {f"platforms.{name}" for name in platforms()}
    said = {
        f"{module}, {where}"
        for module, path in modules().items()
        if ".".join(module.split(".")[:2]) not in folders
        for where in names_said(path)
    }
    assert said == set()


def test_no_platform_names_another() -> None:
    said = {
        f"{path.relative_to(SOURCE)}, {where}"
        for own in platforms()
        for path in (SOURCE / "platforms" / own).rglob("*.py")
        for where in names_said(path)
        if any(f": {other} in" in where for other in platforms() if other != own)
    }
    assert said == set()


def test_no_test_or_benchmark_names_a_platform_outside_its_folder() -> None:
    own = [Path("tests/platforms") / name for name in platforms()]
    naming = [
        str(path)
        for path in files()
        if path.parts[0] in ("tests", "bench")
        and path.suffix == ".py"
        and not any(folder in path.parents for folder in own)
        and not any(str(path).startswith(place) for place in OUTSIDE)
        and any(True for _ in names_said(ROOT / path))
    ]
    assert naming == [], "choose a platform by what it does, through tests/platforms/contract.py"
