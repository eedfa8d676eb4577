"""Consent and error pages: plain HTML forms, the same for every platform except for its words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.datastructures import FormData, QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from symphony_connect.sandbox import isolation
from symphony_connect.sandbox.world import Person, World

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")), autoescape=True, undefined=StrictUndefined
)
TEMPLATES.filters |= {"bdi": isolation.bdi, "isolated": isolation.isolated}
# No form-action: a browser applies it to every redirect that follows the POST, and those lead to
# the service's own origin and from there to wherever the operator sends people.
_CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True)
class Choice:
    """A box to tick."""

    value: str
    label: str
    note: str = ""
    ticked: bool = True


@dataclass(frozen=True)
class Consent:
    """What a consent page shows. The form posts back to the URL it came from, query included.

    Fields of the post: `_sandbox` = approve, deny or close; `_sandbox_person`; `permission`, `account`
    and `page`, once for each ticked box.
    """

    platform: str
    app: str
    person: Person
    permissions: Sequence[Choice]
    accounts: Sequence[Choice]
    pages: Sequence[Choice] | None = None
    """Where the platform asks for Pages too: those there are, possibly none."""
    all_or_none: bool = False
    """Permissions cannot be unticked."""
    look: str = ""
    """A class of `consent.css` that fits the platform: `bright` or `stark`."""
    mark: Markup | None = None
    """A drawing that stands for the platform; its first letter, when there is none."""


def mark_in(folder: Path) -> Markup | None:
    """The drawing `mark.svg` of a platform's sandbox. It must not be the platform's own mark."""
    path = folder / "mark.svg"
    return Markup(path.read_text("utf-8")) if path.is_file() else None  # noqa: S704 - our own file


def consent_page(world: World, request: Request, consent: Consent) -> Response:
    """The page that asks. Choosing another person is a GET of the same URL with `_sandbox_person`."""
    kept = [(key, value) for key, value in request.query_params.multi_items() if not key.startswith("_sandbox_person")]
    return _page(world, request, "consent.html", consent=consent, people=world.people.values(), kept=kept)


async def submitted(request: Request) -> FormData | QueryParams:
    """What the page sent, or a script by address; a form that cannot be read counts as empty, and is shown again."""
    if request.method != "POST":
        return request.query_params
    try:
        return await request.form()
    except HTTPException:
        return FormData()


def ticked(form: FormData | QueryParams, name: str, known: Iterable[str], usual: Iterable[str]) -> list[str]:
    """The boxes of this name that are ticked; the usual ones when nobody was shown any.

    A post with `_sandbox_person` comes from the page: there, a box that is not named was unticked.
    A script that answers by URL may name some, as in `permission=ads_read&account=1`.
    """
    shown = isinstance(form, FormData) and "_sandbox_person" in form
    chosen = set(form.getlist(name) if shown or name in form else usual)
    return [value for value in known if value in chosen]


def closing_page(world: World, request: Request, platform: str) -> Response:
    """The page after somebody closed the window without an answer."""
    return _page(world, request, "closing.html", platform=platform)


def problem_page(world: World, request: Request, platform: str, title: str, words: str, status: int = 200) -> Response:
    """An error page without a redirect, such as for a redirect address that is not allowed."""
    return _page(world, request, "problem.html", status, platform=platform, title=title, words=words)


def _page(world: World, request: Request, template: str, status: int = 200, **context: object) -> Response:
    headers = {"Content-Security-Policy": _CSP, "Cache-Control": "no-store"}
    if world.coop or request.query_params.get("_sandbox_coop") == "1":
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
    return HTMLResponse(TEMPLATES.get_template(template).render(context), status, headers)
