"""Edges of events: what delivers to what, and where what fails goes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from serverless_patterns._diagram.edges import Edge, Line
from serverless_patterns._diagram.resources import listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from serverless_patterns._diagram.edges import Drawn
    from serverless_patterns._diagram.resources import Resource

_DESTINATIONS = (("OnFailure", Line.FAILS, ""), ("OnSuccess", Line.DELIVERS, "on success"))


def event_edges(drawn: Drawn, resource: Resource) -> Iterator[Edge]:
    """The edges that a resource tells of: of a source, a target or what joins them."""
    told = _TOLD.get(resource.type)
    if told:
        yield from told(drawn, resource)


def _alias(drawn: Drawn, alias: Resource) -> Iterator[Edge]:
    yield from drawn.edges(alias, None, alias.get("FunctionName"))


def _bucket(drawn: Drawn, bucket: Resource) -> Iterator[Edge]:
    yield from _notifications(drawn, bucket, None, bucket.get("NotificationConfiguration"))


def _bucket_notifications(drawn: Drawn, resource: Resource) -> Iterator[Edge]:
    told = resource.get("NotificationConfiguration")
    yield from _notifications(drawn, resource, resource.get("BucketName"), told)


def _notifications(drawn: Drawn, resource: Resource, bucket: Any, told: Any) -> Iterator[Edge]:
    for configurations in (told or {}).values():
        for each in listed(configurations) if isinstance(configurations, list) else ():
            yield from drawn.edges(resource, bucket, each)


def _function(drawn: Drawn, function: Resource) -> Iterator[Edge]:
    yield from drawn.edges(function, None, function.get("DeadLetterConfig"), Line.FAILS)


def _invoke_config(drawn: Drawn, config: Resource) -> Iterator[Edge]:
    """An asynchronous configuration, of a function or of the alias that its qualifier names."""
    functions = drawn.within(config, config.get("FunctionName"))
    qualifier = config.get("Qualifier")
    aliases = [
        alias
        for alias in drawn.resources
        if alias.type == "AWS::Lambda::Alias"
        and (alias in drawn.within(config, qualifier) or alias.get("Name") == qualifier)
        and set(functions) & set(drawn.within(alias, alias.get("FunctionName")))
    ]
    for function in aliases or functions:
        for end, line, label in _DESTINATIONS:
            for target in drawn.within(config, config.get("DestinationConfig", end)):
                yield Edge(function, target, line, label)


def _mapping(drawn: Drawn, mapping: Resource) -> Iterator[Edge]:
    function = mapping.get("FunctionName")
    yield from drawn.edges(mapping, mapping.get("EventSourceArn") or {}, function)
    failed = mapping.get("DestinationConfig", "OnFailure")
    yield from drawn.edges(mapping, function, failed, Line.FAILS)


def _pipe(drawn: Drawn, pipe: Resource) -> Iterator[Edge]:
    for source in drawn.within(pipe, pipe.get("Source")):
        yield Edge(source, pipe)
    yield from drawn.edges(pipe, None, [pipe.get("Enrichment"), pipe.get("Target")])
    yield from drawn.edges(pipe, None, pipe.get("SourceParameters"), Line.FAILS)


def _queue(drawn: Drawn, queue: Resource) -> Iterator[Edge]:
    told = queue.get("RedrivePolicy")
    if isinstance(told, str):  # a policy may be given as the text that it is
        told = json.loads(told)
    failed = (told or {}).get("deadLetterTargetArn")
    yield from drawn.edges(queue, None, failed, Line.FAILS)


def _rule(drawn: Drawn, rule: Resource) -> Iterator[Edge]:
    for source in drawn.within(rule, rule.get("EventBusName"), rule.get("EventPattern")):
        yield Edge(source, rule)
    for target in listed(rule.get("Targets")):
        yield from drawn.edges(rule, None, target.get("Arn"))
        yield from drawn.edges(rule, None, target.get("DeadLetterConfig"), Line.FAILS)


def _schedule(drawn: Drawn, schedule: Resource) -> Iterator[Edge]:
    yield from drawn.edges(schedule, None, schedule.get("Target", "Arn"))
    failed = schedule.get("Target", "DeadLetterConfig")
    yield from drawn.edges(schedule, None, failed, Line.FAILS)


def _subscription(drawn: Drawn, subscription: Resource) -> Iterator[Edge]:
    topic = subscription.get("TopicArn")
    yield from drawn.edges(subscription, topic, subscription.get("Endpoint"))
    yield from drawn.edges(subscription, topic, subscription.get("RedrivePolicy"), Line.FAILS)


def _topic(drawn: Drawn, topic: Resource) -> Iterator[Edge]:
    for each in listed(topic.get("Subscription")):
        yield from drawn.edges(topic, None, each.get("Endpoint"))


_TOLD: dict[str, Callable[[Drawn, Resource], Iterator[Edge]]] = {
    "AWS::Events::Rule": _rule,
    "AWS::Lambda::Alias": _alias,
    "AWS::Lambda::EventInvokeConfig": _invoke_config,
    "AWS::Lambda::EventSourceMapping": _mapping,
    "AWS::Lambda::Function": _function,
    "AWS::Pipes::Pipe": _pipe,
    "AWS::S3::Bucket": _bucket,
    "AWS::SNS::Subscription": _subscription,
    "AWS::SNS::Topic": _topic,
    "AWS::SQS::Queue": _queue,
    "AWS::Scheduler::Schedule": _schedule,
    "Custom::S3BucketNotifications": _bucket_notifications,
}
