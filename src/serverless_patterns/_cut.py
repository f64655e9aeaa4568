"""Which unit each route of an application belongs to: names and rules, before any construct."""

from __future__ import annotations

import enum
from collections import defaultdict
from typing import TYPE_CHECKING
from urllib.parse import quote

from serverless_patterns._errors import PatternError, check_no_text
from serverless_patterns._route_paths import position
from serverless_patterns._route_rules import nearest
from serverless_patterns._units import Unit, UnitRoute, route_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from serverless_patterns._units import Access
    from serverless_patterns.routes import RouteTable, TableRoute

CATCH_ALL = "catch_all"
"""The name of the unit that answers whatever no other unit claims."""


class Granularity(enum.Enum):
    """How finely an application is cut into functions.

    Attributes:
        MONOLITH: One function answers everything.
        MODULE: Each module that defines endpoints has a function of its own.
        ROUTE: Each route has a function of its own.
    """

    MONOLITH = "monolith"
    MODULE = "module"
    ROUTE = "route"


def check_granularity(path: str, granularity: object) -> Granularity:
    """The granularity that a value names: one of its members, or the text of one.

    Raises:
        PatternError: If it names none.
    """
    for each in Granularity:
        if granularity in (each, each.value):
            return each
    raise PatternError(
        path,
        "granularity",
        rule=f"be one of {', '.join(each.value for each in Granularity)}",
        got=repr(granularity),
        remedy="for example Granularity.MODULE",
    )


