"""What every API of this library is, whichever functions stand behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict, Unpack

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_logs as logs
from constructs import Construct

from serverless_patterns._errors import PatternError
from serverless_patterns._invocation import acknowledge_synchronous
from serverless_patterns._route_rules import nearest
from serverless_patterns.endpoints import Settings, check_endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_apigatewayv2 as apigwv2
    from aws_cdk import aws_certificatemanager as acm
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_lambda as lambda_
    from aws_cdk import aws_route53 as route53

    from serverless_patterns._cdk_options import MetricOptions
    from serverless_patterns._units import Access, Target, Unit
    from serverless_patterns.endpoints import Endpoint, FrontDoor

_METRICS_IN_AN_ALARM = 10


class ApiOptions(TypedDict, total=False):
    """What ``ProxyApi``, ``RouteApi`` and ``ModularApi`` take as ``**options``.

    Attributes:
        cors: What browsers on other origins may do, on an HTTP API or a function URL, which answer
            their preflight requests. Default - browsers on other origins are refused.
        throttle: Requests a second and burst for all callers together, on an HTTP API or a REST
            API. Default - 1,000 and 1,000, the executions that Lambda runs at once in a new
            account.
        api_key_required: Whether a REST API asks for an API key; ``api.add_usage_plan`` of its L2
            makes plans and keys. Default - it doesn't.
        response_streaming: Whether answers are streamed, by a REST API or a function URL. The
            handler must be able to, which a plain Python function isn't. Default - they are
            buffered.
        domain_name: A name of your own, such as ``api.shop.example``. Default - AWS makes one.
        certificate: The certificate for that name. It makes a load balancer face the internet.
            Default - none.
        hosted_zone: The zone of that name, in which a record is made. Default - the record is
            yours to make.
        api_name: The name in the console. Default - the construct's path.
        description: What the API is for. Default - nothing is said.
        retention: How long access logs are kept. Default - three months.
    """

    cors: apigwv2.CorsPreflightOptions | None
    throttle: apigwv2.ThrottleSettings | None
    api_key_required: bool
    response_streaming: bool
    domain_name: str | None
    certificate: acm.ICertificate | None
    hosted_zone: route53.IHostedZone | None
    api_name: str | None
    description: str | None
    retention: logs.RetentionDays | None


class FrontDoorApi(Construct):
    """An HTTP front door with functions behind it: the base of this library's APIs.

    Attributes:
        api: The L2 of the endpoint. What is added to it is closed as well.
        stage: The L2 of its stage.
        access_logs: Where it logs requests.
        url: Where it answers.
    """

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self._front_door: FrontDoor
        self._handlers: list[lambda_.IFunction]

    def _open(
        self, endpoint: Endpoint, access: Access, settings: Settings, targets: Sequence[Target]
    ) -> None:
        self._front_door = endpoint.door(self, self.node.path, access, settings, targets)
        self._handlers = [*{target.handler: None for target in targets}]
        acknowledge_synchronous(self, self._handlers)

    @property
    def api(self) -> Any:
        """The L2: ``HttpApi``, ``SpecRestApi``, ``FunctionUrl`` or ``ApplicationLoadBalancer``."""
        return self._front_door.api

    @property
    def stage(self) -> Any:
        """The L2 of its stage; ``None`` where the endpoint has none."""
        return self._front_door.stage

    @property
    def access_logs(self) -> Any:
        """Its access logs: a log group, or a load balancer's bucket; ``None`` without any."""
        return self._front_door.access_logs

    @property
    def url(self) -> str:
        """Where the API answers, ending in a slash."""
        return self._front_door.url

    @property
    def domain_target(self) -> str | None:
        """What a record for ``domain_name`` points to, if you make it; ``None`` without a name."""
        return self._front_door.domain_target

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allow ``grantee`` to send signed requests to every route.

        Args:
            grantee: Who calls.

        Raises:
            PatternError: If something other than IAM authorizes the API.
        """
        return self._front_door.grant_invoke(grantee)

    def metric_count(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """The number of requests."""
        return self._front_door.metrics.metric_count(**options)

    def metric_client_error(
        self, **options: Unpack[MetricOptions]
    ) -> cloudwatch.Metric | cloudwatch.MathExpression:
        """The number of 4xx answers."""
        return self._front_door.metrics.metric_client_error(**options)

    def metric_server_error(
        self, **options: Unpack[MetricOptions]
    ) -> cloudwatch.Metric | cloudwatch.MathExpression:
        """The number of 5xx answers."""
        return self._front_door.metrics.metric_server_error(**options)

    def metric_latency(
        self, **options: Unpack[MetricOptions]
    ) -> cloudwatch.Metric | cloudwatch.MathExpression:
        """The milliseconds from a request to its answer."""
        return self._front_door.metrics.metric_latency(**options)

    def add_alarms(
        self,
        action: cloudwatch.IAlarmAction,
        *,
        server_error_percent: float = 1,
        latency: cdk.Duration | None = None,
    ) -> list[cloudwatch.Alarm]:
        """Add the alarms that matter here: server errors, slow answers, throttled invocations.

        Each looks at single minutes and goes off when three of the last five are bad. An alarm
        takes ten metrics: behind more than ten functions, throttled invocations are seen as the
        server errors that they end in.

        Args:
            action: What an alarm does.
            server_error_percent: The share of answers that may be a 5xx.
            latency: How long the slowest answer of a hundred may take. Default - 3 seconds.

        Returns:
            The alarms.

        Raises:
            PatternError: If they are there already, or no share of answers could be bad enough.
        """
        if self.node.try_find_child("LatencyAlarm") is not None:
            raise PatternError(
                self.node.path,
                "add_alarms",
                rule="be called once",
                got="a second call",
                remedy="give the alarms that it returned a second action with add_alarm_action",
            )
        if not 0 <= server_error_percent < 100:  # noqa: PLR2004 - percent
            raise PatternError(
                self.node.path,
                "server_error_percent",
                rule="be from 0 to below 100",
                got=server_error_percent,
                remedy="omit it to get 1",
            )
        minute = cdk.Duration.minutes(1)
        error_rate = cloudwatch.MathExpression(
            expression="100 * errors / requests",
            label="Server errors in percent",
            period=minute,
            using_metrics={
                "errors": self.metric_server_error(period=minute),
                "requests": self.metric_count(period=minute),
            },
        )
        slow = (latency or cdk.Duration.seconds(3)).to_milliseconds()
        watched: list[tuple[str, cloudwatch.IMetric, float, str]] = [
            ("ServerErrorAlarm", error_rate, server_error_percent, "answers with server errors"),
            ("LatencyAlarm", self.metric_latency(statistic="p99", period=minute), slow, "is slow"),
        ]
        if len(self._handlers) <= _METRICS_IN_AN_ALARM:
            watched.append(("ThrottleAlarm", self._throttles(minute), 0, "is throttled"))
        alarms = []
        for alarm_id, metric, threshold, what in watched:
            alarm = cloudwatch.Alarm(
                self,
                alarm_id,
                alarm_description=f"{self.node.path} {what}",
                metric=metric,
                threshold=threshold,
                comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
                evaluation_periods=5,
                datapoints_to_alarm=3,
                treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            )
            alarm.add_alarm_action(action)
            alarms.append(alarm)
        return alarms

    def _throttles(self, period: cdk.Duration) -> cloudwatch.IMetric:
        metrics = [handler.metric_throttles(period=period) for handler in self._handlers]
        if len(metrics) == 1:
            return metrics[0]
        named = {f"throttles{number}": metric for number, metric in enumerate(metrics)}
        return cloudwatch.MathExpression(
            expression=" + ".join(named),
            label="Throttled invocations",
            period=period,
            using_metrics=named,
        )


def checked_settings(
    path: str,
    endpoint: Endpoint,
    access: Access,
    units: Sequence[Unit],
    **options: Unpack[ApiOptions],
) -> Settings:
    """The settings of an API, refused before anything is defined if the endpoint can't have them.

    Args:
        path: The construct path.
        endpoint: The kind of front door.
        access: Who may call.
        units: What stands behind it.

    Raises:
        PatternError: If the endpoint can't be given that.
    """
    check_endpoint(path, endpoint)
    check_keywords(path, options, ApiOptions, "authorizer", "endpoint", "public", "scopes")
    settings = Settings(
        name=options.get("api_name"),
        description=options.get("description"),
        cors=options.get("cors"),
        throttle=options.get("throttle"),
        retention=options.get("retention"),
        api_key_required=options.get("api_key_required", False),
        response_streaming=options.get("response_streaming", False),
        domain_name=options.get("domain_name"),
        certificate=options.get("certificate"),
        hosted_zone=options.get("hosted_zone"),
    )
    for each in (access, *(route.access for unit in units for route in unit.routes)):
        each.check(path)
    endpoint.door.check(path, access, settings, units)
    return settings


def check_keywords(path: str, options: Mapping[str, object], known: type, *named: str) -> None:
    """Refuse a keyword that is misspelt: it would be left out in silence.

    Args:
        path: The construct path.
        options: What was given as ``**options``.
        known: The ``TypedDict`` of what can be.
        named: The construct's other keywords, one of which may have been meant.

    Raises:
        PatternError: If there is one.
    """
    keywords: frozenset[str] = known.__optional_keys__  # type: ignore[attr-defined]
    for name in options:
        if name not in keywords:
            raise PatternError(
                path,
                name,
                rule="be a keyword that is known",
                got="another",
                remedy=nearest(name, {*keywords, *named}, "the options are"),
            )
