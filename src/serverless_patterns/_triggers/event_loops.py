"""Whether what a handler failed on comes back to it over the bus that invokes it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3

from serverless_patterns._errors import PatternError
from serverless_patterns._triggers.recursion import patterns_meet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from aws_cdk import aws_events as events
    from constructs import Construct

    from serverless_patterns._triggers.asynchronous_rules import NamedDestination

# What Lambda sends of a failure. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
_FAILURE = {
    "source": "lambda",
    "detailType": "Lambda Function Invocation Result - Failure",
}
_DASHES = str.maketrans("\N{EN DASH}\N{EM DASH}", "--")  # AWS documents one, and sends another


def check_no_loop(
    scope: Construct,
    pattern: events.EventPattern,
    bus: events.IEventBus | None,
    destination: str | None,
    named: NamedDestination,
) -> None:
    """Refuse failures that go to the bus of the trigger, whose rule takes them.

    Args:
        scope: The trigger.
        pattern: What its rule takes.
        bus: Its bus; none is the default one.
        destination: The ARN of where failures go, if it is known.
        named: What messages call it.

    Raises:
        PatternError: If the pattern may match them.
    """
    if destination is None or not _is_bus(scope, bus, destination):
        return
    if _takes(_asked(scope, pattern), _FAILURE):
        raise PatternError(
            scope.node.path,
            named.name,
            rule="be something else than the bus whose events invoke the handler, which would be "
            "invoked with its own failures for ever",
            got="its bus, and a pattern that matches them",
            remedy=f'{named.otherwise}, or ask for a source other than "lambda"',
        )


def loops_through_buckets(
    scope: Construct,
    pattern: events.EventPattern,
    bus: events.IEventBus | None,
    destination: str | None,
    named: NamedDestination,
) -> Iterator[PatternError]:
    """Failures that go to a bucket of the app which tells the bus of the trigger of its objects.

    Asked at synthesis, as a bucket may be let tell it until then.

    Args:
        scope: The trigger.
        pattern: What its rule takes.
        bus: Its bus; none is the default one, which alone buckets send to.
        destination: The ARN of where failures go, if it is known.
        named: What messages call it.
    """
    for each in scope.node.root.node.find_all():
        if (
            isinstance(each, s3.Bucket)
            and each.bucket_arn == destination
            and _is_default(bus)
            and _tells_the_bus(each)
            and _takes(_asked(scope, pattern), _object_of(scope, each))
        ):
            yield PatternError(
                scope.node.path,
                named.name,
                rule="be something else than a bucket that tells the bus of its objects, as the "
                "handler would be invoked with its own failures for ever",
                got=f"{each.node.path}, and a pattern that matches them",
                remedy=f"{named.otherwise}, or ask for the objects of another bucket, or for other "
                f"keys than those under {_KEYS.prefix}",
            )


@dataclass(frozen=True)
class _Beginning:
    """A text of which the beginning is known."""

    prefix: str


_KEYS = _Beginning("aws/lambda/")


def _object_of(scope: Construct, bucket: s3.Bucket) -> Mapping[str, Any]:
    """What S3 tells of a failure that Lambda wrote into a bucket."""
    return {
        "source": "aws.s3",
        "detailType": "Object Created",
        "detail": {
            "bucket": {"name": [cdk.Stack.of(scope).resolve(bucket.bucket_name)]},
            "object": {"key": _KEYS},
        },
    }


def _tells_the_bus(bucket: s3.Bucket) -> bool:
    there = bucket.node.try_find_child("Notifications")
    resources = [bucket.node.default_child, *([there.node.find_child("Resource")] if there else [])]
    said = [
        cdk.Stack.of(each).resolve(cast("cdk.CfnResource", each)._cfn_properties)  # noqa: SLF001
        for each in resources
        if each is not None
    ]
    return "eventbridgeconfiguration" in json.dumps(said).lower()


def _asked(scope: Construct, pattern: events.EventPattern) -> Mapping[str, Any]:
    asked: dict[str, Any] = cdk.Stack.of(scope).resolve(pattern._values)  # noqa: SLF001
    return {**asked, "detailType": asked.get("detail_type")}


def _is_default(bus: events.IEventBus | None) -> bool:
    return bus is None or bus.event_bus_name == "default"


def _is_bus(scope: Construct, bus: events.IEventBus | None, arn: str) -> bool:
    stack = cdk.Stack.of(scope)
    there = json.dumps(stack.resolve(arn), sort_keys=True)
    if bus is not None and json.dumps(stack.resolve(bus.event_bus_arn), sort_keys=True) == there:
        return True
    return _is_default(bus) and ":event-bus/default" in there


def _takes(asked: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """Whether a pattern may match an event; a token in place of a list isn't known to."""
    for name, value in event.items():
        conditions = asked.get(name)
        if conditions is None:
            continue
        if isinstance(value, dict):
            if not isinstance(conditions, dict) or not _takes(conditions, value):
                return False
        elif not isinstance(conditions, list) or not any(
            _may_match(each, value) for each in conditions
        ):
            return False
    return True


def _may_match(condition: Any, value: str | list[Any] | _Beginning) -> bool:
    """Whether a condition takes a text, a token in a list or a text with a known beginning."""
    if isinstance(value, _Beginning):
        return patterns_meet(_as_wildcard(condition), f"{value.prefix}*")
    if isinstance(value, list):
        is_token = isinstance(condition, dict) and ("Ref" in condition or "Fn::" in str(condition))
        return condition == value[0] or (isinstance(condition, dict) and not is_token)
    refused = condition.get("anything-but") if isinstance(condition, dict) else None
    if isinstance(refused, str | list):
        listed = refused if isinstance(refused, list) else [refused]
        return value not in [_plain(each) for each in listed]
    if isinstance(refused, dict):
        return not patterns_meet(_as_wildcard(refused), value)
    return patterns_meet(_as_wildcard(condition), value)


def _as_wildcard(condition: Any) -> str:
    """What a condition takes, or more than that, as a text in which ``*`` is wild."""
    if not isinstance(condition, dict):
        return _plain(condition)
    [(kind, operand), *_] = [*condition.items(), ("", "")]
    if not isinstance(operand, str):
        return "*"
    made = {"prefix": "{}*", "suffix": "*{}", "wildcard": "{}"}
    return made.get(kind, "*").format(_plain(operand))


def _plain(text: object) -> str:
    return str(text).translate(_DASHES)
