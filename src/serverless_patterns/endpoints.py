"""The HTTP front doors of Lambda functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol, Unpack

from serverless_patterns._errors import PatternError
from serverless_patterns._http_api import HttpApiDoor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_apigatewayv2 as apigwv2
    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_lambda as lambda_
    from aws_cdk import aws_logs as logs
    from constructs import Construct

    from serverless_patterns._cdk_options import MetricOptions


@dataclass(frozen=True)
class Access:
    """Who may call an API: those whom an authorizer lets in, anyone, or else signers of IAM.

    Attributes:
        authorizer: CDK's own authorizer for the endpoint.
        scopes: The OAuth scopes of which a caller's token must hold one.
        public: Why the API may be open to anyone.
    """

    authorizer: object | None
    scopes: Sequence[str]
    public: str | None

    def check(self, path: str) -> None:
        """Refuse an API that is both open and closed, or open without a reason.

        Raises:
            PatternError: If it is.
        """
        if self.public is None:
            return
        if not isinstance(self.public, str) or not self.public.strip():
            raise PatternError(
                path,
                "public",
                rule="say why the API may be open to anyone",
                got=repr(self.public),
                remedy='for example public="The catalogue is for everyone"',
            )
        if self.authorizer is not None or self.scopes:
            raise PatternError(
                path,
                "public",
                rule="be omitted where an authorizer or scopes guard the API",
                got=repr(self.public),
                remedy="keep one of them",
            )


@dataclass(frozen=True)
class Settings:
    """What an endpoint is set to, beside who may call it."""

    name: str | None
    description: str | None
    cors: apigwv2.CorsPreflightOptions | None
    throttle: apigwv2.ThrottleSettings
    retention: logs.RetentionDays


class FrontDoor(Protocol):
    """An endpoint that stands in a stack."""

    @property
    def api(self) -> apigwv2.HttpApi:
        """The L2 behind it."""

    @property
    def stage(self) -> apigwv2.HttpStage:
        """The L2 of its stage."""

    @property
    def access_logs(self) -> logs.LogGroup:
        """Where it logs requests."""

    @property
    def url(self) -> str:
        """Where it answers, ending in a slash."""

    def serve(self, scope: Construct, handler: lambda_.IFunction) -> None:
        """Send every method and path to ``handler``, whose unit is ``scope``."""

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allow signed requests."""

    def metric_count(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """The number of requests."""

    def metric_client_error(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """The number of 4xx answers."""

    def metric_server_error(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """The number of 5xx answers."""

    def metric_latency(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """The milliseconds from a request to its answer."""


class _Door(Protocol):
    """What opens a front door."""

    def __call__(
        self, scope: Construct, path: str, access: Access, settings: Settings
    ) -> FrontDoor:
        """Define its resources."""

    def check(self, path: str, access: Access, settings: Settings) -> None:
        """Refuse what it can't be given."""


class Endpoint:
    """The kind of HTTP front door that an API opens.

    Attributes:
        HTTP_API: An Amazon API Gateway HTTP API, payload format 2.0. It waits 30 s for an answer.

    See:
        https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api.html
    """

    HTTP_API: ClassVar[Endpoint]

    def __init__(self, name: str, door: _Door) -> None:
        self.name = name
        self._door = door

    def __repr__(self) -> str:
        return f"Endpoint.{self.name}"

    def check(self, path: str, access: Access, settings: Settings) -> None:
        """Refuse what the endpoint can't be given, before anything is defined.

        Raises:
            PatternError: If it is given that.
        """
        access.check(path)
        self._door.check(path, access, settings)

    def open(self, scope: Construct, path: str, access: Access, settings: Settings) -> FrontDoor:
        """Define the endpoint's resources in ``scope``."""
        return self._door(scope, path, access, settings)


Endpoint.HTTP_API = Endpoint("HTTP_API", HttpApiDoor)


def check_endpoint(path: str, endpoint: object) -> None:
    """Refuse what is no endpoint.

    Raises:
        PatternError: If it is none.
    """
    if not isinstance(endpoint, Endpoint):
        raise PatternError(
            path,
            "endpoint",
            rule="be one of Endpoint.HTTP_API",
            got=repr(endpoint),
            remedy="omit it to get that",
        )
