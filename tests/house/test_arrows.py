"""Who may import whom. The way of the data is one direction, and a platform's name stays in its folder."""

from __future__ import annotations

import ast
import re
from functools import cache
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.tools.repository import SOURCE, imports, modules, nodes, platforms, text

FLOORS = (
    ("base",),
    ("store",),
    ("vault",),
    ("platforms",),
    ("audit",),
    ("core",),
    ("access",),
    ("connections",),
    ("webhooks",),
    ("proxy",),
    ("signin",),
    ("operate",),
    ("web",),
    ("app",),
    ("demo",),
    ("cli",),
    ("testing",),
    ("__main__",),
)
"""The folders of the service from the ground up. A module imports from its own floor and from those below it."""

PLATFORM_TOOLS = (
    *("platforms.base", "platforms.http", "platforms.fields", "platforms.app", "platforms.id_token"),
    *("platforms.proxied", "platforms.assets", "platforms.oauth"),
)

MAY_IMPORT: list[tuple[str, tuple[str, ...]]] = [
    (r"", ()),
    (r"base(\..+)?", ("base",)),
    (r"platforms\.(base|http|fields|app|assets|id_token|oauth|proxied)", ("base", *PLATFORM_TOOLS)),
    (
        r"platforms\.(?P<own>\w+)\.sandbox(\..+)?",
        ("base.clock", "base.config", "base.env", "sandbox", "platforms.{own}.sandbox"),
    ),
    (r"platforms\.(?P<own>\w+)(\..+)?", ("base", *PLATFORM_TOOLS, "platforms.{own}")),
    (r"platforms", ("base", "platforms")),
    (r"sandbox(\..+)?", ("base.clock", "base.errors", "base.config", "base.env", "sandbox", "platforms=")),
    (r"vault(\..+)?", ("base", "store", "vault")),
    (r"store(\..+)?", ("base", "store")),
    (r"testing(\..+)?", ("testing",)),
]
"""Stricter than the floors: the first pattern that fits a module says all it may import of ours, with everything
below; `=` means only itself."""

MAY_NOT_IMPORT: list[tuple[str, tuple[str, ...]]] = [
    (r"cli.*|sandbox.*|demo.*|platforms\..+\.sandbox.*", ()),
    (r"platforms\.(?P<own>\w+)(\..+)?", ("platforms.{own}.sandbox", "sandbox")),
    (r".*", ("sandbox",)),
]
"""The service knows nothing of the sandbox."""

FRAMEWORKS = ("fastapi", "starlette")
SPEAKS_HTTP = r"(web|sandbox|platforms\.\w+\.sandbox|app)(\..+)?"


OPENS_THE_STORE = ("reading", "pages", "writing", "snapshot")
LISTS_FOR_PAGES = ("web.dashboard.lists",)
"""The one place in `web/` that may open the store."""
DECLARES = ("web.dashboard.sql",)
SEEN_OF_THE_STORE = {"StoreUnavailable", "Row"}
OPEN_A_DATABASE = {"cli.export", "cli.recovery", "cli.serve"}
"""Commands whose work is a whole database: they open it and hand it on, and run no statement."""


def below(name: str, roots: tuple[str, ...]) -> bool:
    return any(name == root.rstrip("=") or (not root.endswith("=") and name.startswith(f"{root}.")) for root in roots)


def rule(module: str, rules: list[tuple[str, tuple[str, ...]]]) -> tuple[str, ...] | None:
    for pattern, names in rules:
        if fits := re.fullmatch(pattern, module):
            return tuple(name.format(**fits.groupdict()) for name in names)
    return None


def floor(module: str) -> int | None:
    """The height of a module's folder; None for what stands beside the service (the sandbox)."""
    return next((height for height, names in enumerate(FLOORS) if module.split(".")[0] in names), None)


@cache
def own_imports(module: str) -> frozenset[str]:
    return frozenset(name[1:] for name in imports(module) if name.startswith(".") and name != ".")


@pytest.mark.parametrize("module", sorted(modules()))
def test_a_module_imports_only_what_it_may(module: str) -> None:
    allowed = rule(module, MAY_IMPORT)
    strays = {name for name in own_imports(module) if allowed is not None and not below(name, allowed)}
    forbidden = rule(module, MAY_NOT_IMPORT)
    strays |= {name for name in own_imports(module) if forbidden is not None and below(name, forbidden)}
    assert strays == set(), f"{module} may not import these"


@pytest.mark.parametrize("module", sorted(modules()))
def test_imports_go_down(module: str) -> None:
    height = floor(module)
    above = {
        name
        for name in own_imports(module)
        if height is not None and (there := floor(name)) is not None and there > height
    }
    assert above == set(), f"{module} stands below these"


def test_no_two_modules_import_each_other() -> None:
    graph = {module: own_imports(module) & modules().keys() - {module} for module in modules()}
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as found:
        pytest.fail(f"these import each other: {found.args[1]}")


def test_every_folder_has_its_floor() -> None:
    beside = {"", "sandbox"}
    assert {module.split(".")[0] for module in modules()} - {name for names in FLOORS for name in names} == beside


def test_a_sandbox_takes_no_service_settings() -> None:
    takers = [
        str(path.relative_to(SOURCE))
        for module, path in modules().items()
        if re.search(r"\bsandbox\b", module)
        and re.search(r"import (.*, )?Settings\b|config\.Settings|\bconfig\.load\b|import load\b", text(path))
    ]
    assert takers == []


def test_only_what_faces_the_world_knows_a_web_framework() -> None:
    knowing = {
        module
        for module in modules()
        if not re.fullmatch(SPEAKS_HTTP, module) and any(below(name, FRAMEWORKS) for name in imports(module))
    }
    assert knowing == set()


def test_the_rules_still_speak_of_this_package() -> None:
    """A renamed module must not slip out of its rule unseen."""
    assert platforms()
    for pattern, _ in MAY_IMPORT:
        assert any(re.fullmatch(pattern, module) for module in modules()), pattern


def opened(module: str) -> set[str]:
    """Where a module opens the store, such as `line 12: core.store.reading`."""
    return {
        f"line {node.lineno}: {ast.unparse(node)}"
        for node in nodes(modules()[module])
        if isinstance(node, ast.Attribute) and node.attr in OPENS_THE_STORE
    }


def taken_from_the_store(module: str) -> set[str]:
    """The names that a module imports from `store/`."""
    return {
        alias.name
        for node in nodes(modules()[module])
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("symphony_connect.store")
        for alias in node.names
    }


@pytest.mark.parametrize("module", sorted(name for name in modules() if below(name, ("web", "cli"))))
def test_pages_routes_and_commands_call_verbs(module: str) -> None:
    """They run no statement of their own, and of the store they know rows and that it may be unavailable."""
    if module in (*LISTS_FOR_PAGES, *DECLARES):
        return
    statements = {name for name in own_imports(module) if name.split(".")[-1] == "sql"}
    known = (
        taken_from_the_store(module)
        - SEEN_OF_THE_STORE
        - ({"db", "Store", "backup", "migrate"} if module in OPEN_A_DATABASE else set())
    )
    assert (opened(module), statements, known) == (set(), set(), set()), f"{module} calls a verb instead"
