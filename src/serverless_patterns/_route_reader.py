"""Reads the routes of an application: runs in a process and an environment of the application's.

This file imports nothing but the standard library. It prints one JSON object: what the application
answers, in the order in which its framework tries it, or why that can't be told.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import json
import os
import re
import sys
import traceback
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PACKAGES = ("fastapi", "starlette", "flask", "werkzeug", "aws_lambda_powertools")
# What an application has, and middleware, blueprints or resolvers of other events don't.
_MARKS = {"starlette": "routes", "flask": "url_map", "werkzeug": "mounts"}
_MARKS |= {"aws_lambda_powertools": "_static_routes"}
_STARLETTE = re.compile(r"\{(?P<name>[a-zA-Z_]\w*)(?::(?P<kind>[a-zA-Z_]\w*))?\}", re.ASCII)
_FLASK = re.compile(r"<(?:[a-zA-Z_]\w*(?:\(.*?\))?:)?(?P<name>[a-zA-Z_]\w*)>")
_POWERTOOLS = re.compile(r"<(?P<name>\w+)>|(?P<any>\.[+*])")
_REGULAR = re.compile(r"[\\^$*+?{}\[\]()|]")  # a dot alone stands for itself, as it is meant to
_WRAPPERS = 50  # more than anyone puts around an application or an endpoint


class _Path(NamedTuple):
    """A path as its framework writes it, and its parts: texts, and names with their patterns."""

    path: str = ""
    parts: tuple[Any, ...] = ()

    def then(
        self,
        text: str,
        parameter: re.Pattern[str] = _STARLETTE,
        pattern: Callable[[re.Match[str]], str] = lambda _: "[^/]+",
    ) -> _Path:
        parts: list[Any] = []
        end = 0
        for found in parameter.finditer(text):
            parts += [text[end : found.start()], (found["name"] or "", pattern(found))]
            end = found.end()
        return _Path(self.path + text, (*self.parts, *parts, text[end:]))


def read(module: str, attribute: str) -> dict[str, Any]:
    """What ``module:attribute`` answers, or what it is if that is no application."""
    application: Any = importlib.import_module(module)
    for name in attribute.split("."):
        if not hasattr(application, name):
            return {"missing": name}
        application = getattr(application, name)
    if _framework(_unwrapped(application)):
        return {"found": [*_found(_unwrapped(application), _Path())]}
    is_maker = inspect.isroutine(application) or inspect.isclass(application)
    named = application if is_maker else type(application)
    return {"unknown": f"{named.__module__}.{named.__qualname__}", "is_maker": is_maker}


def _framework(application: Any) -> str | None:
    """The supported framework that an application is of."""
    bases = type(application).__mro__
    packages = {base.__module__.partition(".")[0] for base in bases}
    if "BedrockAgentResolver" in {base.__name__ for base in bases}:
        return None  # no HTTP leads to it
    of = [name for name in _MARKS if name in packages and hasattr(application, _MARKS[name])]
    return of[0] if of else None


def _unwrapped(application: Any) -> Any:
    """The application inside the middleware that it was given to, if there is one."""
    inner = application
    for _ in range(_WRAPPERS):
        if not _framework(inner):
            within = getattr(inner, "app", getattr(inner, "__self__", None))  # of app.wsgi_app
            inner = within if callable(inner) else None
    return inner or application


def _found(application: Any, before: _Path) -> Iterator[dict[str, Any]]:
    match _framework(application):
        case "starlette":
            yield from _starlette(application, before)
        case "flask":
            yield from _dispatched(application.wsgi_app, before)
            yield from _flask(application, before)
        case "werkzeug":
            yield from _dispatched(application, before)
            yield from _mounted(application.app, before)
        case "aws_lambda_powertools":
            yield from _powertools(application, before)


def _starlette(application: Any, before: _Path) -> Iterator[dict[str, Any]]:
    converters = importlib.import_module("starlette.convertors").CONVERTOR_TYPES

    def pattern(parameter: re.Match[str]) -> str:
        return str(converters[parameter["kind"] or "str"].regex)

    for route, text, methods, endpoint in _starlette_routes(application.routes):
        path = before.then(text, _STARLETTE, pattern)
        kinds = {base.__name__ for base in type(route).__mro__}
        if "Mount" in kinds:
            yield from _mounted(route.app, path)
        elif "Route" in kinds:
            yield from _listed(path, _methods(methods, endpoint), endpoint)
        elif "WebSocketRoute" in kinds:
            yield {"path": path.path, "why": "it is a WebSocket"}
        elif "Host" in kinds:
            yield {"path": route.host, "why": "it depends on the host"}
        else:
            yield {"path": path.path, "why": f"it is a {type(route).__name__}"}


def _starlette_routes(routes: Any) -> Iterator[tuple[Any, Any, Any, Any]]:
    """Each route with its whole path: a FastAPI from 0.165 on includes routers lazily."""
    with suppress(ImportError, AttributeError):
        routes = importlib.import_module("fastapi.routing").iter_route_contexts(routes)
    for each in routes:
        path, *others = (getattr(each, name, None) for name in ("path", "methods", "endpoint"))
        yield getattr(each, "original_route", each), path or "", *others


def _methods(methods: Any, endpoint: Any) -> set[str]:
    kinds = {base.__name__ for base in endpoint.__mro__} if inspect.isclass(endpoint) else set()
    if not methods and "HTTPEndpoint" in kinds:
        names = ("get", "head", "post", "put", "patch", "delete", "options", "query")
        methods = {name.upper() for name in names if hasattr(endpoint, name)}
        methods |= {"HEAD"} if "GET" in methods else set()  # answered by `get`, for want of `head`
    return {*methods} if methods else {"ANY"}


def _mounted(application: Any, path: _Path) -> Iterator[dict[str, Any]]:
    """What is answered below a path; what comes after is not asked, even for what isn't found."""
    inner = _unwrapped(application)
    below = path.then("/{path:path}", pattern=lambda _: ".*")
    if _framework(inner):
        yield from _found(inner, path)
    else:
        yield from _listed(path.then("/"), {"ANY"}, application)
        yield from _listed(below, {"ANY"}, application)
    yield {"method": "ANY", **below._asdict()}


