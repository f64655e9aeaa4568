"""The routes of an application, read without running its server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from serverless_patterns._errors import PatternError
from serverless_patterns._handler import Handler
from serverless_patterns._requirements import Requirements
from serverless_patterns._route_paths import METHODS, InexpressibleError, gateway_path, position
from serverless_patterns._sources import check_entry, reading, source_root
from serverless_patterns._wheels import Target, Wheels

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_READER = Path(__file__).with_name("_route_reader.py")
_SUPPORTED = "FastAPI, Starlette, Flask and Powertools resolvers"
_OF_THE_RUNTIME = "boto3"  # Lambda has it, whatever an application requires
_IMPORT_SECONDS = 60
_OPERATIONS = frozenset({"delete", "get", "head", "options", "patch", "post", "put", "trace"})


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
    not listed: documentation pages, static files, ``HEAD`` beside ``GET``, ``OPTIONS``. A
    catch-all route answers those, and what API Gateway can't express.

    Attributes:
        left_to_catch_all: The routes that API Gateway can't express: paths that end in a slash,
            parameters that are no whole segment or take slashes without standing last, WebSockets.

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
        return f"RouteTable({', '.join(f'{each.method} {each.path}' for each in self._routes)})"

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
        found = _read(app, handler, [root, wheels], import_environment or {})
        if "error" in found:
            raise PatternError(
                app,
                "app",
                rule="be importable",
                got=f"{found['error']} ({found['place']})" if found["place"] else found["error"],
                remedy="mend it, or give what it reads at import as import_environment",
            )
        if found["framework"] is None:
            raise PatternError(
                app,
                "app",
                rule=f"be of a framework whose routes can be read: {_SUPPORTED}",
                got=found["type"],
                remedy="describe it with RouteTable.from_openapi",
            )
        return cls._of(app, "app", found["routes"])

    @classmethod
    def from_openapi(cls, path: str | os.PathLike[str]) -> RouteTable:
        """The routes of an OpenAPI 3 document in JSON.

        Args:
            path: The file.

        Raises:
            PatternError: If it can't be read, is no OpenAPI 3, or two of its routes are one.
        """
        file = Path(path)
        try:
            document = json.loads(file.read_text())
            version = str(document["openapi"])
            items = {str(name): dict(item) for name, item in document.get("paths", {}).items()}
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
        found = [
            {
                "method": method.upper(),
                "path": name,
                "module": (operation.get("tags") or [""])[0],
                "is_async": False,
            }
            for name, item in items.items()
            for method, operation in item.items()
            if method in _OPERATIONS and isinstance(operation, dict)
        ]
        return cls._of(str(file), "path", found)

    @classmethod
    def _of(cls, where: str, name: str, found: Sequence[Mapping[str, Any]]) -> RouteTable:
        routes: dict[tuple[str, str], TableRoute] = {}
        left = []
        for each in found:
            try:
                route = _expressed(each)
            except InexpressibleError as error:
                left.append(LeftToCatchAll(each["path"], str(error)))
                continue
            other = routes.setdefault((route.method, position(route.path)), route)
            if other.path != route.path:
                raise PatternError(
                    where,
                    name,
                    rule="call a parameter by one name in one position",
                    got=f"{other.method} {other.path} and {route.path}",
                    remedy="name both alike",
                )
        return cls([*routes.values()], [*dict.fromkeys(left)])


def _expressed(found: Mapping[str, Any]) -> TableRoute:
    """A route that was found, as API Gateway has it."""
    if "why" in found:
        raise InexpressibleError(found["why"])
    if found["method"] not in METHODS:
        raise InexpressibleError(f"API Gateway has no method {found['method']}")
    path = gateway_path(found["path"])
    return TableRoute(
        found["method"],
        path,
        found["module"],
        found["is_async"],
        found.get("answers_head", False),
    )


def _read(
    app: str, handler: Handler, paths: Sequence[Path], environment: Mapping[str, str]
) -> dict[str, Any]:
    # Without `site` none of this environment's packages stand in for what the entry forgot.
    root = str(paths[0].resolve())
    command = [sys.executable, "-S", "-P", str(_READER), handler.module, handler.attribute, root]
    own = {"PYTHONPATH": os.pathsep.join(str(path.resolve()) for path in paths)}
    kept = {name: os.environ[name] for name in ("HOME", "PATH", "TMPDIR") if name in os.environ}
    try:
        done = subprocess.run(
            command,
            env={**kept, "PYTHONDONTWRITEBYTECODE": "1", **environment, **own},
            capture_output=True,
            text=True,
            check=False,
            timeout=_IMPORT_SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired as error:
        raise PatternError(
            app,
            "app",
            rule=f"be imported within {_IMPORT_SECONDS} s",
            got="an import that goes on",
            remedy="start servers and loops in `if __name__ == '__main__':`",
        ) from error
    if done.returncode:
        words = done.stderr.strip().splitlines() or ["no reason"]
        return {"error": words[-1], "place": ""}
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
