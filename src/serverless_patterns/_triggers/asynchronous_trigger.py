"""What every trigger has whose handler is invoked asynchronously."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack, cast

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from serverless_patterns._alarms import add_alarm
from serverless_patterns._errors import PatternError
from serverless_patterns._triggers.asynchronous import invoke_asynchronously

if TYPE_CHECKING:
    from aws_cdk import aws_lambda as lambda_
    from aws_cdk import aws_sns as sns
    from aws_cdk import aws_sqs as sqs

    from serverless_patterns._cdk_options import MetricOptions
    from serverless_patterns._triggers.asynchronous_rules import (
        AsynchronousSettings,
        NamedDestination,
    )
    from serverless_patterns._triggers.failure_destination import Destination


class AsynchronousTrigger(Construct):
    """What Lambda holds and tells of the events that it takes for a handler.

    Attributes:
        handler: The function, alias or version.
        on_failure: Where events go that the handler failed on: a queue that was made for it, which
            all its triggers share, or what was given. None if the handler has an
            ``EventInvokeConfig`` of its own, which names it.
        dead_letter_queue: Where events go that never reached the handler; None where they go to
            it without a stop.
    """

    handler: lambda_.IFunction
    on_failure: Destination | None
    dead_letter_queue: sqs.IQueue | None = None
    _configuration: lambda_.CfnEventInvokeConfig  # what a source must wait for
    _destination: str | None  # the ARN of where failed events go
    _named: NamedDestination

    def _invoke(
        self,
        handler: lambda_.IFunction,
        settings: AsynchronousSettings,
        source: sns.ITopic | None = None,
    ) -> None:
        path = self.node.path
        self.handler = handler
        held = invoke_asynchronously(path, handler, settings)
        self.on_failure = held.on_failure
        self._configuration = held.configuration
        self._destination = held.destination
        self._named = held.named
        if source is not None and held.destination == source.topic_arn:
            raise PatternError(
                path,
                held.named.name,
                rule="be something else than the topic that invokes the handler, which would be "
                "invoked with its own failures for ever",
                got=f"the topic {source.node.path}",
                remedy=held.named.otherwise,
            )

    def metric_failed_events(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """How many events are held that the handler failed on.

        Counted in the queue that holds them; with a destination of another kind, how many
        Lambda gave up on, in a minute.

        Args:
            **options: Options of the metric.
        """
        if hasattr(self.on_failure, "queue_arn"):
            queue = cast("sqs.IQueue", self.on_failure)
            return queue.metric_approximate_number_of_messages_visible(**_with_minute(options))
        return self.handler.metric("AsyncEventsDropped", **_with_minute(options, "Sum"))

    def metric_event_age(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """The time from when Lambda took an event to when it invoked the handler with it.

        Args:
            **options: Options of the metric.
        """
        return self.handler.metric("AsyncEventAge", **_with_minute(options, "Maximum"))

    def metric_destination_failures(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """How many failed events Lambda could not send to their destination: these are lost.

        Args:
            **options: Options of the metric.
        """
        return self.handler.metric("DestinationDeliveryFailures", **_with_minute(options, "Sum"))

    def metric_undelivered_events(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """How many events are held that never reached the handler.

        Args:
            **options: Options of the metric.

        Raises:
            PatternError: If nothing stands between the source and Lambda that could hold them.
        """
        if self.dead_letter_queue is None:
            raise PatternError(
                self.node.path,
                "metric_undelivered_events",
                rule="be asked of a trigger with a dead_letter_queue",
                got="one whose source invokes the handler directly",
                remedy="use metric_failed_events, which counts all that can fail here",
            )
        return self.dead_letter_queue.metric_approximate_number_of_messages_visible(
            **_with_minute(options)
        )

    def add_alarms(self, action: cloudwatch.IAlarmAction) -> list[cloudwatch.Alarm]:
        """Add the alarms that matter: an event is held for a person to look at, or is lost.

        Args:
            action: What an alarm does.

        Raises:
            PatternError: If they are there already.
        """
        watched = [
            (
                "FailedEventsAlarm",
                self.metric_failed_events(),
                "has events that its handler failed on",
            ),
            (
                "DestinationFailuresAlarm",
                self.metric_destination_failures(),
                "lost events, as Lambda could not send them to the failure destination",
            ),
        ]
        if self.dead_letter_queue is not None:
            watched.append(
                (
                    "UndeliveredEventsAlarm",
                    self.metric_undelivered_events(),
                    "has events that never reached its handler",
                )
            )
        lost = self._lost()
        if lost is not None:
            watched.append(
                (
                    "LostEventsAlarm",
                    lost,
                    "lost events, as they could not be sent to its dead-letter queue",
                )
            )
        return [
            add_alarm(self, each, metric, action, threshold=1, says=says)
            for each, metric, says in watched
        ]

    def dashboard_widgets(self) -> list[cloudwatch.IWidget]:
        """Widgets for a dashboard: what is held or lost, and how the handler fares."""
        path = self.node.path
        held = [self.metric_failed_events(label="Failed")]
        if self.dead_letter_queue is not None:
            held.append(self.metric_undelivered_events(label="Undelivered"))
        lost = self._lost()
        return [
            cloudwatch.GraphWidget(
                title=f"{path}: events held and lost",
                left=held,
                right=[self.metric_destination_failures(), *([lost] if lost else [])],
            ),
            cloudwatch.GraphWidget(
                title=f"{path}: handler",
                left=[
                    self.handler.metric_invocations(),
                    self.handler.metric_errors(),
                    self.handler.metric_throttles(),
                ],
                right=[self.metric_event_age()],
            ),
        ]

    def _lost(self) -> cloudwatch.Metric | None:
        """How many events neither reached the handler nor the dead-letter queue."""
        return None


def _with_minute(options: MetricOptions, statistic: str = "Maximum") -> MetricOptions:
    """A minute, unless another period is asked for: an alarm should not wait for five."""
    defaults: MetricOptions = {"period": cdk.Duration.minutes(1), "statistic": statistic}
    return {**defaults, **options}
