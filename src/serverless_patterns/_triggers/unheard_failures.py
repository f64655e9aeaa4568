"""Failures that are sent to where nobody gets them: to no subscriber, no rule, no queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
import jsii
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns

from serverless_patterns._invocation import function_behind
from serverless_patterns._streams.readers import identity
from serverless_patterns._triggers.own_configuration import configurations_of, holds_failures
from serverless_patterns._warn import warn

if TYPE_CHECKING:
    from constructs import Construct, IConstruct


def warn_of_unheard(scope: Construct, destination: str, name: str) -> None:
    """Warn at synthesis of a destination that passes failures on to nobody.

    Asked is what the app itself defines: of what is imported, only its own app knows.

    Args:
        scope: What stands for the handler.
        destination: The ARN of the destination.
        name: What messages call it.
    """
    cdk.Aspects.of(scope).add(_WarnsOfUnheard(scope, destination, name))


@jsii.implements(cdk.IAspect)
class _WarnsOfUnheard:
    def __init__(self, scope: Construct, destination: str, name: str) -> None:
        self._scope = scope
        self._destination = destination
        self._name = name

    def visit(self, node: IConstruct) -> None:
        if node is not self._scope:  # an aspect visits everything under what it is added to
            return
        tree = node.node.root.node.find_all()
        arn = identity(self._scope, self._destination)
        for each in tree:
            if isinstance(each, sns.CfnTopic) and arn == f"{each.node.path}.Ref":
                if not _is_subscribed(each, tree):
                    self._warn(
                        "failure-topic-without-subscription",
                        f"{_path(each)}, is a topic that nothing subscribes to",
                        "subscribe a queue to it",
                    )
            elif isinstance(each, events.CfnEventBus) and arn == f"{each.node.path}.Arn":
                if not _is_listened_to(each, tree):
                    self._warn(
                        "failure-bus-without-rule",
                        f"{_path(each)}, is a bus without a rule or an archive",
                        "add a rule to it",
                    )
            elif (
                isinstance(each, lambda_.Function | lambda_.Alias | lambda_.Version)
                and each.function_arn == self._destination
            ):
                if not _holds(each):
                    self._warn(
                        "failure-function-without-destination",
                        f"{each.node.path}, is a function that holds nothing that it fails on",
                        "give that function on_failure",
                    )
                return

    def _warn(self, warning: str, what: str, remedy: str) -> None:
        warn(
            self._scope,
            {
                warning: f"{self._name}, {what}, so what the handler fails on may be lost: "
                f"{remedy}, or send failures to a queue"
            },
        )


def _path(resource: cdk.CfnResource) -> str:
    return resource.node.path.removesuffix("/Resource")


def _is_subscribed(topic: sns.CfnTopic, tree: list[IConstruct]) -> bool:
    arn = f"{topic.node.path}.Ref"
    return bool(topic.subscription) or any(
        isinstance(each, sns.CfnSubscription) and identity(each, each.topic_arn) == arn
        for each in tree
    )


def _is_listened_to(bus: events.CfnEventBus, tree: list[IConstruct]) -> bool:
    """Whether a rule that is enabled listens to a bus, or an archive keeps its events."""
    arn = f"{bus.node.path}.Arn"
    names = {arn, *(f"{bus.node.path}.{each}" for each in ("Ref", "Name")), identity(bus, bus.name)}
    return any(
        (
            isinstance(each, events.CfnRule)
            and each.state != "DISABLED"
            and each.event_bus_name  # else it is the default bus
            and identity(each, each.event_bus_name) in names
        )
        or (isinstance(each, events.CfnArchive) and identity(each, each.source_arn) == arn)
        for each in tree
    )


def _holds(function: lambda_.Function | lambda_.Alias | lambda_.Version) -> bool:
    """Whether a function has a failure destination or a dead-letter queue of its own."""
    behind = function_behind(function)
    resource = behind.node.default_child if behind else None
    return (
        behind is None  # it is imported
        or (isinstance(resource, lambda_.CfnFunction) and resource.dead_letter_config is not None)
        or any(holds_failures(each) for each in configurations_of(function))
    )
