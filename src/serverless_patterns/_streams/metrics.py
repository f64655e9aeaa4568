"""What tells how a function keeps up with its stream, and what it failed on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from serverless_patterns._alarms import add_alarm
from serverless_patterns._errors import PatternError, check_type
from serverless_patterns._numbers import check_unit
from serverless_patterns._streams.settings import half

if TYPE_CHECKING:
    from aws_cdk import aws_lambda as lambda_

    from serverless_patterns._cdk_options import MetricOptions


class StreamMetrics(Construct):
    """A consumer of a stream, as its metrics show it.

    Attributes:
        handler: The function.
        event_source_mapping: The mapping.
        max_record_age: The age at which a record is given up.
    """

    handler: lambda_.IFunction
    event_source_mapping: lambda_.EventSourceMapping
    max_record_age: cdk.Duration

    def metric_iterator_age(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """How old, in ms, the last record of a batch was when the handler got it.

        Args:
            **options: What to change about the metric. The statistic is the maximum by default.
        """
        changed: MetricOptions = {"statistic": "Maximum", **options}
        return self.handler.metric("IteratorAge", **changed)

    def metric_on_failure_delivered(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """The number of records that were given up, and are held at the failure destination.

        Args:
            **options: What to change about the metric. The statistic is the sum by default.
        """
        return self._mapping_metric("OnFailureDestinationDeliveredEventCount", options)

    def metric_dropped(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """The number of records that Lambda gave up, as too old or tried too often.

        Args:
            **options: What to change about the metric. The statistic is the sum by default.
        """
        return self._mapping_metric("DroppedEventCount", options)

    def metric_destination_failures(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """The number of times that the failure destination couldn't be written: what is lost.

        Args:
            **options: What to change about the metric. The statistic is the sum by default.
        """
        changed: MetricOptions = {"statistic": "Sum", **options}
        return self.handler.metric("DestinationDeliveryFailures", **changed)

    def _mapping_metric(self, name: str, options: MetricOptions) -> cloudwatch.Metric:
        changed: MetricOptions = {
            "dimensions_map": {
                "EventSourceMappingUUID": self.event_source_mapping.event_source_mapping_id
            },
            "statistic": "Sum",
            **options,
        }
        return cloudwatch.Metric(namespace="AWS/Lambda", metric_name=name, **changed)

    def add_alarms(
        self, action: cloudwatch.IAlarmAction, *, iterator_age: cdk.Duration | None = None
    ) -> list[cloudwatch.Alarm]:
        """Add the alarms that matter here: the handler falls behind, or records were given up.

        Args:
            action: What an alarm does.
            iterator_age: How far behind is too far. Default - half of ``max_record_age``: as much
                time is left before records go to the failure destination unhandled. It must be
                given where that is a token.

        Returns:
            The alarms.

        Raises:
            PatternError: If they are there already, or an argument is none.
        """
        behind = self._behind(iterator_age)
        far = f"is {behind / 3_600_000:.3g} h behind its stream"
        if cdk.Token.is_unresolved(behind):
            far = "is further behind its stream than it may be"
        return [
            add_alarm(
                self,
                "IteratorAgeAlarm",
                self.metric_iterator_age(),
                action,
                threshold=behind,
                says=far,
            ),
            add_alarm(
                self,
                "FailedRecordsAlarm",
                self.metric_on_failure_delivered(),
                action,
                threshold=1,
                says="gave up records, which its failure destination holds",
            ),
            add_alarm(
                self,
                "LostRecordsAlarm",
                self.metric_destination_failures(),
                action,
                threshold=1,
                says="couldn't write records that it gave up to its failure destination",
            ),
        ]

    def _behind(self, iterator_age: cdk.Duration | None) -> float:
        """How far behind is too far, in ms."""
        path, name = self.node.path, "iterator_age"
        check_type(path, name, iterator_age, cdk.Duration, "cdk.Duration.minutes(10)")
        age = iterator_age
        if age is None:
            if self.max_record_age.is_unresolved():
                raise PatternError(
                    path,
                    name,
                    rule="be given where max_record_age is a token, which nothing halves",
                    got="none",
                    remedy="for example cdk.Duration.minutes(10)",
                )
            age = half(self.max_record_age)
        if age.is_unresolved():
            check_unit(path, name, age, "millis")
        elif age.to_milliseconds() == 0:
            raise PatternError(
                path,
                name,
                rule="be above 0",
                got="0 s",
                remedy="omit it to get half of max_record_age",
            )
        return age.to_milliseconds()

    def dashboard_widgets(self) -> list[cloudwatch.IWidget]:
        """Widgets for a dashboard: how far behind the handler is, and what was given up."""
        path = self.node.path
        return [
            cloudwatch.GraphWidget(
                title=f"{path}: iterator age",
                left=[self.metric_iterator_age(label="Oldest, ms")],
            ),
            cloudwatch.GraphWidget(
                title=f"{path}: records given up",
                left=[
                    self.metric_on_failure_delivered(label="Held"),
                    self.metric_destination_failures(label="Not delivered"),
                ],
            ),
        ]
