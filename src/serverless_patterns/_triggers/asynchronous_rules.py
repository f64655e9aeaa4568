"""What Lambda asks of asynchronous invocation, and what it punishes."""

from __future__ import annotations

from dataclasses import dataclass
from inspect import signature
from itertools import accumulate
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from serverless_patterns import _quotas
from serverless_patterns._errors import PatternError
from serverless_patterns._invocation import function_behind
from serverless_patterns._numbers import check_whole, whole_seconds
from serverless_patterns._streams.readers import identity

if TYPE_CHECKING:
    from constructs import IConstruct

    from serverless_patterns._triggers.failure_destination import Destination

_WAITS = (0, *accumulate(_quotas.ASYNC_RETRY_WAITS_SECONDS))
"""How long after its first attempt a failed event is tried for the last time, by retries."""
_QUALIFIED_PARTS = 8  # arn:aws:lambda:<region>:<account>:function:<name>:<qualifier>
_ARNS = ("queue_arn", "topic_arn", "bucket_arn")


@dataclass(frozen=True)
class AsynchronousSettings:
    """What a trigger asks of Lambda for the events that it invokes a handler for."""

    retry_attempts: int = 2
    max_event_age: cdk.Duration | None = None
    on_failure: Destination | None = None

    @property
    def retries(self) -> int | None:
        """How often an event is tried again; none if only a deployment tells."""
        unknown = cdk.Token.is_unresolved(self.retry_attempts)
        return None if unknown else self.retry_attempts

    @property
    def age(self) -> str | None:
        """The longest that an event is tried, likewise."""
        age = self.max_event_age or cdk.Duration.hours(6)
        return None if age.is_unresolved() else f"{age.to_seconds():g} s"


@dataclass(frozen=True)
class NamedDestination:
    """What messages call the destination of failures, and what they offer in place of it."""

    name: str = "on_failure"
    otherwise: str = "omit it to get a queue"


def check_settings(path: str, settings: AsynchronousSettings) -> None:
    """Refuse what Lambda would refuse, and an age that leaves no time for the retries.

    Raises:
        PatternError: If a setting is out of its range, or of another type.
    """
    check_whole(
        path,
        "retry_attempts",
        settings.retry_attempts,
        _quotas.ASYNC_RETRY_ATTEMPTS,
        "omit it to get 2",
    )
    age = whole_seconds(
        path, "max_event_age", settings.max_event_age, _quotas.ASYNC_EVENT_AGE_SECONDS
    )
    if age is not None and isinstance(settings.retry_attempts, int):
        last = _WAITS[settings.retry_attempts]
        if settings.retry_attempts and age <= last:
            fitting = sum(wait < age for wait in _WAITS[1:])
            raise PatternError(
                path,
                "max_event_age",
                rule=f"be above the {last} s that {_retries(settings.retry_attempts)}",
                got=f"{age} s",
                remedy=f"omit it to get 21600 s, or set retry_attempts to {fitting}",
            )
    destination = settings.on_failure
    if destination is not None and (
        isinstance(destination, type)
        or (
            not any(hasattr(destination, each) for each in _ARNS)
            and not _binds_to_functions(destination)
        )
    ):
        raise PatternError(
            path,
            "on_failure",
            rule="be a queue, a topic, a bucket or a destination of "
            "aws_cdk.aws_lambda_destinations",
            got=f"the class {destination.__name__}"
            if isinstance(destination, type)
            else type(destination).__name__,
            remedy="omit it to get a queue",
        )


def check_importable(path: str, handler: lambda_.IFunction) -> None:
    """Refuse an imported handler that CDK can neither grant anything nor configure.

    Raises:
        PatternError: If its role isn't known, or its ARN names a version that CDK would drop.
    """
    arn = handler.function_arn
    parts = [] if cdk.Token.is_unresolved(arn) else arn.split(":")
    if len(parts) == _QUALIFIED_PARTS and not hasattr(handler, "lambda_"):
        raise PatternError(
            path,
            "handler",
            rule="be imported as the alias or the version that its ARN names",
            got=f"a function with the ARN {arn}",
            remedy="import its function, and the alias with lambda_.Alias.from_alias_attributes",
        )
    if handler.role is None:
        raise PatternError(
            path,
            "handler",
            rule="have a role that CDK knows, which is granted to send failed events",
            got="a function imported without one",
            remedy="import it with lambda_.Function.from_function_attributes(function_arn=…, "
            "role=…, same_environment=True)",
        )


