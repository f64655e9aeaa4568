"""Where the units of an API stand: in its own stack, or spread over nested stacks."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import aws_cdk as cdk
from constructs import Construct

from serverless_patterns import _quotas
from serverless_patterns._errors import PatternError, new_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from serverless_patterns._units import Unit

_STACKS = 20
_OUTPUTS_OF_A_UNIT = 2  # the most that an endpoint asks of it; as many are parameters elsewhere
_LEFT_TO_OTHERS = 100
"""The resources of a stack that are left to what else stands in it."""


def needs_nesting(units: Sequence[Unit], unit_resources: int, route_resources: int) -> bool:
    """Whether units take more than their share of the resources that a stack can have."""
    routes = sum(len(unit.routes) for unit in units)
    resources = len(units) * unit_resources + routes * route_resources
    return resources > _quotas.CLOUDFORMATION_RESOURCES - _LEFT_TO_OTHERS


class UnitScopes:
    """The scopes of units.

    Nested, a unit stands in the stack that its own id leads to, one of a number that never
    changes: so no unit moves when another comes or goes.

    Args:
        scope: The API's construct.
        construct_id: The id of what all of them stand under.
        nested: Whether they are spread over nested stacks.
        unit_resources: The resources that a unit takes.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, nested: bool, unit_resources: int
    ) -> None:
        self._path = scope.node.path
        self._scope = Construct(scope, construct_id)
        self._nested = nested
        self._unit_resources = unit_resources
        self._stacks: dict[int, cdk.NestedStack] = {}
        self._counts: dict[int, int] = {}

    def define(self, unit_id: str) -> Construct:
        """The scope for one more unit.

        Raises:
            PatternError: If its nested stack is full.
        """
        if not self._nested:
            return self._new(self._scope, unit_id)
        number = int.from_bytes(hashlib.sha256(unit_id.encode()).digest()[:4], "big") % _STACKS
        self._counts[number] = self._counts.get(number, 0) + 1
        most = min(
            _quotas.CLOUDFORMATION_RESOURCES // self._unit_resources,
            _quotas.CLOUDFORMATION_OUTPUTS // _OUTPUTS_OF_A_UNIT,
        )
        if self._counts[number] > most:
            raise PatternError(
                self._path,
                "units",
                rule=f"fit into {_STACKS} nested stacks of {most} units",
                got=f"{self._counts[number]} in one",
                remedy="let routes share functions, or make two APIs of it",
            )
        if number not in self._stacks:
            self._stacks[number] = cdk.NestedStack(self._scope, f"Stack{number}")
        return self._new(self._stacks[number], unit_id)

    @staticmethod
    def _new(scope: Construct, unit_id: str) -> Construct:
        new_path(scope, unit_id)  # two functions may be called alike, as A.B and B under A are
        return Construct(scope, unit_id)
