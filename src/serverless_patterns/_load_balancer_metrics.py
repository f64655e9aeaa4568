"""What a load balancer measures, as other endpoints would say it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_elasticloadbalancingv2 as elbv2

if TYPE_CHECKING:
    from collections.abc import Mapping

    from serverless_patterns._cdk_options import MetricOptions

_OF_THE_EXPRESSION = ("label", "color", "period")
_OF_THE_METRICS_TOO = ("period",)


class BalancerMetrics:
    """The metrics of a load balancer.

    A function that fails or isn't allowed to run is an error of the load balancer's own, a 502,
    and not of its target: one metric alone would miss one or the other. And it measures time in
    seconds. So three of the four are expressions of metrics.

    Args:
        balancer: The load balancer.
    """

    def __init__(self, balancer: elbv2.ApplicationLoadBalancer) -> None:
        self._metrics = balancer.metrics

    def metric_count(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """The number of requests."""
        return self._metrics.request_count(**options)

    def metric_client_error(self, **options: Unpack[MetricOptions]) -> cloudwatch.MathExpression:
        """The number of 4xx answers."""
        return self._answers(
            elbv2.HttpCodeTarget.TARGET_4XX_COUNT, elbv2.HttpCodeElb.ELB_4XX_COUNT, options
        )

    def metric_server_error(self, **options: Unpack[MetricOptions]) -> cloudwatch.MathExpression:
        """The number of 5xx answers."""
        return self._answers(
            elbv2.HttpCodeTarget.TARGET_5XX_COUNT, elbv2.HttpCodeElb.ELB_5XX_COUNT, options
        )

    def metric_latency(self, **options: Unpack[MetricOptions]) -> cloudwatch.MathExpression:
        """The milliseconds from a request to its answer."""
        seconds = self._metrics.target_response_time(**_of_metrics(options))
        return _expression("1000 * seconds", options, {"seconds": seconds})

    def _answers(
        self, target: elbv2.HttpCodeTarget, own: elbv2.HttpCodeElb, options: MetricOptions
    ) -> cloudwatch.MathExpression:
        code = target.name.split("_")[1].lower()
        by_function, by_balancer = f"function{code}", f"balancer{code}"
        passed = _of_metrics(options)
        return _expression(
            # None is measured where there was none, and what is missing can't be added.
            f"FILL({by_function}, 0) + FILL({by_balancer}, 0)",
            options,
            {
                by_function: self._metrics.http_code_target(target, **passed),
                by_balancer: self._metrics.http_code_elb(own, **passed),
            },
        )


def _of_metrics(options: MetricOptions) -> Any:
    own = {*_OF_THE_EXPRESSION} - {*_OF_THE_METRICS_TOO}
    return {name: value for name, value in options.items() if name not in own}


def _expression(
    expression: str, options: MetricOptions, metrics: Mapping[str, cloudwatch.IMetric]
) -> cloudwatch.MathExpression:
    shown: Any = {name: value for name, value in options.items() if name in _OF_THE_EXPRESSION}
    return cloudwatch.MathExpression(expression=expression, using_metrics=metrics, **shown)