class Cut:
    """The units of an application.

    Args:
        path: The construct path, for errors.
        table: The application's routes.
        granularity: How finely it is cut.
        extract: Modules and single routes that leave the monolith.
        units: Units by hand: modules and single routes by a unit's name.

    Attributes:
        path: The construct path.
        table: The application's routes.
        units: The routes of each unit but the catch-all, by the unit's name, sorted.
        left: The routes that the catch-all answers.

    Raises:
        PatternError: If a name is unknown, or a route would belong to two units.
    """

    def __init__(
        self,
        path: str,
        table: RouteTable,
        granularity: Granularity,
        extract: Sequence[str],
        units: Mapping[str, Sequence[str]],
    ) -> None:
        self.path = path
        self.table = table
        self._names = _module_names(table)
        self._by_hand = units
        claimed: dict[str, str] = {}
        check_no_text(path, "extract", extract)
        for unit, members in units.items():
            self._check_unit_name(unit)
            check_no_text(path, f"units[{unit!r}]", members)
            for route in self._ordered(members, "units"):
                self._claim(claimed, route, unit)
        for name in extract:
            for route in self.routes_of(name, "extract"):
                if _is_route(name):
                    self._claim(claimed, route, route.key)
        extracted = {route.key for name in extract for route in self.routes_of(name, "extract")}
        self._units = {
            route.key: claimed.get(route.key)
            or self._unit(route, granularity, is_extracted=route.key in extracted)
            for route in table
        }
        found = defaultdict(list)
        for route in table:
            found[self._units[route.key]].append(route)
        self.left = tuple(found.pop(CATCH_ALL, ()))
        self.units = {name: tuple(routes) for name, routes in sorted(found.items())}

    def unit_of(self, route: TableRoute) -> str:
        """The name of the unit that serves a route."""
        return self._units[route.key]

    def planned(
        self, access: Access, leaving: Iterable[str], *, has_catch_all: bool
    ) -> dict[str, Unit]:
        """The units as an endpoint is given them, by their names.

        Args:
            access: Who may call.
            leaving: Units on their way: one that isn't of this cut is there without routes, for
                what API Gateway still sends it.
            has_catch_all: Whether a function answers what no unit claims.
        """
        units = {
            name: Unit(construct_id(name), tuple(self._unit_routes(routes, access)))
            for name, routes in self.units.items()
        }
        catch_all = {CATCH_ALL: Unit("CatchAll", is_catch_all=True)} if has_catch_all else {}
        left = {name: Unit(construct_id(name)) for name in leaving if name not in units}
        return catch_all | units | left

    def _unit_routes(self, routes: Iterable[TableRoute], access: Access) -> Iterator[UnitRoute]:
        for route in routes:
            yield UnitRoute(route.method, route.path, access)
            # The function of the GET alone has the privileges that its endpoint needs.
            if route.answers_head:
                yield UnitRoute("HEAD", route.path, access)

    def routes_of(self, name: str, keyword: str) -> list[TableRoute]:
        """The routes that a name means: a single one, or those of the modules it is a part of.

        Args:
            name: ``GET /books/{id}``, a module, or some whole dotted parts of one.
            keyword: The keyword that it was given in.

        Raises:
            PatternError: If it means none.
        """
        if name in self._by_hand:
            return [
                route for each in self._by_hand[name] for route in self.routes_of(each, keyword)
            ]
        if _is_route(name):
            method, _, path = name.partition(" ")
            routes = [
                route
                for route in self.table
                if (route.method, position(route.path)) == (method, position(path))
            ]
        else:
            routes = [route for route in self.table if f".{name}." in f".{route.module}."]
        if not routes:
            raise PatternError(
                self.path,
                keyword,
                rule="name modules or routes of the application",
                got=repr(name),
                remedy=nearest(name, self.names(), "there are"),
            )
        return routes

    def names(self) -> set[str]:
        """Every name that a unit can have, at whichever granularity."""
        return {*self._names.values(), *self._by_hand, *(route.key for route in self.table)}

    def module_name(self, route: TableRoute) -> str:
        """The name of the unit that a route's module is, or would be."""
        return self._names[route.module]

    def units_named(self, name: str, keyword: str) -> dict[str, list[TableRoute]]:
        """The units that a name means, at whichever granularity, with their routes.

        Args:
            name: A unit's name, or a module as ``extract`` takes it.
            keyword: The keyword that it was given in.

        Raises:
            PatternError: If it means none.
        """
        routes = self.routes_of(name, keyword)
        if name in self._by_hand:
            return {name: routes}
        if _is_route(name):
            return {routes[0].key: routes}
        units = defaultdict(list)
        for route in routes:
            units[self._names[route.module]].append(route)
        return dict(units)

    def _unit(self, route: TableRoute, granularity: Granularity, *, is_extracted: bool) -> str:
        if position(route.path) == "/{+}":
            return CATCH_ALL  # what no other route matches would be this one's
        if granularity is Granularity.ROUTE:
            return route.key
        if route.module and (granularity is Granularity.MODULE or is_extracted):
            return self._names[route.module]
        return CATCH_ALL

    def _ordered(self, members: Iterable[str], keyword: str) -> list[TableRoute]:
        return [route for member in members for route in self.routes_of(member, keyword)]

    def _claim(self, claimed: dict[str, str], route: TableRoute, unit: str) -> None:
        other = claimed.setdefault(route.key, unit)
        if other != unit:
            raise PatternError(
                self.path,
                "units",
                rule="hold each route once",
                got=f"{route.key} in {other} and in {unit}",
                remedy="take it out of one of them",
            )

    def _check_unit_name(self, name: str) -> None:
        taken = {*self._names.values(), *(route.key for route in self.table), CATCH_ALL}
        if not name or name in taken or _is_route(name):
            raise PatternError(
                self.path,
                "units",
                rule="have names that are no module's and no route's",
                got=repr(name),
                remedy="name the unit after its purpose, such as 'checkout'",
            )


def construct_id(unit: str) -> str:
    """The construct id for a unit's name; no two names have the same.

    A route's holds a space, and everything else's none.
    """
    if _is_route(unit):
        method, _, path = unit.partition(" ")
        return route_id(method, path)
    return quote(unit, safe="")


def _is_route(name: str) -> bool:
    return " /" in name


def _module_names(table: RouteTable) -> dict[str, str]:
    """The shortest dotted suffix of each module that no other has."""
    modules = {route.module for route in table}
    ends: dict[str, int] = defaultdict(int)
    for module in modules:
        for suffix in _suffixes(module):
            ends[suffix] += 1
    return {
        module: next((suffix for suffix in _suffixes(module) if ends[suffix] == 1), module)
        for module in modules
    }


def _suffixes(module: str) -> list[str]:
    parts = module.split(".")
    return [".".join(parts[start:]) for start in range(len(parts) - 1, -1, -1)]
