"""A handler that events of an EventBridge bus invoke."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets

from serverless_patterns import _quotas
from serverless_patterns._at_synthesis import check_at_synthesis
from serverless_patterns._errors import PatternError, new_path
from serverless_patterns._invocation import check_same_region, check_takes_events
from serverless_patterns._numbers import check_whole, whole_seconds
from serverless_patterns._triggers.asynchronous_rules import AsynchronousSettings, check_permitted
from serverless_patterns._triggers.asynchronous_trigger import AsynchronousTrigger
from serverless_patterns._triggers.event_loops import check_no_loop, loops_through_buckets
from serverless_patterns._triggers.event_pattern import check_pattern
from serverless_patterns._triggers.grants import check_grantee
from serverless_patterns._triggers.undelivered import check_undelivered, undelivered_queue

if TYPE_CHECKING:
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_lambda as lambda_
    from aws_cdk import aws_sqs as sqs
    from constructs import Construct

    from serverless_patterns._cdk_options import MetricOptions
    from serverless_patterns._triggers.failure_destination import Destination


class EventBridgeTrigger(AsynchronousTrigger):
    """A handler that each matching event of a bus invokes, and that loses none.

    Defines a rule with the handler as its target, a queue for events that EventBridge can't
    deliver, and for the handler what Lambda does with events that it fails on: retries, age and a
    queue that they go to, with the error. That configuration and its queue stand beside the
    handler, and all its triggers share them.

    The handler owes an answer without an error once an event is dealt with, and the same effect
    however often one comes: it comes at least once. ``id`` tells repeated ones.

    Args:
        scope: The construct that the trigger belongs to.
        id: The construct id.
        handler: The function, or an alias or a version of one.
        event_pattern: What an event must be.
        bus: The bus. Default - the account's default bus, which AWS's own services send to.
        dead_letter_queue: A standard queue for events that EventBridge can't deliver. One that is
            imported must let EventBridge send to it. Default - a queue of the trigger's own,
            encrypted, kept when it goes, with events retained for 14 days.
        delivery_retry_attempts: How often EventBridge tries again to hand an event to Lambda, 0
            to 185 times. What the handler fails on is no matter of EventBridge's.
        max_delivery_age: How long it tries so, 1 minute to 24 hours. Default - 24 hours.
        retry_attempts: How often Lambda tries again what the handler failed on, 0 to 2 times,
            after 1 and 2 more minutes.
        max_event_age: How long Lambda tries so, 1 minute to 6 hours. Default - 6 hours.
        on_failure: Where Lambda sends what the handler failed on: a queue, a topic or a bucket,
            which the handler's role may write to and no more, or a destination of CDK's.
            Default - a queue that all triggers of the handler share, encrypted, kept when they go,
            with messages retained for 14 days; none of it where the handler has an
            ``EventInvokeConfig`` of its own with a failure destination.

    Attributes:
        rule: The rule.
        bus: The bus, if one was given.

    Raises:
        PatternError: If AWS would refuse or punish an argument, or another trigger of the handler
            asks for other settings.

    See:
        https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - CDK's own name
        *,
        handler: lambda_.IFunction,
        event_pattern: events.EventPattern,
        bus: events.IEventBus | None = None,
        dead_letter_queue: sqs.IQueue | None = None,
        delivery_retry_attempts: int = 185,
        max_delivery_age: cdk.Duration | None = None,
        retry_attempts: int = 2,
        max_event_age: cdk.Duration | None = None,
        on_failure: Destination | None = None,
    ) -> None:
        path = new_path(scope, id)
        check_takes_events(path, handler)
        check_same_region(path, handler, scope, "its trigger")
        _check_bus(path, scope, bus)
        check_pattern(path, scope, event_pattern)
        check_undelivered(path, scope, dead_letter_queue, sender="EventBridge")
        attempts = _quotas.EVENT_BRIDGE_RETRY_ATTEMPTS
        name = "delivery_retry_attempts"
        check_whole(path, name, delivery_retry_attempts, attempts, "omit it to get 185")
        ages = _quotas.EVENT_BRIDGE_EVENT_AGE_SECONDS
        whole_seconds(path, "max_delivery_age", max_delivery_age, ages)
        super().__init__(scope, id)
        self._invoke(handler, AsynchronousSettings(retry_attempts, max_event_age, on_failure))
        failures = (self, event_pattern, bus, self._destination, self._named)
        check_no_loop(*failures)
        check_at_synthesis(self, lambda: loops_through_buckets(*failures))
        self.bus = self._granting = bus
        self.dead_letter_queue = undelivered_queue(
            self,
            dead_letter_queue,
            principal="events.amazonaws.com",
            holds="events that EventBridge could not deliver to the function",
        )
        self.rule = events.Rule(
            self,
            "Rule",
            event_bus=bus,
            event_pattern=event_pattern,
            targets=[
                targets.LambdaFunction(
                    handler,
                    dead_letter_queue=self.dead_letter_queue,
                    retry_attempts=delivery_retry_attempts,
                    max_event_age=max_delivery_age or cdk.Duration.hours(24),
                )
            ],
        )
        self.rule.node.add_dependency(self._configuration)
        check_permitted(path, handler)

    def grant_put_events(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let somebody send events to the bus.

        Args:
            grantee: Who.

        Raises:
            PatternError: If it is nobody, or stands in the handler's stack where that of the
                trigger, with the bus, waits for it.
        """
        if self._granting is None:
            self._granting = events.EventBus.from_event_bus_name(self, "DefaultBus", "default")
        check_grantee(self, self.handler, self._granting, grantee, kind="bus")
        return self._granting.grant_put_events_to(grantee)

    def metric_delivery_failures(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """How many events EventBridge gave up delivering.

        Args:
            **options: Options of the metric.
        """
        return self._metric("FailedInvocations", options)

    def _lost(self) -> cloudwatch.Metric:
        return self._metric("InvocationsFailedToBeSentToDlq", {})

    def _metric(self, name: str, options: MetricOptions) -> cloudwatch.Metric:
        dimensions = {"RuleName": self.rule.rule_name}
        if self.bus is not None:
            dimensions["EventBusName"] = self.bus.event_bus_name
        defaults: MetricOptions = {
            "dimensions_map": dimensions,
            "period": cdk.Duration.minutes(1),
            "statistic": "Sum",
        }
        asked: MetricOptions = {**defaults, **options}
        return cloudwatch.Metric(namespace="AWS/Events", metric_name=name, **asked)


def _check_bus(path: str, scope: Construct, bus: events.IEventBus | None) -> None:
    """Refuse what no rule can stand on."""
    if bus is None:
        return
    if isinstance(bus, type) or not hasattr(bus, "event_bus_name"):
        raise PatternError(
            path,
            "bus",
            rule="be an event bus",
            got=f"the class {bus.__name__}" if isinstance(bus, type) else type(bus).__name__,
            remedy="omit it to take the default bus",
        )
    here, there = cdk.Stack.of(scope).region, bus.env.region
    if here != there and not cdk.Token.is_unresolved(here) and not cdk.Token.is_unresolved(there):
        raise PatternError(
            path,
            "bus",
            rule=f"be in {here} as the rule is",
            got=f"one in {there}",
            remedy="define the trigger in a stack of its region",
        )
