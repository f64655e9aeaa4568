"""The pages: signing in, and the one that shows the shop."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from office.chart import chart, money
from office.csrf import FIELD, csrf_token, is_own, is_same_origin
from office.dead_letters import DeadLetters, RedriveError
from office.headers import SafeHeaders
from office.shop_api import ShopApi, ShopError
from office.sign_in import Keeper, SignInError, UserPool

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

T = TypeVar("T")

COOKIE = "__Host-office"
HERE = Path(__file__).parent
SHOWN = 100
NOTICES = {
    "redriven": "The dead letters are on their way back to the queue.",
    "refused": "SQS didn't take the redrive; one may be running already.",
}
logger = Logger()
templates = Jinja2Templates(directory=HERE / "templates")
templates.env.filters["money"] = money
templates.env.filters["when"] = lambda at: at[: len("2026-11-25T14:51:15")].replace("T", " ")


@dataclass(frozen=True)
class Office:
    """The pages, with what they show and who may see it."""

    pool: UserPool
    shop: ShopApi
    dead_letters: DeadLetters

    def show(self, request: Request) -> Response:
        """The one page, to whoever is signed in."""
        known = self._whoever_asks(request)
        if known is None:
            return RedirectResponse("/sign-in", 303)
        overview = self._overview(*known, request.query_params.get("notice"))
        return templates.TemplateResponse(request, "overview.html", overview)

    def ask(self, request: Request) -> Response:
        """The form to sign in by."""
        return templates.TemplateResponse(request, "sign_in.html", {"refusal": None})

    async def sign_in(self, request: Request) -> Response:
        """Begin a session, which ends with the token that it is."""
        if not is_same_origin(request):
            return PlainTextResponse("This form was sent from elsewhere.", 403)
        form = await request.form()
        name, password = str(form.get("name", "")), str(form.get("password", ""))
        try:
            token = await run_in_threadpool(self.pool.sign_in, name, password)
            keeper = await run_in_threadpool(self.pool.keeper, token)
        except SignInError as error:
            logger.info("a sign-in is refused", extra={"reason": str(error)})
            context = {"refusal": str(error), "name": name}
            return templates.TemplateResponse(request, "sign_in.html", context, 401)
        logger.info("signed in", extra={"keeper": keeper.name})
        response = RedirectResponse("/", 303)
        age = max(0, keeper.expires - int(time.time()))
        response.set_cookie(
            COOKIE, token, max_age=age, secure=True, httponly=True, samesite="strict"
        )
        return response

    async def sign_out(self, request: Request) -> Response:
        """Have the browser forget its session."""
        if await self._sender(request) is None:
            return _not_signed()
        response = RedirectResponse("/sign-in", 303)
        response.delete_cookie(COOKIE, secure=True, httponly=True, samesite="strict")
        return response

    async def redrive(self, request: Request) -> Response:
        """Send dead letters back."""
        keeper = await self._sender(request)
        if keeper is None:
            return _not_signed()
        try:
            await run_in_threadpool(self.dead_letters.redrive)
        except RedriveError as error:
            logger.warning("a redrive is refused", extra={"reason": str(error)})
            return RedirectResponse("/?notice=refused", 303)
        logger.info("dead letters are redriven", extra={"keeper": keeper.name})
        return RedirectResponse("/?notice=redriven", 303)

    def _whoever_asks(self, request: Request) -> tuple[str, Keeper] | None:
        """The session and the shop-keeper of a request, if one is signed in."""
        session = request.cookies.get(COOKIE)
        if session is None:
            return None
        try:
            return session, self.pool.keeper(session)
        except SignInError as error:
            logger.info("a token is refused", extra={"reason": str(error)})
            return None

    async def _sender(self, request: Request) -> Keeper | None:
        """Who sent a form of this page, signed in: from here, with the token of the session."""
        if not is_same_origin(request):
            return None
        known = await run_in_threadpool(self._whoever_asks, request)
        if known is None:
            return None
        session, keeper = known
        return keeper if is_own(session, (await request.form()).get(FIELD)) else None

    def _overview(self, session: str, keeper: Keeper, notice: str | None) -> dict[str, Any]:
        """What the page shows; what can't be had is ``None``."""
        today = datetime.now(UTC).date()
        sales = _had("sales", lambda: self.shop.sales(today))
        return {
            "keeper": keeper,
            "csrf": csrf_token(session),
            "notice": NOTICES.get(notice or ""),
            "stock": _had("stock", self.shop.stock),
            "orders": _had("orders", self.shop.orders),
            "shown": SHOWN,
            "chart": chart(today, sales) if sales is not None else None,
            "letters": _had("dead letters", self.dead_letters.some),
            "letter_count": _had("dead letters", self.dead_letters.count),
            "task": _had("redrives", self.dead_letters.last_task),
        }


def application(office: Office) -> Starlette:
    """The application of an office."""
    return Starlette(
        routes=[
            Route("/", office.show),
            Route("/sign-in", office.ask),
            Route("/sign-in", office.sign_in, methods=["POST"]),
            Route("/sign-out", office.sign_out, methods=["POST"]),
            Route("/redrive", office.redrive, methods=["POST"]),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ],
        middleware=[Middleware(SafeHeaders)],
    )


def _not_signed() -> Response:
    return PlainTextResponse("Sign in, and send the form from there.", 403)


def _had(what: str, get: Callable[[], T]) -> T | None:
    """What can be had: one part that fails doesn't take the others along."""
    try:
        return get()
    except (ShopError, ClientError, BotoCoreError) as error:
        logger.warning("a part is missing", extra={"part": what, "reason": str(error)})
        return None