def _dispatched(wrapper: Any, before: _Path) -> Iterator[dict[str, Any]]:
    """What the middleware around a WSGI application gives to others."""
    for _ in range(_WRAPPERS):
        mounts = getattr(wrapper, "mounts", {}).items()
        for prefix, mounted in sorted(mounts, key=lambda each: -len(each[0])):
            yield from _mounted(mounted, before.then(prefix))
        wrapper = getattr(wrapper, "app", None)


def _flask(application: Any, before: _Path) -> Iterator[dict[str, Any]]:
    for rule in sorted(application.url_map.iter_rules(), key=_flask_rank):
        converters = rule._converters  # noqa: SLF001 - there is no other way to ask for them

        def pattern(parameter: re.Match[str], converters: Any = converters) -> str:
            return str(converters[parameter["name"]].regex)

        view = application.view_functions.get(rule.endpoint)
        methods = {*(rule.methods or ("ANY",))}
        if getattr(rule, "provide_automatic_options", False):
            methods.discard("OPTIONS")
        text = re.sub("/{2,}", "/", rule.rule) if rule.merge_slashes else rule.rule
        if rule.subdomain or rule.host or rule.websocket:
            yield {"path": rule.rule, "why": "it depends on the host or is a WebSocket"}
        elif view is not None and not rule.build_only:
            bare = text.rstrip("/")
            for either in (text,) if rule.strict_slashes else (bare, f"{bare}/"):
                yield from _listed(before.then(either, _FLASK, pattern), methods, view)


def _flask_rank(rule: Any) -> list[Any]:
    """Where Werkzeug tries a rule: text before parameters, and those by their converters."""
    parts = getattr(rule, "_parts", ())
    return [(not part.static, () if part.static else part.weight) for part in parts]


def _powertools(application: Any, before: _Path) -> Iterator[dict[str, Any]]:
    for route in (*application._static_routes, *application._dynamic_routes):  # noqa: SLF001
        methods = {route.method} if isinstance(route.method, str) else {*route.method}
        path = before.then(route.path, _POWERTOOLS, lambda each: each["any"] or "[^/]+")
        why = {"why": "it is a pattern"} if _REGULAR.search(route.path) else {}
        yield from ({**row, **why} for row in _listed(path, methods, route.func))


def _listed(path: _Path, methods: set[str], endpoint: Any) -> Iterator[dict[str, Any]]:
    """A row for each method; the module of the framework's own endpoints isn't told."""
    written = endpoint
    for _ in range(_WRAPPERS):
        inner = written.func if isinstance(written, functools.partial) else written
        written = getattr(written, "view_class", None) or getattr(written, "__wrapped__", inner)
    module = getattr(written, "__module__", None) or type(written).__module__
    is_own = module.partition(".")[0] in _PACKAGES
    if is_own and hasattr(written, "app"):  # middleware around what another package defines
        yield from _listed(path, methods, written.app)
        return
    told = {**path._asdict(), "module": None if is_own else module, "endpoint": id(endpoint)}
    for method in sorted(methods):
        yield {**told, "method": method, "is_async": _is_async(written, method)}


def _is_async(endpoint: Any, method: str) -> bool:
    names = (method.lower(), "dispatch_request") if inspect.isclass(endpoint) else ("__call__",)
    called = (endpoint, *(getattr(endpoint, name, None) for name in names))
    return any(map(inspect.iscoroutinefunction, called))


def _failure(error: BaseException, root: str) -> dict[str, str]:
    """An error in short, with the last place under ``root``, the application's own code."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename.startswith(root + os.sep)]
    place = f"{own[-1].filename}:{own[-1].lineno}" if own else ""
    if isinstance(error, SyntaxError) and error.filename:
        place = f"{error.filename}:{error.lineno}"
    words = " ".join(str(error).split())
    short = f"{words[:300]}..." if words[300:] else words
    return {"error": f"{type(error).__name__}: {short}".rstrip(": "), "place": place}


def main() -> None:
    """Print what the command line asks for."""
    module, attribute, root = sys.argv[1:]
    del sys.argv[1:]
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever an application prints, and whenever, is not the answer
    try:
        result = read(module, attribute)
    except BaseException as error:  # noqa: BLE001 - SystemExit too is the application's
        result = _failure(error, root)
    print(json.dumps(result), file=answer, flush=True)
    os._exit(0)  # what the application started at import has no say in when this ends


if __name__ == "__main__":
    main()
