"""What Lambda does with the events that it invokes a handler for, asynchronously."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import aws_cdk as cdk
import jsii
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations

from serverless_patterns._at_synthesis import check_at_synthesis
from serverless_patterns._dead_letters import dead_letter_queue
from serverless_patterns._errors import PatternError
from serverless_patterns._queues.facts import reserved_concurrency_of
from serverless_patterns._streams.readers import identity
from serverless_patterns._triggers.asynchronous_rules import (
    NamedDestination,
    check_destination,
    check_importable,
    check_no_tenants,
    check_reserved,
    check_settings,
)
from serverless_patterns._triggers.failure_destination import (
    arn_of,
    bound,
    bound_by_cdk,
    check_held_in,
    warn_of_elsewhere,
)
from serverless_patterns._triggers.held_failures import HeldFailures, acknowledge_held
from serverless_patterns._triggers.own_configuration import (
    check_own,
    configurations_of,
    destination_of,
    path_of,
)
from serverless_patterns._triggers.policy_size import warn_of_policy_size
from serverless_patterns._triggers.unheard_failures import warn_of_unheard

if TYPE_CHECKING:
    from aws_cdk import aws_sqs as sqs
    from constructs import Construct

    from serverless_patterns._triggers.asynchronous_rules import AsynchronousSettings
    from serverless_patterns._triggers.failure_destination import Destination


class AsynchronousInvocation(HeldFailures):
    """What becomes of the events that a handler fails on: one for all that invoke it.

    Lambda keeps one configuration for a function, an alias or a version. So it and its queue
    stand beside the handler, by ids that no trigger chooses: whichever trigger comes first or goes,
    neither is replaced.

    Attributes:
        handler: The function, alias or version.
        asked_by: The path of the trigger that asked for it first.
        settings: What that trigger asked for.
        on_failure: The queue that was made for failures, or the destination that was asked for;
            none if the handler's own configuration names it.
        destination: The ARN of where failures go, whoever named it; none if a token stands for it.
        named: What messages call it.
    """

    def __init__(
        self, handler: lambda_.IFunction, asked_by: str, settings: AsynchronousSettings
    ) -> None:
        super().__init__(*_place(handler))
        self.handler = handler
        self.asked_by = asked_by
        self.settings = settings
        self.on_failure: sqs.Queue | Destination | None = None
        self.destination: str | None = None
        self.named = NamedDestination()
        own = configurations_of(handler)
        if own:
            self._take(own[0])
        else:
            self._configure()
        acknowledge_held(self)
        warn_of_policy_size(self, handler)
        check_at_synthesis(self, self._configured_twice)

    @property
    def configuration(self) -> lambda_.CfnEventInvokeConfig:
        """What a source must wait for, lest an event come before its failures are held."""
        return configurations_of(self.handler)[0]

    def joined(self, path: str, settings: AsynchronousSettings) -> None:
        """Take another trigger in.

        Raises:
            PatternError: If it asks for other settings than the first one.
        """
        if self.on_failure is None:
            check_own(path, self.handler, settings)
            return
        asked = [
            ("retry_attempts", self.settings.retries, settings.retries),
            ("max_event_age", self.settings.age, settings.age),
            ("on_failure", *self._destinations(settings.on_failure)),
        ]
        for name, first, other in asked:
            if first != other and None not in (first, other):  # a token isn't compared
                raise PatternError(
                    path,
                    name,
                    rule=f"be {first} as {self.asked_by} has it, since one handler has one setting",
                    got=other,
                    remedy="ask for the same, or invoke an alias, which has settings of its own",
                )

    def _destinations(self, other: Destination | None) -> tuple[str, str]:
        """What the first trigger asked for and what another one does, to compare and to tell."""
        first = self.settings.on_failure
        if first is None or other is None:
            return _told(first), _told(other)
        if first is other or identity(self, self._arn(first)) == identity(self, self._arn(other)):
            return _told(first), _told(first)
        return _told(first), f"another {_told(other)}"

    def _arn(self, destination: Destination) -> str:
        if hasattr(destination, "bind"):
            return bound_by_cdk(self, self.handler, cast("lambda_.IDestination", destination))
        return arn_of(destination)

    def _configure(self) -> None:
        asked = self.settings.on_failure
        if asked is None:
            queue = dead_letter_queue(
                self, "FailedEvents", holds="events that a function failed on"
            )
            self.destination = bound(self, self.handler, destinations.SqsDestination(queue))
        else:
            self.destination = bound(self, self.handler, asked)
            self._check(self.destination)
        self.on_failure = asked or queue
        self.handler.configure_async_invoke(
            retry_attempts=self.settings.retry_attempts,
            max_event_age=self.settings.max_event_age or cdk.Duration.hours(6),
            on_failure=_Bound(self.destination),
        )
        configuration = self.handler.node.find_child("EventInvokeConfig")
        access = self.node.try_find_child("FailureAccess")
        if access is not None:  # Lambda looks whether the role may send there
            configuration.node.add_dependency(access)
        role = self.handler.role
        if role and not isinstance(
            getattr(self.handler, "lambda_", self.handler), lambda_.Function
        ):
            # A function that is defined here waits for its role, an imported one is there already.
            configuration.node.add_dependency(role)

    def _take(self, own: lambda_.CfnEventInvokeConfig) -> None:
        """Hold failures where the user's own configuration sends them."""
        self.named = NamedDestination(
            "handler.on_failure", f"leave {path_of(own)} out to get a queue"
        )
        self.destination = destination_of(own)
        if self.destination is not None:
            self._check(self.destination)

    def _check(self, destination: str) -> None:
        check_destination(self.asked_by, self.handler, destination, self.named)
        check_held_in(self.asked_by, self, destination, self.named.name)
        warn_of_elsewhere(self, self.handler, destination, self.named.name)
        warn_of_unheard(self, destination, self.named.name)

    def _configured_twice(self) -> list[PatternError]:
        """What a user configured since, beside this."""
        first, *others = configurations_of(self.handler)
        return [
            PatternError(
                self.asked_by,
                "handler",
                rule="have one EventInvokeConfig, as Lambda keeps no more",
                got=f"{first.node.path} and {other.node.path}",
                remedy="set retry_attempts, max_event_age and on_failure of the trigger",
            )
            for other in others
        ]


