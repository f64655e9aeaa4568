"""Where Lambda sends the events that a handler failed on, and what lets it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs

from serverless_patterns import _quotas
from serverless_patterns._errors import PatternError
from serverless_patterns._queues.facts import QueueFacts
from serverless_patterns._role_policies import attached, takes_policies
from serverless_patterns._streams.failed_records import grant_failures
from serverless_patterns._warn import warn

if TYPE_CHECKING:
    from aws_cdk import aws_s3 as s3
    from aws_cdk import aws_sns as sns
    from constructs import Construct

    # What on_failure may be: a resource is bound narrowly, a destination as CDK binds it.
    Destination = sqs.IQueue | sns.ITopic | s3.IBucket | lambda_.IDestination

_ARNS = ("queue_arn", "topic_arn", "bucket_arn", "function_arn", "event_bus_arn")

LOOKED_AT_WITHIN_SECONDS = 86_400
"""How long a failure is kept at least: what fails at night is looked at by day."""


def bound(scope: Construct, handler: lambda_.IFunction, destination: Destination) -> str:
    """The ARN of a destination, after Lambda was allowed to send there as the handler's role.

    Args:
        scope: What stands for the handler.
        handler: The handler.
        destination: The destination.
    """
    if hasattr(destination, "bind"):
        return bound_by_cdk(scope, handler, cast("lambda_.IDestination", destination))
    role = handler.role
    if role is not None:
        # Not the role's default policy, which holds what users grant.
        policy = iam.Policy(scope, "FailureAccess")
        if attached(policy, role):
            grant_failures(destination, policy)
        else:
            scope.node.try_remove_child("FailureAccess")
            _warn_of_role(scope, role)
    return arn_of(destination)


def bound_by_cdk(
    scope: Construct, handler: lambda_.IFunction, destination: lambda_.IDestination
) -> str:
    """The ARN of a destination of CDK's, which grants what it takes."""
    role = handler.role
    if role and not isinstance(role, iam.Role) and not takes_policies(scope, role):
        _warn_of_role(scope, role)
    function = getattr(handler, "lambda_", handler)
    return destination.bind(scope, function, type=lambda_.DestinationType.FAILURE).destination


def arn_of(resource: object) -> str:
    """The ARN of a queue, a topic or a bucket."""
    names = ("queue_arn", "topic_arn", "bucket_arn")
    return next(str(getattr(resource, name)) for name in names if hasattr(resource, name))


def warn_of_elsewhere(scope: Construct, handler: lambda_.IFunction, arn: str, name: str) -> None:
    """Warn of a destination in another account or region.

    The one must let the handler's role in itself, and of the other AWS says nothing.

    Args:
        scope: What stands for the handler.
        handler: The handler.
        arn: The ARN of the destination.
        name: What messages call it.
    """
    region, account = _whereabouts(scope, arn)
    if _differ(handler.env.account, account):
        warn(
            scope,
            {
                "failure-destination-account": f"{name} is in the account {account}, so what the "
                "handler fails on is lost unless the policy there, and that of the key, lets the "
                f"role of {handler.node.path} send to it"
            },
        )
    if _differ(handler.env.region, region):
        warn(
            scope,
            {
                "failure-destination-region": f"{name} is in {region}, and AWS documents no "
                f"destination outside of {handler.env.region}, where {handler.node.path} is: what "
                "it fails on may be lost, so take one there, or try it before you rely on it"
            },
        )


def _whereabouts(within: Construct, arn: str) -> tuple[str, str]:
    """Region and account of what an ARN names, as far as they are known."""
    if not cdk.Token.is_unresolved(arn):
        _, _, _, region, account, *_ = [*arn.split(":"), *[""] * 5]
        return region, account
    for each in within.node.root.node.find_all():
        if cdk.Resource.is_resource(each) and arn in {getattr(each, name, None) for name in _ARNS}:
            env = cast("cdk.IResource", each).env
            return env.region, env.account
    return "", ""


def _differ(here: str, there: str) -> bool:
    known = there and not cdk.Token.is_unresolved(here) and not cdk.Token.is_unresolved(there)
    return bool(known) and here != there


def check_failure_queue(path: str, name: str, queue: sqs.IQueue) -> None:
    """Refuse a queue that drops failures before anybody looks, or takes no large ones.

    Args:
        path: The construct path of the trigger.
        name: The keyword.
        queue: The queue. One that is imported isn't known.

    Raises:
        PatternError: If it does.
    """
    facts = QueueFacts.of(queue)
    if facts is None:
        return
    if facts.retention is not None and facts.retention < LOOKED_AT_WITHIN_SECONDS:
        raise PatternError(
            path,
            name,
            rule=f"keep what failed for at least {LOOKED_AT_WITHIN_SECONDS} s, lest it be gone "
            "before anybody looks",
            got=f"a queue with a retention_period of {facts.retention} s",
            remedy="omit retention_period to get 345600 s, or take up to "
            f"{_quotas.SQS_RETENTION_SECONDS.stop - 1} s",
        )
    resource = cast("sqs.CfnQueue", queue.node.default_child)
    size = resource.maximum_message_size
    if size is None or cdk.Token.is_unresolved(size) or size >= _quotas.SQS_MESSAGE_BYTES:
        return
    raise PatternError(
        path,
        name,
        rule=f"take messages of {_quotas.SQS_MESSAGE_BYTES} bytes, as large as an event can be",
        got=f"a queue with a max_message_size_bytes of {size:g}",
        remedy="omit max_message_size_bytes",
    )


def check_held_in(path: str, within: Construct, arn: str, name: str = "on_failure") -> None:
    """Refuse a queue behind a destination that drops failures, as far as the app defines it.

    Raises:
        PatternError: If it is one.
    """
    for each in within.node.root.node.find_all():
        if isinstance(each, sqs.Queue) and each.queue_arn == arn:
            check_failure_queue(path, name, each)


def _warn_of_role(scope: Construct, role: iam.IRole) -> None:
    warn(
        scope,
        {
            "role-of-handler-unchanged": f"the role of the handler, {role.node.path}, takes no "
            "policies, so nothing lets Lambda send what the handler fails on to on_failure, which "
            "is lost: import it without mutable=False, or grant that there"
        },
    )
