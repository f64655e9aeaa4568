"""Runs an unmodified ASGI or WSGI application as a Lambda handler.

This file is copied into the asset of a function whose handler is ``module:attribute``; it imports
nothing but the standard library and the one adapter that the application needs.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def adapt(application: Any) -> Callable[[Any, Any], dict[str, Any]]:
    """The Lambda handler that answers with ``application``."""
    return _asgi(application) if _is_asgi(application) else _wsgi(application)


def _is_asgi(application: Any) -> bool:
    if inspect.isclass(application):  # an ASGI 3 class is awaited after it is made
        return hasattr(application, "__await__")
    return inspect.iscoroutinefunction(application) or inspect.iscoroutinefunction(
        getattr(application, "__call__", None)  # noqa: B004 - the method itself is asked for
    )


def _asgi(application: Any) -> Callable[[Any, Any], dict[str, Any]]:
    """Mangum, with the application's lifespan started once for each execution environment.

    Mangum alone starts and ends it around every request. It is never ended here: Lambda gives
    an environment no moment for that.
    """
    from mangum import Mangum  # noqa: PLC0415 - only the adapter that is needed
    from mangum.protocols import LifespanCycle  # noqa: PLC0415

    mangum = Mangum(application, lifespan="off")
    lifespan = LifespanCycle(application, "auto")
    lifespan.__enter__()

    async def with_state(scope: Any, receive: Any, send: Any) -> None:
        await application({**scope, "state": lifespan.lifespan_state.copy()}, receive, send)

    mangum.app = with_state
    return mangum


def _wsgi(application: Any) -> Callable[[Any, Any], dict[str, Any]]:
    from apig_wsgi import make_lambda_handler  # noqa: PLC0415 - only the adapter that is needed

    return make_lambda_handler(application, binary_support=True)
