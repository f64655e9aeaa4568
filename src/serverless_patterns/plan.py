"""What each granularity would cost an application, side by side."""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from serverless_patterns import _quotas
from serverless_patterns._cut import CATCH_ALL, Granularity
from serverless_patterns._errors import PatternError
from serverless_patterns._plan_assembly import CONNECTIONS, planned_apis
from serverless_patterns._plan_bundle import measure_bundle
from serverless_patterns._plan_synthesis import PlanError, synthesize_cut

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from serverless_patterns._cdk_app import CdkApp
    from serverless_patterns._plan_assembly import PlannedApi
    from serverless_patterns._plan_bundle import BundleMeasures

__all__ = ["CutPlan", "Plan", "PlanError", "plan_app"]

# An action and its resource, those of a unit or route by its name, and those it has too many.
Action: TypeAlias = tuple[str, str]
Granted: TypeAlias = "Mapping[str, frozenset[Action]]"
Surplus: TypeAlias = "Mapping[str, tuple[Action, ...]]"


@dataclass(frozen=True)
class CutPlan:
    """One application at one granularity.

    Attributes:
        granularity: How finely it is cut.
        functions: Its functions.
        resources: The resources that it defines.
        largest_stack: The resources of the fullest stack that it stands in; a stack has 500.
        stacks: Its stack, and the nested ones that its functions stand in.
        template_bytes: The largest of their templates; one has 1 MB.
        connections: Its integrations, paths, function URLs or target groups.
        policy_bytes: The largest resource policy of one of its functions, estimated from the
            statements that Lambda makes of permissions; one has 20 KB.
        surplus: For each route the actions, each with its resource, that its function may take
            and that the route was not granted; ``None`` where no grants are known. Routes without
            a function of their own at ``ROUTE`` are left out: what they need can't be told.
    """

    granularity: Granularity
    functions: int
    resources: int
    largest_stack: int
    stacks: int
    template_bytes: int
    connections: int
    policy_bytes: int
    surplus: Surplus | None

    @property
    def average_surplus(self) -> float | None:
        """The actions that a route has too many, on average."""
        if not self.surplus:
            return None
        return sum(map(len, self.surplus.values())) / len(self.surplus)

    @property
    def largest_surplus(self) -> int | None:
        """The actions that the widest route has too many."""
        return max(map(len, self.surplus.values())) if self.surplus else None


@dataclass(frozen=True)
class Plan:
    """One application at every granularity, side by side.

    Attributes:
        path: The construct path of its ``ModularApi``.
        endpoint: Its endpoint's name.
        chosen: The granularity that it has now, or ``None`` where the app decides.
        cuts: What it would be, from the coarsest to the finest.
        bundle: What its asset measures: functions share it, so it is the same at every cut.
        unknown: The routes that have no function of their own even at ``ROUTE``, or all where
            there is no such cut.
        refused: Why there is no cut at a granularity, by its text.
    """

    path: str
    endpoint: str
    chosen: Granularity | None
    cuts: tuple[CutPlan, ...]
    bundle: BundleMeasures
    unknown: tuple[str, ...]
    refused: Mapping[str, str]

    @property
    def connections_name(self) -> str:
        """What ``connections`` counts for this endpoint."""
        return CONNECTIONS[self.endpoint].name

    @property
    def quotas(self) -> dict[str, int | None]:
        """The quota of each measure that has one, by its name."""
        return {
            "largest_stack": _quotas.CLOUDFORMATION_RESOURCES,
            "template_bytes": _quotas.CLOUDFORMATION_TEMPLATE_BYTES,
            "connections": CONNECTIONS[self.endpoint].quota,
            "policy_bytes": _quotas.LAMBDA_POLICY_BYTES,
            "bundle_bytes": _quotas.LAMBDA_UNZIPPED_BYTES,
        }

    def to_dict(self) -> dict[str, Any]:
        """All of it as JSON has it."""
        cuts = [
            {
                **asdict(cut),
                "granularity": cut.granularity.value,
                "average_surplus": cut.average_surplus,
                "largest_surplus": cut.largest_surplus,
            }
            for cut in self.cuts
        ]
        return {
            "path": self.path,
            "endpoint": self.endpoint,
            "chosen": self.chosen and self.chosen.value,
            "connections": self.connections_name,
            "quotas": self.quotas,
            "cuts": cuts,
            "bundle": asdict(self.bundle),
            "unknown": list(self.unknown),
            "refused": dict(self.refused),
        }


