"""What a web service measures, as operators see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from serverless_patterns._alarms import add_alarm
from serverless_patterns._errors import PatternError
from serverless_patterns._load_balancer_metrics import BalancerMetrics

if TYPE_CHECKING:
    from aws_cdk import aws_elasticloadbalancingv2 as elbv2

    from serverless_patterns._cdk_options import MetricOptions
    from serverless_patterns._web_service_compute import Compute
    from serverless_patterns._web_service_legs import Legs
    from serverless_patterns.web_adapter import WebAdapterFunction

_HALF = 12  # of the columns of a dashboard
_IN_A_ROW = 3


class MeasuredService(Construct):
    """A load balancer and what stands behind it, as operators see them.

    Attributes:
        load_balancer: The load balancer.
    """

    load_balancer: elbv2.ApplicationLoadBalancer
    function: WebAdapterFunction | None
    _legs: Legs

    def metric_count(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """The number of requests."""
        return BalancerMetrics(self.load_balancer).metric_count(**options)

    def metric_client_error(self, **options: Unpack[MetricOptions]) -> cloudwatch.MathExpression:
        """The number of 4xx answers."""
        return BalancerMetrics(self.load_balancer).metric_client_error(**options)

    def metric_server_error(self, **options: Unpack[MetricOptions]) -> cloudwatch.MathExpression:
        """The number of 5xx answers."""
        return BalancerMetrics(self.load_balancer).metric_server_error(**options)

    def metric_latency(self, **options: Unpack[MetricOptions]) -> cloudwatch.MathExpression:
        """The milliseconds from a request to its answer."""
        return BalancerMetrics(self.load_balancer).metric_latency(**options)

    def metric_count_of(
        self, compute: Compute, **options: Unpack[MetricOptions]
    ) -> cloudwatch.Metric:
        """The number of requests that one compute was given.

        Args:
            compute: Which one.
            **options: How it is shown.

        Raises:
            PatternError: If ``weights`` doesn't name it.
        """
        return self._metric(compute, "RequestCount", "Sum", options)

    def metric_server_error_of(
        self, compute: Compute, **options: Unpack[MetricOptions]
    ) -> cloudwatch.Metric:
        """The number of 5xx answers of one compute's own.

        Args:
            compute: Which one.
            **options: How it is shown.

        Raises:
            PatternError: If ``weights`` doesn't name it.
        """
        return self._metric(compute, "HTTPCode_Target_5XX_Count", "Sum", options)

    def metric_latency_of(
        self, compute: Compute, **options: Unpack[MetricOptions]
    ) -> cloudwatch.Metric:
        """The seconds from a request to the answer of one compute.

        Args:
            compute: Which one.
            **options: How it is shown.

        Raises:
            PatternError: If ``weights`` doesn't name it.
        """
        return self._metric(compute, "TargetResponseTime", "Average", options)

    def metric_unhealthy_of(
        self, compute: Compute, **options: Unpack[MetricOptions]
    ) -> cloudwatch.Metric:
        """The number of one compute's targets that don't pass their health check.

        Args:
            compute: Which one.
            **options: How it is shown.

        Raises:
            PatternError: If ``weights`` doesn't name it.
        """
        return self._metric(compute, "UnHealthyHostCount", "Maximum", options)

    def add_alarms(
        self,
        action: cloudwatch.IAlarmAction,
        *,
        server_error_percent: float = 1,
        latency: cdk.Duration | None = None,
    ) -> list[cloudwatch.Alarm]:
        """Add the alarms that matter here: errors, slow answers, throttling, tasks that are unwell.

        Each looks at single minutes and goes off when three in a row are bad.

        Args:
            action: What an alarm does.
            server_error_percent: The share of answers that is too much of 5xx.
            latency: How long is too long for the slowest answer of a hundred. Default - 3 seconds.

        Returns:
            ``ServerErrorAlarm`` and ``LatencyAlarm``; ``ThrottleAlarm`` of the function; and
            ``FargateHealthAlarm`` and ``Ec2HealthAlarm`` of the tasks.

        Raises:
            PatternError: If they are there already, or the share is none.
        """
        if not 0 < server_error_percent <= 100:  # noqa: PLR2004 - percent
            raise PatternError(
                self.node.path,
                "server_error_percent",
                rule="be above 0 and at most 100",
                got=server_error_percent,
                remedy="omit it to get 1",
            )
        minute = cdk.Duration.minutes(1)
        slow = (latency or cdk.Duration.seconds(3)).to_milliseconds()
        share = cloudwatch.MathExpression(
            expression="100 * errors / requests",
            label="Server errors in percent",
            period=minute,
            using_metrics={
                "errors": self.metric_server_error(period=minute),
                "requests": self.metric_count(period=minute),
            },
        )
        slowest = self.metric_latency(statistic="p99", period=minute)
        watched: list[tuple[str, cloudwatch.IMetric, float, str]] = [
            ("ServerErrorAlarm", share, server_error_percent, "answers with server errors"),
            ("LatencyAlarm", slowest, slow, "is slow"),
        ]
        if self.function:
            throttles = self.function.metric_throttles(period=minute)
            watched.append(("ThrottleAlarm", throttles, 1, "has a function that is throttled"))
        for compute, leg in self._legs.containers.items():
            unwell = self.metric_unhealthy_of(compute, period=minute)
            says = f"has tasks on {compute.value} that fail their health check"
            watched.append((f"{leg.node.id}HealthAlarm", unwell, 1, says))
        return [
            add_alarm(
                self, each, metric, action, threshold=at, says=says, evaluation_periods=_IN_A_ROW
            )
            for each, metric, at, says in watched
        ]

    def dashboard_widgets(self) -> list[cloudwatch.IWidget]:
        """Graphs for a dashboard: requests, errors and latency by compute, and tasks' CPU."""
        made = [*self._legs.group_names]
        shown: list[tuple[str, list[cloudwatch.IMetric]]] = [
            ("requests", [self.metric_count_of(each, label=each.value) for each in made]),
            (
                "server errors",
                [self.metric_server_error_of(each, label=each.value) for each in made],
            ),
            (
                "seconds, slowest of a hundred",
                [self.metric_latency_of(each, label=each.value, statistic="p99") for each in made],
            ),
        ]
        if self._legs.containers:
            use = [
                leg.service.metric_cpu_utilization(label=compute.value)
                for compute, leg in self._legs.containers.items()
            ]
            shown.append(("CPU of tasks in percent", [*use]))
        return [
            cloudwatch.GraphWidget(title=f"{self.node.path}: {title}", width=_HALF, left=[*metrics])
            for title, metrics in shown
        ]

    def _metric(
        self, compute: Compute, name: str, statistic: str, options: MetricOptions
    ) -> cloudwatch.Metric:
        names = self._legs.group_names
        if compute not in names:
            raise PatternError(
                self.node.path,
                "compute",
                rule="be one that weights names",
                got=repr(compute),
                remedy=f"it names {', '.join(map(repr, names))}",
            )
        settings: MetricOptions = {
            "statistic": statistic,
            "dimensions_map": {
                "LoadBalancer": self.load_balancer.load_balancer_full_name,
                "TargetGroup": names[compute],
            },
            **options,
        }
        metric = cloudwatch.Metric(namespace="AWS/ApplicationELB", metric_name=name, **settings)
        return metric.attach_to(self)
