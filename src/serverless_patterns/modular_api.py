"""One application, cut into functions as finely as you choose."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack, cast

import aws_cdk as cdk
from constructs import Construct

from serverless_patterns._api import (
    ApiOptions,
    FrontDoorApi,
    check_keywords,
    checked_settings,
)
from serverless_patterns._context import CONTEXT_GRANULARITY, CONTEXT_PLAN
from serverless_patterns._cut import CATCH_ALL, Cut, Granularity, check_granularity
from serverless_patterns._cut_rules import (
    check_claims,
    drained,
    options_by_unit,
    warn_of_unreachable,
)
from serverless_patterns._errors import PatternError, check_type, new_path
from serverless_patterns._modular_units import (
    ApplicationFunctions,
    ModularOptions,
    UnitOptions,
)
from serverless_patterns._nesting import UnitScopes, needs_nesting
from serverless_patterns._route_rules import nearest
from serverless_patterns._sources import EXCLUDE
from serverless_patterns._units import Access, Target
from serverless_patterns.endpoints import Endpoint, check_endpoint
from serverless_patterns.routes import RouteTable

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from serverless_patterns._execution_role import ExecutionRole
    from serverless_patterns.function import PythonFunction
    from serverless_patterns.plan import Plan
    from serverless_patterns.routes import TableRoute
    from serverless_patterns.snapstart import SnapStartAlias

_API_OPTIONS = ApiOptions.__optional_keys__
_ALIAS_RESOURCES = 2  # the version and the alias
_FUNCTION_RESOURCES = 4  # the function, its role, its log group, and a policy of what is granted
METADATA = "serverless-patterns:modular-api"
"""The type of the metadata that tells a plan of the units."""


class ModularApi(FrontDoorApi):
    """One unmodified application behind an HTTP front door, cut into functions by one line.

    Defines the endpoint and the functions of the cut: one, one for each module that defines
    endpoints, or one for each route. They share one asset and one handler and differ in role,
    memory, timeout, concurrency and environment, so no other cut redeploys code or changes a URL.
    What no unit claims (unknown paths, documentation, ``OPTIONS``, 405) a catch-all function
    answers, with the same code. Past the resources of a stack the units stand in nested stacks.

    The handler owes nothing: it is the application, wrapped as ``PythonCode`` does.

    Args:
        scope: The construct that the API belongs to.
        id: The construct id.
        app: ``package.module:attribute`` of a FastAPI, Starlette, Flask or Powertools application,
            or of any other ASGI or WSGI application whose ``routes`` are given.
        entry: The folder with its sources; see ``PythonCode``.
        granularity: How finely it is cut: a ``Granularity`` or its text, such as ``"module"``.
        extract: Modules and single routes (``GET /books/{id}``) that leave the monolith while the
            rest stays. A module is named in full or by whole dotted parts of its name.
        units: Units by hand, at any granularity: ``{"checkout": ["POST /orders", "payments"]}``.
            Default - none.
        draining: Units on their way out or back. For one deployment the function that requests
            come from keeps its privileges, and is there, beside the one that they go to: the
            catch-all function for a unit of this cut; for any other the unit itself, which is
            given all that is granted to the functions that serve its routes now.
        catch_all: Whether a function answers what no unit claims.
        unit_options: Memory, timeout, reserved concurrency and environment of single units, by
            their names; ``catch_all`` is the name of the catch-all. Those of a module hold for
            its routes too. Default - every unit has the same.
        memory_size: Memory of every function in MB. Default - 1,024.
        timeout: The longest that one invocation may take. Default - 29 seconds.
        environment: Environment variables of every function. Default - none.
        snap_start: Whether every function starts from a snapshot, behind a ``SnapStartAlias``.
        import_environment: Variables that the application reads when it is imported to read its
            routes, beside those of ``environment``. Default - those alone.
        routes: The application's routes, where its framework is none of those that can be read:
            ``RouteTable.from_openapi("openapi.json")``. Default - read from the application.
        endpoint: The kind of front door.
        authorizer: CDK's authorizer for that endpoint. Default - IAM authorizes.
        scopes: OAuth scopes, one of which a JWT must hold.
        public: Why the API may be open to anyone; cdk-nag's acknowledgment records the reason.
            Default - it is closed.
        nested_stacks: Whether units stand in nested stacks. Default - if they take more than 400
            of the 500 resources that a stack can have. When an application grows past that, or
            shrinks below, its functions are made anew in one deployment; say ``True`` early for
            one that will grow.
        **options: What the endpoint and every function are set to: see ``ApiOptions`` and
            ``ModularOptions``.

    Attributes:
        api: The L2 of the endpoint. A route that is added to it is closed as well.
        stage: The L2 of its stage.
        access_logs: Where it logs requests.
        functions: The functions by their units' names: the shortest dotted end of a module's name
            that no other module has, ``GET /books/{id}``, or a name given by hand.
        aliases: The ``SnapStartAlias`` of each unit that starts from a snapshot, by its name.
        routes: The application's routes.

    Raises:
        PatternError: If a name means no module or route, a route would belong to two units, the
            application can't be imported or bundled, or the endpoint can't have such a cut.

    See:
        https://docs.aws.amazon.com/lambda/latest/dg/concepts-application-design.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - CDK's own name
        *,
        app: str,
        entry: str | os.PathLike[str],
        granularity: Granularity | str = Granularity.MONOLITH,
        extract: Sequence[str] = (),
        units: Mapping[str, Sequence[str]] | None = None,
        draining: Sequence[str] = (),
        catch_all: bool = True,
        unit_options: Mapping[str, UnitOptions] | None = None,
        memory_size: int | None = None,
        timeout: cdk.Duration | None = None,
        environment: Mapping[str, str] | None = None,
        snap_start: bool = False,
        import_environment: Mapping[str, str] | None = None,
        routes: RouteTable | None = None,
        endpoint: Endpoint = Endpoint.HTTP_API,
        authorizer: object | None = None,
        scopes: Sequence[str] = (),
        public: str | None = None,
        nested_stacks: bool | None = None,
        **options: Unpack[ModularOptions],
    ) -> None:
        path = new_path(scope, id)
        check_endpoint(path, endpoint)
        check_type(path, "snap_start", snap_start, bool, "snap_start=True")
        own = inspect.signature(ModularApi.__init__).parameters
        check_keywords(path, options, ModularOptions, *own)
        self.granularity = check_granularity(
            path, scope.node.try_get_context(CONTEXT_GRANULARITY) or granularity
        )
        self.routes = routes or RouteTable.from_app(
            app,
            entry=entry,
            import_environment={**(environment or {}), **(import_environment or {})},
        )
        self._cut = Cut(path, self.routes, self.granularity, extract, units or {})
        check_claims(path, self._cut, has_catch_all=catch_all)
        leaving = drained(self._cut, draining)
        own_options = options_by_unit(path, self._cut, unit_options or {})
        access = Access(authorizer, scopes, public)
        planned = self._cut.planned(access, leaving, has_catch_all=catch_all)
        api_options = {name: value for name, value in options.items() if name in _API_OPTIONS}
        settings = checked_settings(path, endpoint, access, [*planned.values()], **api_options)  # type: ignore[arg-type]  # the half of the options that is the API's
        super().__init__(scope, id)
        warn_of_unreachable(self, self.routes, has_catch_all=catch_all)
        door = endpoint.door
        makes = ApplicationFunctions(
            app,
            entry,
            {name: value for name, value in options.items() if name not in _API_OPTIONS}
            | {"retention": settings.log_retention},
            UnitOptions(memory_size, timeout, environment=environment or {}, snap_start=snap_start),
        )
        resources = door.unit_resources + _FUNCTION_RESOURCES
        if any(makes.starts_from_snapshot(own_options[name]) for name in planned):
            resources += _ALIAS_RESOURCES
        nests = (
            needs_nesting([*planned.values()], resources, door.route_resources)
            if nested_stacks is None
            else nested_stacks
        )
        scopes_of_units = UnitScopes(self, "Units", nested=nests, unit_resources=resources)
        targets = {}
        self.functions: dict[str, PythonFunction] = {}
        self.aliases: dict[str, SnapStartAlias] = {}
        for name, unit in planned.items():
            # In the API's own stack whatever else is nested: it stays where it is at every cut.
            unit_scope = (
                Construct(self, "CatchAll")
                if unit.is_catch_all
                else scopes_of_units.define(unit.id)
            )
            function = makes.define(unit_scope, own_options[name])
            published = makes.publish(path, unit_scope, function, own_options[name])
            if published:
                self.aliases[name] = published
            self.functions[name] = function
            targets[name] = Target(unit, unit_scope, published.alias if published else function)
        self._open(endpoint, access, settings, [*targets.values()])
        for name, routes_of_unit in leaving.items():
            self._keep(name, routes_of_unit)
        self._arguments: dict[str, Any] = {
            "app": app,
            "entry": entry,
            "extract": extract,
            "units": units,
            "catch_all": catch_all,
            "snap_start": snap_start,
            "exclude": options.get("exclude", EXCLUDE),
            "import_environment": {
                name: "known-when-deployed" if cdk.Token.is_unresolved(value) else value
                for name, value in {**(environment or {}), **(import_environment or {})}.items()
            },
            "endpoint": endpoint,
            "nested_stacks": nested_stacks,
        }
        self._describe(app, entry, endpoint)

    @property
    def plan(self) -> Plan:
        """This API at every granularity, side by side; it takes seconds, and the extra ``local``.

        Surplus privileges it tells if the API is cut by route: which route a grant to a function
        of several is for can't be told from here. ``serverless-patterns plan`` tells them always,
        as it runs the app at each granularity.
        """
        from serverless_patterns._plan_shadow import plan_of  # noqa: PLC0415 - few ask for it

        return plan_of(self, self._arguments)

    def function_for(self, method: str, path: str) -> PythonFunction:
        """The function that serves a route, at any cut: what to grant a route's privileges to.

        Args:
            method: The route's method.
            path: Its path; what its parameters are called doesn't matter.

        Raises:
            PatternError: If the application has no such route, or nothing serves it.
        """
        route = self.routes.find(method, path)
        unit = self._cut.unit_of(route) if route else CATCH_ALL
        is_known = route or path in {each.path for each in self.routes.left_to_catch_all}
        if is_known and unit in self.functions:
            return self.functions[unit]
        keys = [each.key for each in self.routes]
        raise PatternError(
            self.node.path,
            "function_for",
            rule="be asked for a route that a function serves",
            got=f"{method} {path}",
            remedy="give catch_all=True"
            if is_known
            else nearest(f"{method} {path}", keys, "there are"),
        )

    def _keep(self, name: str, routes: Sequence[TableRoute]) -> None:
        """Let the function that requests in flight are on keep what they need."""
        if name in self._cut.units:
            if CATCH_ALL in self.functions:
                _share(self.functions[name], self.functions[CATCH_ALL])
            return
        for serving in {self._cut.unit_of(route) for route in routes} & self.functions.keys():
            _share(self.functions[serving], self.functions[name])

    def _describe(self, app: str, entry: str | os.PathLike[str], endpoint: Endpoint) -> None:
        """Tell a plan of the cut, if one asks."""
        if self.node.try_get_context(CONTEXT_PLAN):
            routes = {name: [each.key for each in of] for name, of in self._cut.units.items()}
            units = {
                name: {"function": function.node.path, "routes": routes.get(name, [])}
                for name, function in self.functions.items()
            }
            self.node.add_metadata(
                METADATA,
                {
                    "app": app,
                    "entry": str(Path(entry).resolve()),
                    "environment": self._arguments["import_environment"],
                    "exclude": [*self._arguments["exclude"]],
                    "endpoint": endpoint.name,
                    "granularity": self.granularity.value,
                    "routes": [each.key for each in self.routes],
                    "units": units,
                },
            )


def _share(function: PythonFunction, other: PythonFunction) -> None:
    """Grant to ``other`` as well what will be granted to ``function``."""
    cast("ExecutionRole", function.role).share_grants_with(cast("ExecutionRole", other.role))
