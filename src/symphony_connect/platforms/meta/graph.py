"""Calls to the Graph API: who signs them, how pages follow one another, what an answer is."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator, Mapping
from typing import Any

from symphony_connect.base.clock import Clock
from symphony_connect.base.model import Secret
from symphony_connect.platforms import base, fields
from symphony_connect.platforms.http import Answer, Upstream
from symphony_connect.platforms.meta import errors, usage
from symphony_connect.platforms.meta.settings import Settings

MAX_PAGES = 200
ROWS_A_PAGE = 100
FEWEST_ROWS = 5
SECRET_FIELDS = ("client_secret", "code", "code_verifier", "fb_exchange_token")


class Graph:
    """One app's way to the Graph API. Every verb raises a PlatformError for an answer that is an error."""

    def __init__(self, settings: Settings, upstream: Upstream, clock: Clock) -> None:
        self._app = settings.app
        self._root = f"{settings.graph_url}/{settings.version}"
        self._upstream = upstream.within(settings.graph_url)
        self._clock = clock
        self.nearly_limited = False

    async def issue(self, grant_type: str, *, spends: bool, **form: str) -> Mapping[str, Any]:
        """The token endpoint, asked by POST so that code and secret stay out of URLs."""
        form |= {"grant_type": grant_type, "client_id": self._app.id, "client_secret": self._app.secret.reveal()}
        url = f"{self._root}/oauth/access_token"
        answer = await self._upstream.once("POST", url, data=form, spends=spends)
        body = self._judged(answer, *(form.get(key, "") for key in SECRET_FIELDS))
        if not fields.text(body.get("access_token")):
            lost = base.OutcomeUnknown if spends else base.Unavailable
            raise lost("Meta's token endpoint answered without a token")
        return body

    async def check_app(self) -> None:
        """Raises Misconfigured when Meta refuses our app. No person's token is sent, so any refusal means the app."""
        try:
            await self.issue("client_credentials", spends=False)
        except (base.TokenRefused, base.PermissionRefused, base.Rejected) as error:
            raise base.Misconfigured(error.message, code=error.code, subcode=error.subcode) from error

    async def debug(self, token: Secret) -> Mapping[str, Any]:
        """What `debug_token` says of a token, asked with the app's own: data even for one that is dead."""
        ours = f"{self._app.id}|{self._app.secret.reveal()}"
        params = {"input_token": token.reveal(), "access_token": ours}
        answer = await self._upstream.get(f"{self._root}/debug_token", params)
        try:
            body = self._judged(answer, token.reveal(), ours)
        except base.TokenRefused:
            # Two tokens were sent, and Meta does not say which it means: a wrong secret of ours must not
            # pass for the end of somebody's token.
            await self.check_app()
            raise
        if not fields.mapping(body.get("data")):
            raise base.Unavailable("Meta's debug_token answered without data")
        return fields.mapping(body["data"])

    async def get(self, path: str, token: Secret, **params: str) -> Mapping[str, Any]:
        """A read on behalf of whoever the token belongs to."""
        answer = await self._upstream.get(f"{self._root}/{path}", params | self.signed(token))
        return self._judged(answer, token.reveal())

    async def delete(self, path: str, token: Secret) -> Mapping[str, Any]:
        answer = await self._upstream.once("DELETE", f"{self._root}/{path}", params=self.signed(token))
        return self._judged(answer, token.reveal())

    async def end(self, token: Secret) -> Mapping[str, Any]:
        """End one token (Meta, "Revoke Token"): the call for system users."""
        form = {
            "client_id": self._app.id,
            "client_secret": self._app.secret.reveal(),
            "revoke_token": token.reveal(),
            "access_token": token.reveal(),
        }
        answer = await self._upstream.once("GET", f"{self._root}/oauth/revoke", params=form)
        return self._judged(answer, token.reveal(), form["client_secret"])

    async def pages(self, path: str, token: Secret, columns: str) -> AsyncIterator[Mapping[str, Any]]:
        """Every row of an edge. Pages are asked for by cursor: the address in `next` is never followed."""
        params = {"fields": columns, "limit": str(ROWS_A_PAGE)}
        for _ in range(MAX_PAGES):
            body = await self._page(path, token, params)
            if not isinstance(body.get("data"), list):
                raise base.Unavailable(f"Meta's {path} answered without data")
            for row in fields.rows(body["data"]):
                yield row
            paging = fields.mapping(body.get("paging"))
            after = fields.text(fields.mapping(paging.get("cursors")).get("after"))
            if not paging.get("next") or not after or after == params.get("after"):
                return
            params["after"] = after
        raise base.Unavailable(f"Meta's {path} did not end after {MAX_PAGES} pages")

    async def _page(self, path: str, token: Secret, params: dict[str, str]) -> Mapping[str, Any]:
        """One page. One that Meta calls too large is asked for again with fewer rows; `params` keep the number."""
        while True:
            try:
                return await self.get(path, token, **params)
            except base.Unavailable as error:
                rows = int(params["limit"]) // 2
                if "reduce the amount of data" not in error.message.lower() or rows < FEWEST_ROWS:
                    raise
                params["limit"] = str(rows)

    def signed(self, token: Secret) -> dict[str, str]:
        """The token, and the proof that whoever sends it knows the app's secret."""
        key, message = self._app.secret.reveal().encode(), token.reveal().encode()
        return {
            "access_token": token.reveal(),
            "appsecret_proof": hmac.new(key, message, hashlib.sha256).hexdigest(),
        }

    def _judged(self, answer: Answer, *secrets: str) -> Mapping[str, Any]:
        """The body of a success. `DELETE` may answer with a bare `true`."""
        self.nearly_limited = usage.nearly_limited(answer.headers)
        body = {"success": True} if answer.body is True else fields.mapping(answer.body)
        error = body.get("error")
        if error or answer.status >= 300:
            raise errors.failure(answer, fields.mapping(error), self._clock(), *secrets)
        return body
