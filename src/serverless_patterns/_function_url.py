"""A URL of a Lambda function's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack, cast

from aws_cdk import aws_lambda as lambda_

from serverless_patterns._acknowledge import acknowledge
from serverless_patterns._errors import PatternError, refusals_of
from serverless_patterns._function_url_settings import check_cut, check_settings, cors_options
from serverless_patterns._http_integration import warn_of_no_permission
from serverless_patterns._invocation import check_same_region
from serverless_patterns._streaming import check_answers
from serverless_patterns._url_domain import (
    check_answers_through,
    check_url_domain,
    define_url_domain,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_iam as iam
    from constructs import Construct

    from serverless_patterns._cdk_options import MetricOptions
    from serverless_patterns._units import Access, Target, Unit
    from serverless_patterns.endpoints import Settings

# The ids that CDK gives to what it defines under the function.
_URL = "FunctionUrl"
_PERMISSIONS = ("invoke-function-url", "invoke-function")
# AwsSolutions and Serverless have no rule against an open URL; these have.
_STRICT_PACKS = ("HIPAA.Security", "NIST.800.53.R4", "NIST.800.53.R5", "PCI.DSS.321")


class FunctionUrlDoor:
    """The URL of one function, for the construct ``scope`` whose path is ``path``.

    The URL and its permissions stand under the function, where ``add_function_url`` puts them: a
    function has one URL, and so it keeps it, whichever API of this library it is given to.
    """

    unit_resources = 3
    route_resources = 0

    stage = None
    access_logs = None

    def __init__(
        self,
        scope: Construct,
        path: str,
        access: Access,
        settings: Settings,
        targets: Sequence[Target],
    ) -> None:
        [target] = targets
        _check_handler(path, target.handler)
        check_same_region(path, target.handler, target.scope)
        streaming = settings.response_streaming
        check_answers(path, target.handler, "a function URL", streaming=streaming)
        check_answers_through(path, target.handler, settings)
        self._path = path
        self._handler = target.handler
        self.metrics = _UrlMetrics(target.handler)
        self._is_public = access.public is not None
        self.api = self._define(path, settings)
        if access.public is not None:
            self._open(path, target, access.public)
        self._domain = settings.domain_name
        self.domain_target = define_url_domain(scope, path, settings, self.api)

    @staticmethod
    def check(path: str, access: Access, settings: Settings, units: Sequence[Unit]) -> None:
        """Refuse what a function URL can't be given.

        Raises:
            PatternError: If it is given that.
        """
        check_cut(path, units)
        check_settings(path, access, settings)
        check_url_domain(path, access, settings)

    @property
    def url(self) -> str:
        """Where the function answers, ending in a slash."""
        return f"https://{self._domain}/" if self._domain else self.api.url

    def _define(self, path: str, settings: Settings) -> lambda_.FunctionUrl:
        auth_type, invoke_mode = lambda_.FunctionUrlAuthType, lambda_.InvokeMode
        with refusals_of("FunctionUrl", path):
            return self._handler.add_function_url(
                auth_type=auth_type.NONE if self._is_public else auth_type.AWS_IAM,
                cors=cors_options(settings.cors),
                invoke_mode=(
                    invoke_mode.RESPONSE_STREAM
                    if settings.response_streaming
                    else invoke_mode.BUFFERED
                ),
            )

    def _open(self, path: str, target: Target, reason: str) -> None:
        """Let the URL wait until anyone may call it: it would answer 403 until then."""
        rules = [f"{pack}-LambdaFunctionPublicAccessProhibited" for pack in _STRICT_PACKS]
        for permission_id in _PERMISSIONS:
            permission = self._handler.node.try_find_child(permission_id)
            if permission is None:
                warn_of_no_permission(path, target)
                return
            self.api.node.add_dependency(permission)
            acknowledge(permission, *rules, reason=reason)

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allow signed requests."""
        if self._is_public:
            raise PatternError(
                self._path,
                "grant_invoke",
                rule="be called on an API that IAM authorizes",
                got="NONE authorization",
                remedy="omit public",
            )
        return self.api.grant_invoke_url(grantee)


class _UrlMetrics:
    """The metrics of a function's URL."""

    def __init__(self, handler: lambda_.IFunction) -> None:
        self._handler = handler

    def metric_count(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """The number of requests."""
        return self._metric("UrlRequestCount", "Sum", options)

    def metric_client_error(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """The number of 4xx answers."""
        return self._metric("Url4xxCount", "Sum", options)

    def metric_server_error(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """The number of 5xx answers."""
        return self._metric("Url5xxCount", "Sum", options)

    def metric_latency(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """The milliseconds from a request to its answer."""
        return self._metric("UrlRequestLatency", "Average", options)

    def _metric(self, name: str, statistic: str, options: MetricOptions) -> cloudwatch.Metric:
        # https://docs.aws.amazon.com/lambda/latest/dg/urls-monitoring.html
        return self._handler.metric(
            name, **cast("MetricOptions", {"statistic": statistic, **options})
        )


def _check_handler(path: str, handler: lambda_.IFunction) -> None:
    """Refuse what can have no URL, or has one."""
    if hasattr(handler, "version") and not hasattr(handler, "alias_name"):
        raise PatternError(
            path,
            "handler",
            rule="be a function or an alias, which a URL can lead to",
            got="a version",
            remedy="give it an alias: lambda_.Alias(..., version=...)",
        )
    there = handler.node.try_find_child(_URL)
    if there is not None:
        raise PatternError(
            path,
            "handler",
            rule="have no URL yet, because AWS gives it one",
            got=f"one with {there.node.path}",
            remedy="let both callers use that one, or give an alias of the function",
        )
