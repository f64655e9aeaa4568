"""What a queue that is polled measures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from serverless_patterns import _quotas
from serverless_patterns._alarms import add_alarm
from serverless_patterns._errors import PatternError, check_type
from serverless_patterns._numbers import whole_seconds
from serverless_patterns._queues.facts import QueueFacts

if TYPE_CHECKING:
    from aws_cdk import aws_lambda as lambda_
    from aws_cdk import aws_sqs as sqs

    from serverless_patterns._cdk_options import MetricOptions

_PERIOD_SECONDS = 60  # how often SQS reports these metrics
_AGES = range(1, _quotas.SQS_RETENTION_SECONDS.stop)
_HALF = 12  # of the columns of a dashboard


class PolledQueue(Construct):
    """A queue and its dead-letter queue, as operators see them.

    Attributes:
        queue: The queue.
        dead_letter_queue: Its dead-letter queue; ``None`` if this app doesn't tell which that is.
        handler: What is invoked.
    """

    queue: sqs.IQueue
    dead_letter_queue: sqs.IQueue | None
    handler: lambda_.IFunction

    def metric_age_of_oldest_message(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """The seconds for which the oldest message has waited, or been tried."""
        return self.queue.metric_approximate_age_of_oldest_message(**options)

    def metric_messages_visible(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """How many messages wait to be received."""
        return self.queue.metric_approximate_number_of_messages_visible(**options)

    def metric_messages_in_flight(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """How many messages are being handled, or hidden until the next attempt."""
        return self.queue.metric_approximate_number_of_messages_not_visible(**options)

    def metric_dead_letters(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """How many messages wait in the dead-letter queue.

        Raises:
            PatternError: If this app doesn't tell which queue that is.
        """
        letters = self._dead_letters("metric_dead_letters")
        return letters.metric_approximate_number_of_messages_visible(**options)

    def add_alarms(
        self, action: cloudwatch.IAlarmAction, *, age: cdk.Duration | None = None
    ) -> list[cloudwatch.Alarm]:
        """Define the two alarms that matter: a message was given up, and messages wait too long.

        Args:
            action: Who is called.
            age: How old the oldest message may get. Default - the time after which one that
                always fails is dead-lettered, or an hour if this app doesn't tell.

        Returns:
            ``DeadLetterAlarm`` and ``AgeAlarm``.

        Raises:
            PatternError: If the alarms are there, an argument is none, or this app doesn't tell
                which queue is the dead-letter queue.
        """
        path = self.node.path
        check_type(path, "age", age, cdk.Duration, "cdk.Duration.minutes(30)")
        whole_seconds(path, "age", age, _AGES)
        self._dead_letters("add_alarms")
        limit = age or self._tried_for()
        minute = cdk.Duration.seconds(_PERIOD_SECONDS)
        return [
            add_alarm(
                self,
                "DeadLetterAlarm",
                self.metric_dead_letters(period=minute),
                action,
                threshold=1,
                says="gave messages up: they wait in the dead-letter queue for "
                "`serverless-patterns redrive`",
            ),
            add_alarm(
                self,
                "AgeAlarm",
                self.metric_age_of_oldest_message(period=minute),
                action,
                threshold=limit.to_seconds(),
                says="is behind: its oldest message waits longer than failing ones are tried",
            ),
        ]

    def dashboard_widgets(self) -> list[cloudwatch.IWidget]:
        """Graphs for a dashboard: messages, their age, and what the handler makes of them."""
        letters = [self.metric_dead_letters()] if self.dead_letter_queue else []
        return [
            cloudwatch.GraphWidget(
                title=f"{self.node.path}: messages",
                width=_HALF,
                left=[self.metric_messages_visible(), self.metric_messages_in_flight()],
                right=letters,
            ),
            cloudwatch.GraphWidget(
                title=f"{self.node.path}: age of the oldest message",
                width=_HALF,
                left=[self.metric_age_of_oldest_message()],
            ),
            cloudwatch.GraphWidget(
                title=f"{self.node.path}: handler",
                width=_HALF,
                left=[self.handler.metric_invocations(), self.handler.metric_errors()],
                right=[self.handler.metric_throttles()],
            ),
            cloudwatch.GraphWidget(
                title=f"{self.node.path}: duration",
                width=_HALF,
                left=[self.handler.metric_duration(statistic="p99")],
            ),
        ]

    def _tried_for(self) -> cdk.Duration:
        """How long a message that always fails is tried."""
        facts = QueueFacts.of(self.queue)
        if facts is None or facts.visibility is None or facts.max_receive_count is None:
            return cdk.Duration.hours(1)
        seconds = facts.visibility * facts.max_receive_count
        return cdk.Duration.seconds(max(seconds, _PERIOD_SECONDS))

    def _dead_letters(self, who: str) -> sqs.IQueue:
        if self.dead_letter_queue is None:
            raise PatternError(
                self.node.path,
                "dead_letter_queue",
                rule=f"be known for {who}",
                got="none, as queue is imported",
                remedy="give the imported queue's own dead-letter queue as dead_letter_queue",
            )
        return self.dead_letter_queue
