"""Reads the routes of an application: runs in a process and an environment of the application's.

This file imports nothing but the standard library. It prints one JSON object: the routes, those
that it can't tell of, or why the application can't be imported.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import json
import os
import sys
import traceback
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_FRAMEWORKS = ("fastapi", "starlette", "flask", "werkzeug", "aws_lambda_powertools")


def read(module: str, attribute: str) -> dict[str, Any]:
    """The routes of ``module:attribute``, as frameworks write them."""
    application: Any = importlib.import_module(module)
    for name in attribute.split("."):
        application = getattr(application, name)
    found = [*_routes(application)]
    kinds = {f"{base.__module__}.{base.__qualname__}" for base in type(application).__mro__}
    return {"routes": found, "framework": _framework(application), "type": min(kinds, key=len)}


def _framework(application: Any) -> str | None:
    """The supported framework that an application is of."""
    packages = {base.__module__.partition(".")[0] for base in type(application).__mro__}
    return next((name for name in _FRAMEWORKS if name in packages), None)


def _routes(application: Any) -> Iterator[dict[str, Any]]:
    match _framework(application):
        case "fastapi" | "starlette":
            yield from _starlette(application, "")
        case "flask":
            yield from _flask(application)
        case "aws_lambda_powertools":
            yield from _powertools(application)


def _starlette(application: Any, prefix: str) -> Iterator[dict[str, Any]]:
    for route, path, methods, endpoint in _starlette_routes(application.routes):
        kinds = {base.__name__ for base in type(route).__mro__}
        if "Mount" in kinds:
            yield from _mounted(route.app, prefix + path)
        elif "Route" in kinds or "APIRoute" in kinds:
            yield from _listed(prefix + path, _methods(methods, endpoint), endpoint)
        elif "WebSocketRoute" in kinds:
            yield {"path": prefix + path, "why": "it is a WebSocket"}
        else:
            yield {"path": prefix + path, "why": f"it is a {type(route).__name__}"}


def _starlette_routes(routes: Any) -> Iterator[tuple[Any, str, Any, Any]]:
    """Each route with its whole path: a FastAPI from 0.165 on includes routers lazily."""
    try:
        contexts = importlib.import_module("fastapi.routing").iter_route_contexts(routes)
    except (ImportError, AttributeError):
        contexts = None
    if contexts is None:
        for route in routes:
            methods, endpoint = getattr(route, "methods", None), getattr(route, "endpoint", None)
            yield route, getattr(route, "path", ""), methods, endpoint
    else:
        for context in contexts:
            yield context.original_route, context.path or "", context.methods, context.endpoint


def _mounted(application: Any, path: str) -> Iterator[dict[str, Any]]:
    if getattr(application, "routes", None):
        yield from _starlette(application, path)
    else:
        called = application if inspect.isroutine(application) else type(application).__call__
        for below in (path, f"{path}/{{path:path}}"):
            yield from _listed(below, {"ANY"}, called)


def _flask(application: Any) -> Iterator[dict[str, Any]]:
    for rule in application.url_map.iter_rules():
        if rule.subdomain or rule.host or rule.websocket:
            yield {"path": rule.rule, "why": "it depends on the host or is a WebSocket"}
        elif not rule.build_only:
            view = application.view_functions[rule.endpoint]
            methods = set(rule.methods or ("ANY",))
            if getattr(rule, "provide_automatic_options", False):
                methods.discard("OPTIONS")
            yield from _listed(rule.rule, _methods(methods, view), view)


def _powertools(application: Any) -> Iterator[dict[str, Any]]:
    for route in (*application._static_routes, *application._dynamic_routes):  # noqa: SLF001
        methods = [route.method] if isinstance(route.method, str) else route.method
        yield from _listed(route.path, _methods(methods, route.func), route.func)


def _methods(methods: Any, endpoint: Any) -> set[str]:
    if methods is None and inspect.isclass(endpoint):  # an endpoint of Starlette's is a class
        names = ("get", "head", "post", "put", "patch", "delete", "options")
        methods = {name.upper() for name in names if hasattr(endpoint, name)}
        methods |= {"HEAD"} if "GET" in methods else set()  # answered by `get`, for want of `head`
    return {*methods} if methods else {"ANY"}


def _listed(path: str, methods: set[str], endpoint: Any) -> Iterator[dict[str, Any]]:
    """A row for each method, HEAD beside a GET aside: a framework adds it by itself."""
    endpoint = getattr(endpoint, "view_class", endpoint)
    while isinstance(endpoint, functools.partial):
        endpoint = endpoint.func
    endpoint = inspect.unwrap(endpoint)
    module = getattr(endpoint, "__module__", None) or type(endpoint).__module__
    if module.partition(".")[0] in _FRAMEWORKS:
        return  # documentation and static files of the framework's own
    for method in sorted(methods - {"HEAD"} if "GET" in methods else methods):
        function = getattr(endpoint, method.lower(), endpoint)
        yield {
            "method": method,
            "path": path,
            "module": module,
            "is_async": inspect.iscoroutinefunction(function),
            "answers_head": method == "GET" and "HEAD" in methods,
        }


def _failure(error: BaseException, root: str) -> dict[str, str]:
    """An error in short, with the last place under ``root``, the application's own code."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename.startswith(root)]
    place = f"{own[-1].filename}:{own[-1].lineno}" if own else ""
    if isinstance(error, SyntaxError):
        place = f"{error.filename}:{error.lineno}"
    return {"error": f"{type(error).__name__}: {error}".rstrip(": "), "place": place}


def main() -> None:
    """Print what the command line asks for."""
    module, attribute, root = sys.argv[1:]
    with redirect_stdout(sys.stderr):  # an application may print at import
        try:
            result = read(module, attribute)
        except BaseException as error:  # noqa: BLE001 - SystemExit too is the application's
            result = _failure(error, root)
    print(json.dumps(result), flush=True)  # noqa: T201 - it is what this program is for
    os._exit(0)  # what the application started at import has no say in when this ends


if __name__ == "__main__":
    main()
