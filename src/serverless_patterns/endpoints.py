"""The HTTP front doors of Lambda functions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Unpack

from aws_cdk import aws_logs as logs

from serverless_patterns._errors import PatternError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from aws_cdk import aws_apigatewayv2 as apigwv2
    from aws_cdk import aws_certificatemanager as acm
    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_ec2 as ec2
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_route53 as route53
    from constructs import Construct

    from serverless_patterns._cdk_options import MetricOptions
    from serverless_patterns._units import Access, Target, Unit


@dataclass(frozen=True)
class Settings:
    """What an endpoint is set to, beside who may call it; ``None`` is what was not asked for."""

    name: str | None
    description: str | None
    cors: apigwv2.CorsPreflightOptions | None
    throttle: apigwv2.ThrottleSettings | None
    retention: logs.RetentionDays | None
    api_key_required: bool = False
    response_streaming: bool = False
    domain_name: str | None = None
    certificate: acm.ICertificate | None = None
    hosted_zone: route53.IHostedZone | None = None

    @property
    def log_retention(self) -> logs.RetentionDays:
        """How long logs are kept."""
        return self.retention or logs.RetentionDays.THREE_MONTHS


class Metrics(Protocol):
    """What an endpoint measures."""

    def metric_count(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """The number of requests."""

    def metric_client_error(
        self, **options: Unpack[MetricOptions]
    ) -> cloudwatch.Metric | cloudwatch.MathExpression:
        """The number of 4xx answers."""

    def metric_server_error(
        self, **options: Unpack[MetricOptions]
    ) -> cloudwatch.Metric | cloudwatch.MathExpression:
        """The number of 5xx answers."""

    def metric_latency(
        self, **options: Unpack[MetricOptions]
    ) -> cloudwatch.Metric | cloudwatch.MathExpression:
        """The milliseconds from a request to its answer."""


class FrontDoor(Protocol):
    """An endpoint that stands in a stack."""

    @property
    def api(self) -> Any:
        """The L2 behind it."""

    @property
    def stage(self) -> Any:
        """The L2 of its stage, ``None`` where it has none."""

    @property
    def access_logs(self) -> Any:
        """Where it logs requests, ``None`` where it doesn't."""

    @property
    def url(self) -> str:
        """Where it answers, ending in a slash."""

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allow signed requests."""

    @property
    def metrics(self) -> Metrics:
        """What it measures."""

    @property
    def domain_target(self) -> str | None:
        """What a record of a name of the user's own points to; ``None`` without such a name."""


class Door(Protocol):
    """What opens a front door."""

    unit_resources: int
    """The resources that it defines for each unit."""

    route_resources: int
    """The resources that it defines for each route."""

    def check(self, path: str, access: Access, settings: Settings, units: Sequence[Unit]) -> None:
        """Refuse what it can't be given, before anything is defined."""

    def __call__(
        self,
        scope: Construct,
        path: str,
        access: Access,
        settings: Settings,
        targets: Sequence[Target],
    ) -> FrontDoor:
        """Define its resources."""


@dataclass(frozen=True)
class Endpoint:
    """The kind of HTTP front door that an API opens.

    Attributes:
        HTTP_API: An Amazon API Gateway HTTP API, payload format 2.0. It waits 30 s for an answer.
        REST_API: A regional Amazon API Gateway REST API. It waits 29 s, validates requests, asks
            for API keys and streams answers, where it is told to.
        FUNCTION_URL: A URL of one function's own. Who calls signs with IAM or is anyone; it
            streams answers, where it is told to.

    See:
        https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-vs-rest.html
    """

    HTTP_API: ClassVar[Endpoint]
    REST_API: ClassVar[Endpoint]
    FUNCTION_URL: ClassVar[Endpoint]

    name: str
    _load: Callable[[], Door] = field(repr=False, compare=False)

    @staticmethod
    def load_balancer(
        *,
        vpc: ec2.IVpc,
        vpc_subnets: ec2.SubnetSelection | None = None,
        priorities: Mapping[str, int] | None = None,
    ) -> Endpoint:
        """An Application Load Balancer whose listener rules lead to Lambda functions.

        It is internal, unless the API is given a ``certificate``: then it faces the internet and
        listens to HTTPS.

        Args:
            vpc: Where it stands.
            vpc_subnets: The subnets of its nodes. Default - the public ones where it faces the
                internet, else the private ones.
            priorities: Priorities of single rules, by route: ``{"GET /books": 17}``. Default - each
                rule's is made of its own route, so that none changes when another comes or goes.
        """

        def load() -> Door:
            from serverless_patterns._load_balancer import LoadBalancer  # noqa: PLC0415

            return LoadBalancer(vpc, vpc_subnets, dict(priorities or {}))

        return Endpoint("load_balancer", load)

    @property
    def door(self) -> Door:
        """What opens it: its module is imported when an API asks for it."""
        return self._load()

    def __repr__(self) -> str:
        return f"Endpoint.{self.name}"


def _http_api() -> Door:
    from serverless_patterns._http_api import HttpApiDoor  # noqa: PLC0415 - its turn may not come

    return HttpApiDoor


def _rest_api() -> Door:
    from serverless_patterns._rest_api import RestApiDoor  # noqa: PLC0415 - its turn may not come

    return RestApiDoor


def _function_url() -> Door:
    from serverless_patterns._function_url import FunctionUrlDoor  # noqa: PLC0415 - as above

    return FunctionUrlDoor


Endpoint.HTTP_API = Endpoint("HTTP_API", _http_api)
Endpoint.REST_API = Endpoint("REST_API", _rest_api)
Endpoint.FUNCTION_URL = Endpoint("FUNCTION_URL", _function_url)


def check_endpoint(path: str, endpoint: object) -> None:
    """Refuse what is no endpoint.

    Raises:
        PatternError: If it is none.
    """
    if not isinstance(endpoint, Endpoint):
        raise PatternError(
            path,
            "endpoint",
            rule="be Endpoint.HTTP_API, Endpoint.REST_API, Endpoint.FUNCTION_URL or "
            "Endpoint.load_balancer(vpc=...)",
            got=repr(endpoint),
            remedy="omit it to get Endpoint.HTTP_API",
        )
