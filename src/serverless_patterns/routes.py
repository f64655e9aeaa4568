"""The routes of an application, read without running its server."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from serverless_patterns._errors import PatternError
from serverless_patterns._handler import Handler
from serverless_patterns._requirements import Requirements
from serverless_patterns._route_claims import Found, tell_apart
from serverless_patterns._route_import import import_application
from serverless_patterns._route_paths import InexpressibleError, parts_of, position
from serverless_patterns._runtime_client import client_folder
from serverless_patterns._sources import check_entry, reading, source_root
from serverless_patterns._wheels import Target, Wheels

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping, Sequence

_OF_THE_RUNTIME = "boto3"  # Lambda has it, whatever an application requires
_ANY = "x-amazon-apigateway-any-method"
_OPERATIONS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query", _ANY)


class TableRoute(NamedTuple):
    """A route of an application.

    Attributes:
        method: ``GET``, ``POST``, …, or ``ANY``.
        path: The path in API Gateway's form, ``/books/{id}`` or ``/files/{path+}``.
        module: The module that defines the endpoint, or in an OpenAPI document the first tag.
        is_async: Whether the endpoint is asynchronous; an OpenAPI document doesn't tell.
        answers_head: Whether the framework answers ``HEAD`` by the endpoint of this ``GET``.
    """

    method: str
    path: str
    module: str
    is_async: bool = False
    answers_head: bool = False

    @property
    def key(self) -> str:
        """Method and path: ``GET /books/{id}``."""
        return f"{self.method} {self.path}"


class LeftToCatchAll(NamedTuple):
    """A route that API Gateway can't express, for a catch-all route to answer.

    Attributes:
        path: The path as the application writes it.
        why: What API Gateway doesn't have.
    """

    path: str
    why: str


class RouteTable:
    """The routes of an application, sorted by path and method.

    Defines no resource. Iterate it for ``TableRoute`` tuples. What a framework adds by itself is
    not listed: documentation pages, static files, ``HEAD`` beside ``GET``, ``OPTIONS``; nor are
    routes that it never calls, because earlier ones take their requests. A catch-all route answers
    what is not listed, and what API Gateway can't express.

    Attributes:
        left_to_catch_all: The routes that API Gateway can't express: paths that end in a slash,
            parameters that are no whole segment or take slashes without standing last, WebSockets;
            and those that it can't tell from others as the framework does.

    See:
        https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
    """

    def __init__(
        self, routes: Sequence[TableRoute], left_to_catch_all: Sequence[LeftToCatchAll] = ()
    ) -> None:
        self._routes = tuple(sorted(routes, key=lambda route: (route.path, route.method)))
        self.left_to_catch_all = tuple(left_to_catch_all)
        self._by_position = {(each.method, position(each.path)): each for each in self._routes}

    def __iter__(self) -> Iterator[TableRoute]:
        return iter(self._routes)

    def __len__(self) -> int:
        return len(self._routes)

    def __repr__(self) -> str:
        return f"RouteTable({', '.join(each.key for each in self._routes)})"

    def find(self, method: str, path: str) -> TableRoute | None:
        """The route of a method and a path, whatever its parameters are called.

        Args:
            method: The method; a route for ``ANY`` has them all, unless another has just this one.
            path: The path in API Gateway's form.
        """
        wanted = position(path)
        return self._by_position.get((method, wanted)) or self._by_position.get(("ANY", wanted))

    @classmethod
    def from_app(
        cls,
        app: str,
        *,
        entry: str | os.PathLike[str],
        import_environment: Mapping[str, str] | None = None,
    ) -> RouteTable:
        """The routes of a FastAPI, Starlette, Flask or Powertools application.

        It is imported in a process of its own, with what ``entry`` requires and nothing else of
        this environment's packages. Wheels are installed once and kept in the user's cache.
        Middleware that keeps the application as ``app`` may stand around it.

        Args:
            app: ``package.module:attribute``, as a handler names it.
            entry: The folder with its sources; see ``PythonCode``.
            import_environment: Variables that it reads when it is imported. Default - none.

        Raises:
            PatternError: If there is no such application, it can't be imported, it is of another
                framework, or two of its routes are one to API Gateway.
        """
        folder = Path(entry)
        check_entry(app, folder)
        handler = Handler.parse(app, app)
        root = source_root(folder)
        target = Target.here()
        handler.check(app, root, (), target.python_version)
        requirements = Requirements.of(app, folder) or Requirements.none(app, folder)
        with reading(app):
            wheels = Wheels(requirements, target, _OF_THE_RUNTIME).install()
            paths = [root, wheels, client_folder()]
        found = import_application(app, handler, paths, import_environment or {})
        return cls._of(app, "app", [Found(**each) for each in found])

    @classmethod
    def from_openapi(cls, path: str | os.PathLike[str]) -> RouteTable:
        """The routes of an OpenAPI 3 document in JSON, of which ``servers`` are ignored.

        Args:
            path: The file.

        Raises:
            PatternError: If it can't be read, is no OpenAPI 3, or two of its routes are one.
        """
        file = Path(path)
        try:
            document = json.loads(file.read_bytes())
            version = str(document["swagger" if "swagger" in document else "openapi"])
            paths = document.get("paths", {}).items()
            items = {name: dict(item) for name, item in paths if not name.startswith("x-")}
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise PatternError(
                str(file),
                "path",
                rule="be an OpenAPI 3 document in JSON",
                got=f"{type(error).__name__}: {error}",
                remedy="convert YAML to JSON, or name a file that is there",
            ) from error
        if not version.startswith("3."):
            raise PatternError(
                str(file),
                "path",
                rule="be OpenAPI 3",
                got=version,
                remedy="convert it to OpenAPI 3",
            )
        return cls._of(str(file), "path", [*_documented(items)])

    @classmethod
    def _of(cls, where: str, name: str, found: Sequence[Found]) -> RouteTable:
        paths: dict[tuple[str, str], str] = {}
        for each in found:
            with suppress(InexpressibleError):
                path = each.gateway_path()
                other = paths.setdefault((each.method, position(path)), path)
                if other != path:
                    raise PatternError(
                        where,
                        name,
                        rule="call a parameter by one name in one position",
                        got=f"{each.method} {other} and {path}",
                        remedy="name both alike",
                    )
        claims, left = tell_apart(found)
        routes = [
            TableRoute(
                claim.method,
                claim.path,
                claim.found[0].module or "",
                claim.found[0].is_async,
                claim.answers_head,
            )
            for claim in claims
        ]
        return cls(routes, [LeftToCatchAll(*each) for each in left])


def _documented(items: Mapping[str, Mapping[str, Any]]) -> Iterator[Found]:
    """The operations of a document, those first whose path is told in more letters.

    So ``/pets/mine`` comes before ``/pets/{id}``, as OpenAPI has it.
    """

    def letters(path: str) -> int:
        return sum(len(part) for part in parts_of(path) if isinstance(part, str))

    for path in sorted(items, key=letters, reverse=True):
        item = items[path]
        if "$ref" in item:
            yield Found(path, why="what it is stands elsewhere, under a $ref")
        for method, operation in item.items():
            if isinstance(operation, dict) and method in _OPERATIONS:
                tags = operation.get("tags")
                yield Found(
                    path,
                    "ANY" if method == _ANY else method.upper(),
                    parts_of(path),
                    module=str(tags[0]) if isinstance(tags, list) and tags else "",
                    endpoint=id(operation),
                )
