"""Who may import whom. The way of the data is one direction, and a platform's name stays in its folder."""

from __future__ import annotations

import re

import pytest

from tests.tools.repository import SOURCE, imports, modules, platforms

LEAVES = ("clock", "colour", "errors", "model")
PLATFORM_TOOLS = ("platforms.base", "platforms.http", "platforms.fields", "platforms.app")
OUTSIDE = ("web", "app", "cli", "demo", "sandbox")
"""What faces the world."""

MAY_IMPORT: list[tuple[str, tuple[str, ...]]] = [
    (r"clock|colour|errors|model", LEAVES),
    (r"config", LEAVES),
    (r"platforms\.(base|http|fields|app)", (*LEAVES, "config", *PLATFORM_TOOLS)),
    (r"platforms\.(?P<own>\w+)\.sandbox(\..+)?", ("clock", "config", "sandbox", "platforms.{own}.sandbox")),
    (r"platforms\.(?P<own>\w+)(\..+)?", (*LEAVES, "config", *PLATFORM_TOOLS, "platforms.{own}")),
    (r"platforms", (*LEAVES, "config", "platforms")),
    (r"sandbox(\..+)?", ("clock", "errors", "config", "sandbox", "platforms=")),
    (r"store(\..+)?", (*LEAVES, "store")),
]
"""The first pattern that fits a module says all it may import of ours, with everything below; `=` means only itself."""

MAY_NOT_IMPORT: list[tuple[str, tuple[str, ...]]] = [
    (r"cli.*|__main__|sandbox.*|platforms\..+\.sandbox.*", ()),
    (r"app|web(\..+)?", ("cli", "demo", "sandbox")),
    (r"platforms\.(?P<own>\w+)(\..+)?", ("platforms.{own}.sandbox", *OUTSIDE)),
    (r"vault", ("platforms", "store.queries", *OUTSIDE)),
    (r".*", OUTSIDE),
]
"""The same way round for what is forbidden: the core works without whatever faces the world."""

FRAMEWORKS = ("fastapi", "starlette")
SPEAKS_HTTP = r"(web|sandbox|platforms\.\w+\.sandbox|app|cli\w*|demo)(\..+)?"


def below(name: str, roots: tuple[str, ...]) -> bool:
    return any(name == root.rstrip("=") or (not root.endswith("=") and name.startswith(f"{root}.")) for root in roots)


def rule(module: str, rules: list[tuple[str, tuple[str, ...]]]) -> tuple[str, ...] | None:
    for pattern, names in rules:
        if fits := re.fullmatch(pattern, module):
            return tuple(name.format(**fits.groupdict()) for name in names)
    return None


def own_imports(module: str) -> set[str]:
    return {name[1:] for name in imports(module) if name.startswith(".") and name != "."}


@pytest.mark.parametrize("module", sorted(modules()))
def test_a_module_imports_only_what_it_may(module: str) -> None:
    allowed = rule(module, MAY_IMPORT)
    strays = {name for name in own_imports(module) if allowed is not None and not below(name, allowed)}
    forbidden = rule(module, MAY_NOT_IMPORT)
    strays |= {name for name in own_imports(module) if forbidden is not None and below(name, forbidden)}
    assert strays == set(), f"{module} may not import these"


def test_a_sandbox_takes_no_service_settings() -> None:
    takers = [
        str(path.relative_to(SOURCE))
        for module, path in modules().items()
        if re.search(r"\bsandbox\b", module)
        and re.search(r"import (.*, )?Settings\b|config\.Settings|\bconfig\.load\b|import load\b", path.read_text())
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
