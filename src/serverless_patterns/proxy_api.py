"""One function behind a catch-all route."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as apigwv2
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_logs as logs
from constructs import Construct

from serverless_patterns._errors import PatternError, new_path
from serverless_patterns._invocation import acknowledge_synchronous
from serverless_patterns.endpoints import Access, Endpoint, Settings, check_endpoint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_lambda as lambda_

    from serverless_patterns._cdk_options import MetricOptions


class ProxyApi(Construct):
    """An HTTP front door that sends every request to one function.

    Defines the API, its stage with throttling and JSON access logs, a route for ``/`` and one for
    everything below it, and the permission to invoke the function. Callers sign with IAM unless
    an authorizer or a public reason is given.

    The handler owes an answer to every method and path, a 404 included, within the time that the
    endpoint waits for it. With ``cors`` it owes one to an ``OPTIONS`` request as well: one that is
    no preflight reaches it without authorization.

    Args:
        scope: The construct that the API belongs to.
        id: The construct id.
        handler: The function, or an alias or a version of one.
        endpoint: The kind of front door.
        authorizer: CDK's authorizer for that endpoint. Default - IAM authorizes.
        scopes: OAuth scopes, one of which a JWT must hold.
        public: Why the API may be open to anyone; cdk-nag's acknowledgment records the reason.
            Default - it is closed.
        cors: What browsers on other origins may do. The API answers their preflight requests,
            and where an authorizer would block those, unauthorized ``OPTIONS`` routes let them in.
            Default - browsers on other origins are refused.
        throttle: Requests a second and burst for all callers together. Default - 1,000 and 1,000,
            the executions that Lambda runs at once in a new account.
        api_name: The name in the console. Default - the construct's path.
        description: What the API is for. Default - nothing is said.
        retention: How long access logs are kept.

    Attributes:
        api: The API, an ``apigatewayv2.HttpApi``. A route that is added to it is closed as well.
        stage: Its stage.
        access_logs: The log group of its access logs.
        handler: The function.

    Raises:
        PatternError: If the API would be open without a reason, or the endpoint refuses or
            punishes an argument.

    See:
        https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - CDK's own name
        *,
        handler: lambda_.IFunction,
        endpoint: Endpoint = Endpoint.HTTP_API,
        authorizer: apigwv2.IHttpRouteAuthorizer | None = None,
        scopes: Sequence[str] = (),
        public: str | None = None,
        cors: apigwv2.CorsPreflightOptions | None = None,
        throttle: apigwv2.ThrottleSettings | None = None,
        api_name: str | None = None,
        description: str | None = None,
        retention: logs.RetentionDays = logs.RetentionDays.THREE_MONTHS,
    ) -> None:
        path = new_path(scope, id)
        _check_handler(path, handler)
        check_endpoint(path, endpoint)
        settings = Settings(
            name=api_name,
            description=description,
            cors=cors,
            throttle=throttle or apigwv2.ThrottleSettings(rate_limit=1000, burst_limit=1000),
            retention=retention,
        )
        access = Access(authorizer, scopes, public)
        endpoint.check(path, access, settings)
        super().__init__(scope, id)
        self._door = endpoint.open(self, path, access, settings)
        self._door.serve(self, handler)
        self.handler = handler
        acknowledge_synchronous(self, handler)

    @property
    def api(self) -> apigwv2.HttpApi:
        """The API itself."""
        return self._door.api

    @property
    def stage(self) -> apigwv2.HttpStage:
        """The stage, ``$default``: what a domain name is mapped to."""
        return self._door.stage

    @property
    def access_logs(self) -> logs.LogGroup:
        """The log group of its access logs."""
        return self._door.access_logs

    @property
    def url(self) -> str:
        """Where the API answers, ending in a slash."""
        return self._door.url

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allow ``grantee`` to send signed requests to every route.

        Args:
            grantee: Who calls.

        Raises:
            PatternError: If something other than IAM authorizes the API.
        """
        return self._door.grant_invoke(grantee)

    def metric_count(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """The number of requests."""
        return self._door.metric_count(**options)

    def metric_client_error(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """The number of 4xx answers."""
        return self._door.metric_client_error(**options)

    def metric_server_error(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """The number of 5xx answers."""
        return self._door.metric_server_error(**options)

    def metric_latency(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """The milliseconds from a request to its answer."""
        return self._door.metric_latency(**options)

    def add_alarms(
        self,
        action: cloudwatch.IAlarmAction,
        *,
        server_error_percent: float = 1,
        latency: cdk.Duration | None = None,
    ) -> list[cloudwatch.Alarm]:
        """Add the alarms that matter here: server errors, slow answers, throttled invocations.

        Each looks at single minutes and goes off when three of the last five are bad.

        Args:
            action: What an alarm does.
            server_error_percent: The share of answers that may be a 5xx.
            latency: How long the slowest answer of a hundred may take. Default - 3 seconds.

        Returns:
            The alarms.

        Raises:
            PatternError: If they are there already, or no share of answers could be bad enough.
        """
        if self.node.try_find_child("ThrottleAlarm") is not None:
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
            ("ThrottleAlarm", self.handler.metric_throttles(period=minute), 0, "is throttled"),
        ]
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


def _check_handler(path: str, handler: object) -> None:
    if isinstance(handler, type) or not hasattr(handler, "add_permission"):
        got = f"the class {handler.__name__}" if isinstance(handler, type) else None
        raise PatternError(
            path,
            "handler",
            rule="be a function, an alias or a version",
            got=got or type(handler).__name__,
            remedy="make one with PythonFunction",
        )