def plan_app(app: CdkApp, *, api: str | None = None, init: bool = True) -> list[Plan]:
    """The plan of each ``ModularApi`` of a CDK app.

    Args:
        app: The app.
        api: The construct path of one of them. Default - all.
        init: Whether to time the import of its application.

    Raises:
        PlanError: If the app fails, or has no such API.
        PatternError: If an application can't be bundled.
    """
    found = measured(partial(synthesize_cut, app))
    paths = found.apis[Granularity.MONOLITH]
    if not paths:
        raise PlanError(f"the app has no ModularApi to plan: {app.command} in {app.folder}")
    if api is not None and api not in paths:
        raise PlanError(f"the app has no ModularApi {api}; there are {', '.join(sorted(paths))}")
    return [
        made_of(
            path,
            {cut: apis[path] for cut, apis in found.apis.items()},
            found.refused,
            chosen=None,
            init=init,
        )
        for path in ([api] if api else sorted(paths))
    ]


@dataclass(frozen=True)
class Measured:
    """What an app made at each granularity.

    Attributes:
        apis: Its APIs by their paths, at each granularity that it can have.
        refused: Why it can't have others, by the text of each.
    """

    apis: Mapping[Granularity, Mapping[str, PlannedApi]]
    refused: Mapping[str, str]


def measured(synthesize: Callable[[str, Path], None]) -> Measured:
    """The APIs that an app has at each granularity.

    Args:
        synthesize: Writes the assembly of a granularity into a folder.

    Raises:
        PlanError: If not even the monolith can be, or the APIs differ.
    """
    found: dict[Granularity, Mapping[str, PlannedApi]] = {}
    refused = {}
    with tempfile.TemporaryDirectory(prefix="serverless-patterns-plan-") as scratch:
        for cut in Granularity:
            output = Path(scratch) / cut.value / "cdk.out"
            output.mkdir(parents=True)
            try:
                synthesize(cut.value, output)
            except (PlanError, PatternError) as error:
                if cut is Granularity.MONOLITH:
                    raise  # it fails for another reason than the cut
                refused[cut.value] = str(error)
                continue
            found[cut] = planned_apis(output, output.with_name("copy"))
    paths = [set(apis) for apis in found.values()]
    if paths[1:] != paths[:-1]:
        raise PlanError(
            "the app has other ModularApis at other granularities; define each at all of them"
        )
    return Measured(found, refused)


def made_of(
    path: str,
    apis: Mapping[Granularity, PlannedApi],
    refused: Mapping[str, str],
    *,
    chosen: Granularity | None,
    init: bool,
    granted: Granted | None = None,
) -> Plan:
    """The plan of one API that was seen at every granularity.

    Args:
        path: The construct path to call it by.
        apis: What it is at each granularity.
        refused: Why it can't be cut otherwise.
        chosen: The granularity that it has.
        init: Whether to time the import of its application.
        granted: What each unit of the finest cut was granted, by its name, where the API is
            granted nothing here. Default - it is read from each cut.
    """
    description = apis[Granularity.MONOLITH].description
    finest = apis.get(Granularity.ROUTE)
    grants = {
        cut: api.grants() if granted is None else _granted_to_units(api, granted)
        for cut, api in apis.items()
    }
    own = _granted_to_routes(finest) if finest else {}
    if granted is None:
        granted = own
    # Where nothing is granted at any cut, nothing is known: no surplus of zero is claimed.
    known = any(pairs for units in grants.values() for pairs in units.values())
    return Plan(
        path=path,
        endpoint=description["endpoint"],
        chosen=chosen,
        cuts=tuple(
            _cut(cut, api, _surplus(api, grants[cut], granted) if known else None)
            for cut, api in apis.items()
        ),
        bundle=measure_bundle(path, description, init=init),
        unknown=tuple(each for each in description["routes"] if each not in own),
        refused=refused,
    )


def _granted_to_routes(finest: PlannedApi) -> Granted:
    """What each route with a function of its own was granted."""
    grants = finest.grants()
    return {
        routes[0]: grants[unit]
        for unit, routes in finest.units().items()
        if unit != CATCH_ALL and len(routes) == 1
    }


def _granted_to_units(api: PlannedApi, granted: Granted) -> Granted:
    """What each unit is granted if it is granted what its routes are."""
    nothing: frozenset[Action] = frozenset()
    return {
        unit: nothing.union(*(granted.get(name, nothing) for name in [unit, *routes]))
        for unit, routes in api.units().items()
    }


def _surplus(api: PlannedApi, grants: Granted, granted: Granted) -> Surplus:
    return {
        route: tuple(sorted(grants[unit] - granted[route]))
        for unit, routes in api.units().items()
        for route in routes
        if route in granted
    }


def _cut(granularity: Granularity, api: PlannedApi, surplus: Surplus | None) -> CutPlan:
    return CutPlan(
        granularity,
        functions=api.functions,
        resources=api.resources,
        largest_stack=api.largest_stack,
        stacks=api.stacks,
        template_bytes=api.template_bytes,
        connections=api.connections,
        policy_bytes=api.policy_bytes,
        surplus=surplus,
    )
