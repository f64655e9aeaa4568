"""What a cut leaves out, what its units have for themselves, and which are on their way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk

from serverless_patterns._cut import CATCH_ALL
from serverless_patterns._errors import PatternError, check_no_text, check_type
from serverless_patterns._modular_units import UnitOptions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs import Construct

    from serverless_patterns._cut import Cut
    from serverless_patterns.routes import RouteTable, TableRoute


def check_claims(path: str, cut: Cut, *, has_catch_all: bool) -> None:
    """Refuse routes that nothing would answer, for want of a catch-all function.

    Raises:
        PatternError: If there are any.
    """
    if has_catch_all or not cut.left:
        return
    some = ", ".join(route.key for route in cut.left[:3])
    raise PatternError(
        path,
        "catch_all",
        rule="be True where routes belong to no other unit",
        got=f"False with {some}{' and more' if len(cut.left) > 3 else ''}",  # noqa: PLR2004 - a line
        remedy="omit it, or cut with Granularity.MODULE or Granularity.ROUTE",
    )


def warn_of_unreachable(scope: Construct, table: RouteTable, *, has_catch_all: bool) -> None:
    """Warn of routes that API Gateway can't express, where no catch-all function answers them."""
    if has_catch_all or not table.left_to_catch_all:
        return
    some = "; ".join(f"{each.path} ({each.why})" for each in table.left_to_catch_all[:5])
    cdk.Annotations.of(scope).add_warning_v2(
        "serverless-patterns:unreachable-routes",
        f"{scope.node.path}: without a catch-all function nothing answers "
        f"{len(table.left_to_catch_all)} of the application's routes: {some}",
    )


def drained(cut: Cut, names: Sequence[str]) -> dict[str, list[TableRoute]]:
    """The units that are on their way out or back, with their routes.

    Raises:
        PatternError: If a name means none.
    """
    check_no_text(cut.path, "draining", names)
    return {
        unit: routes for name in names for unit, routes in cut.units_named(name, "draining").items()
    }


def options_by_unit(
    path: str, cut: Cut, given: Mapping[str, UnitOptions]
) -> dict[str, UnitOptions]:
    """What each unit has for itself, by the names that units have at whichever granularity.

    Raises:
        PatternError: If a name means no unit.
    """
    own: dict[str, UnitOptions] = {}
    for name, options in given.items():
        check_type(
            path, f"unit_options[{name!r}]", options, UnitOptions, "UnitOptions(timeout=...)"
        )
        own_name = f"unit_options[{name!r}].snap_start"
        check_type(path, own_name, options.snap_start, bool, "snap_start=True")
        units = [name] if name == CATCH_ALL else cut.units_named(name, "unit_options")
        own |= dict.fromkeys(units, options)
    nothing = UnitOptions()
    found = {name: own.get(name, nothing) for name in (CATCH_ALL, *cut.names())}
    for route in cut.table:
        module = found[cut.module_name(route)]
        found[route.key] = found[route.key].over(module)
    return found
