"""What an alias measures, as operators see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from serverless_patterns._alarms import add_alarm
from serverless_patterns._snapstart_rules import properties_of

if TYPE_CHECKING:
    from aws_cdk import aws_lambda as lambda_

    from serverless_patterns._cdk_options import MetricOptions

_HALF = 12  # of the columns of a dashboard
_IN_JSON = (
    'filter type = "platform.restoreReport"',
    "fields record.metrics.durationMs as took",
    "stats count(*), pct(took, 50), pct(took, 99) by bin(5m)",
)
_IN_TEXT = (
    'parse @message "Restore Duration: * ms" as took',
    "filter ispresent(took)",
    "stats count(*), pct(took, 50), pct(took, 99) by bin(5m)",
)


class MeasuredAlias(Construct):
    """An alias and its function, as operators see them.

    Attributes:
        alias: The alias.
    """

    alias: lambda_.Alias
    _function: lambda_.Function

    def metric_invocations(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """The number of invocations through the alias."""
        return self.alias.metric_invocations(**options)

    def metric_errors(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """The number of those that failed."""
        return self.alias.metric_errors(**options)

    def metric_throttles(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """The number of those that Lambda didn't run, as too many ran already."""
        return self.alias.metric_throttles(**options)

    def metric_duration(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """The milliseconds that the handler took. Restoring isn't among them: the logs have it."""
        return self.alias.metric_duration(**options)

    def add_alarms(self, action: cloudwatch.IAlarmAction) -> list[cloudwatch.Alarm]:
        """Add the alarms that matter here: invocations that fail, or that Lambda throttles.

        Each looks at five minutes and goes off when two in a row are bad.

        Args:
            action: What an alarm does.

        Returns:
            ``ErrorAlarm`` and ``ThrottleAlarm``.

        Raises:
            PatternError: If they are there already.
        """
        period = cdk.Duration.minutes(5)
        watched = [
            ("ErrorAlarm", self.metric_errors(period=period), "fails"),
            ("ThrottleAlarm", self.metric_throttles(period=period), "is throttled"),
        ]
        return [
            add_alarm(self, each, metric, action, threshold=1, says=says, evaluation_periods=2)
            for each, metric, says in watched
        ]

    def dashboard_widgets(self) -> list[cloudwatch.IWidget]:
        """Widgets for a dashboard: what is invoked and fails, how long it takes, and restores.

        CloudWatch has no metric of restores, so they are queried from the logs of the function.
        """
        path = self.node.path
        return [
            cloudwatch.GraphWidget(
                title=f"{path}: invocations",
                width=_HALF,
                left=[self.metric_invocations()],
                right=[self.metric_errors(), self.metric_throttles()],
            ),
            cloudwatch.GraphWidget(
                title=f"{path}: duration",
                width=_HALF,
                left=[self.metric_duration(statistic=each) for each in ("p50", "p99")],
            ),
            self._restores(),
        ]

    def _restores(self) -> cloudwatch.IWidget:
        logging = properties_of(self._function).get("loggingConfig", {})
        default = f"/aws/lambda/{self._function.function_name}"
        return cloudwatch.LogQueryWidget(
            title=f"{self.node.path}: restores",
            width=2 * _HALF,
            log_group_names=[cdk.Token.as_string(logging.get("logGroup") or default)],
            query_lines=[*(_IN_JSON if logging.get("logFormat") == "JSON" else _IN_TEXT)],
        )