def invoke_asynchronously(
    path: str, handler: lambda_.IFunction, settings: AsynchronousSettings
) -> AsynchronousInvocation:
    """See to it that no event is lost that a handler fails on.

    Args:
        path: The construct path of the trigger.
        handler: What it invokes.
        settings: What it asks for.

    Raises:
        PatternError: If Lambda would refuse a setting, or the handler has others.
    """
    check_settings(path, settings)
    check_no_tenants(path, handler)
    check_reserved(path, reserved_concurrency_of(handler))
    scope, construct_id = _place(handler)
    found = scope.node.try_find_child(construct_id)
    if isinstance(found, AsynchronousInvocation):
        found.joined(path, settings)
        return found
    if configurations_of(handler):
        check_own(path, handler, settings)
    else:
        check_importable(path, handler)
    return AsynchronousInvocation(handler, path, settings)


def _place(handler: lambda_.IFunction) -> tuple[Construct, str]:
    """Where it stands: beside the handler, as no construct of Python's stands under any import."""
    return cast("Construct", handler.node.scope), f"{handler.node.id}Asynchronous"


@jsii.implements(lambda_.IDestination)
class _Bound:
    """A destination that was bound before: bound again, some make their resources again."""

    def __init__(self, arn: str) -> None:
        self._arn = arn

    def bind(
        self,
        scope: Construct,  # noqa: ARG002 - CDK's signature
        fn: lambda_.IFunction,  # noqa: ARG002
        *,
        type: lambda_.DestinationType,  # noqa: A002, ARG002
    ) -> lambda_.DestinationConfig:
        return lambda_.DestinationConfig(destination=self._arn)


def _told(destination: Destination | None) -> str:
    return "a queue of its own" if destination is None else type(destination).__name__
