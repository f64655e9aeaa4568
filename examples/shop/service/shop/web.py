"""What every part of the application has over HTTP: telemetry, and what refusals mean."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from shop.errors import Conflict, NotFound
from shop.telemetry import count, follow, logger, metrics, new_correlation_id, tracer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from fastapi import APIRouter, Response

CORRELATION_ID = "X-Correlation-Id"
_GIVEN = re.compile(r"[A-Za-z0-9_-]{1,64}")


def application(**routers: APIRouter) -> FastAPI:
    """The routers by their names, as one application under ``/api``."""
    app = FastAPI(title="Shop", version="1.0.0")
    for name, router in routers.items():
        app.include_router(router, prefix="/api", tags=[name])
    app.add_exception_handler(NotFound, _answer(404))
    app.add_exception_handler(Conflict, _answer(409))
    app.middleware("http")(_watched)
    return app


def correlation_id(request: Request) -> str:
    """The id by which the request is followed."""
    found: str = request.state.correlation_id
    return found


async def _watched(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
    """Follow a request by the id that it has, or gets here, and tells in its answer."""
    given = request.headers.get(CORRELATION_ID, "")
    request.state.correlation_id = given if _GIVEN.fullmatch(given) else new_correlation_id()
    try:
        # Lambda's own segment takes no annotations.
        with tracer.provider.in_subsegment(name="## request"):
            follow(request.state.correlation_id)
            response = await answer(request)
        response.headers[CORRELATION_ID] = request.state.correlation_id
        count("Requests")
        about = {"method": request.method, "path": request.url.path}
        logger.info("answered", extra={**about, "status": response.status_code})
        return response
    finally:
        metrics.flush_metrics()


def _answer(status: int) -> Callable[[Request, Exception], JSONResponse]:
    def answer(_: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, status_code=status)

    return answer
