"""The versions and aliases of a function, wherever in the app they are defined."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import aws_cdk as cdk
from aws_cdk import aws_applicationautoscaling as autoscaling
from aws_cdk import aws_lambda as lambda_

from serverless_patterns._errors import PatternError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from constructs import IConstruct

_PROVISIONED = "lambda:function:ProvisionedConcurrency"


def provisioned(
    path: str, function: lambda_.Function, within: IConstruct
) -> Iterator[PatternError]:
    """Provisioned concurrency of the function's versions and aliases.

    Args:
        path: The construct path of its ``SnapStartAlias``.
        function: The function.
        within: Where to look for them.
    """
    found = within.node.find_all()
    own = [*_qualified(function, found)]
    holders: list[IConstruct] = [
        each for each, said in own if said.get("provisionedConcurrencyConfig")
    ]
    for each in found:
        if isinstance(each, autoscaling.CfnScalableTarget):
            stack = cdk.Stack.of(each)
            # A scaling target names the function, or takes its name out of an alias's ARN.
            refs = [other.ref for other, _ in own if cdk.Stack.of(other) is stack]
            names = [
                json.dumps(said) for said in (*_names_in(function, stack), *stack.resolve(refs))
            ]
            scaled = json.dumps(stack.resolve(each.resource_id))
            if each.scalable_dimension == _PROVISIONED and any(named in scaled for named in names):
                holders.append(each)
    for holder in holders:
        yield PatternError(
            path,
            "function",
            rule="have no provisioned concurrency",
            got=f"some at {holder.node.path.removesuffix('/Resource')}",
            remedy="choose one of the two ways to start fast",
        )


def named_alike(
    path: str, function: lambda_.Function, alias: lambda_.Alias
) -> Iterator[PatternError]:
    """Other aliases of the function by the same name, of which Lambda makes the first alone.

    Args:
        path: The construct path of its ``SnapStartAlias``.
        function: The function.
        alias: The alias.
    """
    own = cast("lambda_.CfnAlias", alias.node.default_child).node.path
    for each, said in _qualified(function, function.node.root.node.find_all()):
        if said.get("name") == alias.alias_name and each.node.path != own:
            yield PatternError(
                path,
                "alias_name",
                rule="be that of no other alias of the function",
                got=f"{alias.alias_name!r}, as {each.node.path.removesuffix('/Resource')} has",
                remedy="rename either, or leave the other out",
            )


def _qualified(
    function: lambda_.Function, found: Iterable[IConstruct]
) -> Iterator[tuple[lambda_.CfnAlias | lambda_.CfnVersion, Mapping[str, Any]]]:
    """The aliases and versions of a function, with their properties."""
    for each in found:
        if isinstance(each, lambda_.CfnAlias | lambda_.CfnVersion):
            stack = cdk.Stack.of(each)
            said: Mapping[str, Any] = stack.resolve(each._cfn_properties)  # noqa: SLF001
            if said.get("functionName") in _names_in(function, stack):
                yield each, said


def _names_in(function: lambda_.Function, stack: cdk.Stack) -> list[object]:
    """What a stack calls a function: its name and its ARN, where it refers to them."""
    own = cdk.Stack.of(function)
    names = [function.function_name, function.function_arn]
    # In a stack that doesn't refer to them they look as those of its own function would.
    return [
        stack.resolve(each)
        for each in names
        if stack is own or stack.resolve(each) != own.resolve(each)
    ]