def check_no_tenants(path: str, handler: lambda_.IFunction) -> None:
    """Refuse a handler that is invoked for a tenant, of whom no source knows.

    Raises:
        PatternError: If it isolates tenants.
    """
    if handler.tenancy_config is not None:
        raise PatternError(
            path,
            "handler",
            rule="be invoked without a tenant, as its source names none",
            got="a function that isolates tenants",
            remedy="leave tenancy_config out, or let a function in between invoke it for each",
        )


def check_reserved(path: str, reserved: int | None) -> None:
    """Refuse a handler that never runs: each event would go to the failure destination at once.

    Raises:
        PatternError: If no execution is reserved for it.
    """
    if reserved == 0:
        raise PatternError(
            path,
            "handler",
            rule="be allowed to run, because each event would go to the failure destination unseen",
            got="a reserved concurrency of 0",
            remedy="reserve 1 or more, or omit reserved_concurrent_executions",
        )


def check_permitted(path: str, handler: lambda_.IFunction) -> None:
    """Refuse a handler that CDK added no permission to, with nothing but a warning.

    Raises:
        PatternError: If it did so.
    """
    if any("UnclearLambdaEnvironment" in str(each.data) for each in handler.node.metadata):
        raise PatternError(
            path,
            "handler",
            rule="be a function that CDK may give a permission to invoke it",
            got="an imported one, of which it can't tell that it is in this account",
            remedy="import it with lambda_.Function.from_function_attributes(…, "
            "same_environment=True), or with skip_permissions=True if the permission is there",
        )


def check_destination(
    path: str, handler: lambda_.IFunction, arn: str, named: NamedDestination
) -> None:
    """Refuse a destination that Lambda sends no failures to, or that would fail likewise.

    Raises:
        PatternError: If it is a FIFO queue, a FIFO topic, or the handler itself.
    """
    function = function_behind(handler) or handler
    itself = {handler.function_arn, function.function_arn} | {
        each.function_arn
        for each in handler.node.root.node.find_all()
        if isinstance(each, lambda_.Alias | lambda_.Version) and function_behind(each) is function
    }
    if arn in itself:
        raise PatternError(
            path,
            named.name,
            rule="be something else than the handler, which has failed on the event",
            got=f"the function {function.node.path}",
            remedy=named.otherwise,
        )
    if _is_fifo(handler, arn):
        raise PatternError(
            path,
            named.name,
            rule="be no FIFO queue or topic, which Lambda doesn't send failed events to",
            got="a FIFO one",
            remedy=f"take a standard one, or {named.otherwise}",
        )


def _binds_to_functions(destination: object) -> bool:
    """Whether it is a destination as functions take it: those of mappings and buckets bind, too."""
    bind = getattr(destination, "bind", None)
    return callable(bind) and "type" in signature(bind).parameters


def _is_fifo(within: IConstruct, arn: str) -> bool:
    """Whether an ARN is that of a FIFO queue or topic, as far as the app tells."""
    if not cdk.Token.is_unresolved(arn):
        return arn.endswith(".fifo")
    own = identity(within, arn)
    for each in within.node.root.node.find_all():
        if isinstance(each, sqs.CfnQueue) and own == f"{each.node.path}.Arn":
            return each.fifo_queue is True
        if isinstance(each, sns.CfnTopic) and own == f"{each.node.path}.Ref":
            return each.fifo_topic is True
        if arn in {getattr(each, "queue_arn", None), getattr(each, "topic_arn", None)}:
            return bool(getattr(each, "fifo", False))
    return False


def _retries(count: int) -> str:
    return "1 retry waits" if count == 1 else f"{count} retries wait"
