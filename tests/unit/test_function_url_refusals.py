from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_apigatewayv2 as apigwv2
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs

from serverless_patterns import Endpoint, PatternError, ProxyApi, PythonFunction
from serverless_patterns._units import Access, Unit, UnitRoute
from serverless_patterns.endpoints import Settings
from tests.apis import jwt
from tests.messages import exactly

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]

MATCH = assertions.Match
URL = "AWS::Lambda::Url"
OPEN = "The catalogue is for everyone"
THROTTLE = apigwv2.ThrottleSettings(rate_limit=5, burst_limit=2)
ROUTERS = "Endpoint.HTTP_API, Endpoint.REST_API or Endpoint.load_balancer(vpc=...)"
API_GATEWAY = "Endpoint.HTTP_API or Endpoint.REST_API"


def function_url(stack: cdk.Stack, handler: lambda_.IFunction, **options: Any) -> ProxyApi:
    return ProxyApi(stack, "Api", handler=handler, endpoint=Endpoint.FUNCTION_URL, **options)


def cors(**options: Any) -> apigwv2.CorsPreflightOptions:
    return apigwv2.CorsPreflightOptions(**{"allow_origins": ["https://shop.example"], **options})


def alias_of(function: lambda_.Function) -> lambda_.Alias:
    return lambda_.Alias(function, "Live", alias_name="live", version=function.current_version)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"authorizer": jwt()},
            f"authorizer must be asked of {ROUTERS}: a function URL knows IAM and anyone, got "
            "Endpoint.FUNCTION_URL; choose that endpoint, or omit it",
        ),
        (
            {"scopes": ["shop/read"]},
            f"scopes must be asked of {API_GATEWAY}, got Endpoint.FUNCTION_URL; choose that "
            "endpoint, or omit it",
        ),
        (
            {"throttle": THROTTLE},
            f"throttle must be asked of {API_GATEWAY}, got Endpoint.FUNCTION_URL; choose one of "
            "them, or limit the function: reserved_concurrent_executions",
        ),
        (
            {"api_key_required": True},
            "api_key_required must be asked of Endpoint.REST_API, got Endpoint.FUNCTION_URL; "
            "choose that endpoint, or omit it",
        ),
        (
            {"api_name": "shop"},
            f"api_name must be asked of {API_GATEWAY}, got Endpoint.FUNCTION_URL; choose that "
            "endpoint, or omit it",
        ),
        (
            {"description": "The shop window"},
            f"description must be asked of {API_GATEWAY}, got Endpoint.FUNCTION_URL; choose that "
            "endpoint, or omit it",
        ),
        (
            {"retention": logs.RetentionDays.ONE_YEAR},
            f"retention must be asked of {API_GATEWAY}, which write access logs, got "
            "Endpoint.FUNCTION_URL; choose that endpoint, or omit it",
        ),
        (
            {"cors": {"allow_origins": ["*"]}},
            "cors must be a CorsPreflightOptions, got {'allow_origins': ['*']}; for example "
            'apigwv2.CorsPreflightOptions(allow_origins=["https://shop.example"])',
        ),
        (
            {"cors": cors(allow_origins=["*"], allow_credentials=True)},
            "cors must allow credentials to named origins only, got allow_credentials with '*'; "
            'allow_origins=["https://shop.example"]',
        ),
        (
            {"cors": cors(allow_methods=[apigwv2.CorsHttpMethod.OPTIONS])},
            "cors must allow methods that Lambda lists (GET, PUT, HEAD, POST, DELETE, PATCH), got "
            "OPTIONS; omit it: a preflight request needs no leave",
        ),
        (
            {"cors": cors(allow_headers=["x"] * 101)},
            "cors must have at most 100 allow_headers, got 101; name fewer, or "
            'allow_headers=["*"] and its like',
        ),
        (
            {"cors": cors(allow_origins=[f"https://{'o' * 246}"])},
            "cors must name origins of at most 253 characters, got 254; name a shorter host",
        ),
    ],
)
def test_what_a_function_url_cannot_do_is_refused_and_leaves_nothing_behind(
    stack: cdk.Stack, handler: PythonFunction, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(PatternError, match=exactly(f"Shop/Api: {message}")):
        function_url(stack, handler, **options)

    assert stack.node.try_find_child("Api") is None


@pytest.mark.parametrize(
    ("units", "got"),
    [
        ([Unit("A"), Unit("B", is_catch_all=True)], "2 functions and 0 routes"),
        ([Unit("A", (UnitRoute("GET", "/books", Access()),))], "1 function and 1 route"),
        (
            [Unit(unit, (UnitRoute("GET", f"/{unit}", Access()),)) for unit in "abc"],
            "3 functions and 3 routes",
        ),
    ],
)
def test_an_application_that_is_cut_is_refused(units: list[Unit], got: str) -> None:
    settings = Settings(None, None, None, None, logs.RetentionDays.THREE_MONTHS)

    message = (
        f"Shop/Api: endpoint must be {ROUTERS}, which know routes, got Endpoint.FUNCTION_URL with "
        f"{got}; choose one of them, or let one function answer everything, as ProxyApi and "
        "Granularity.MONOLITH do"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        Endpoint.FUNCTION_URL.door.check("Shop/Api", Access(), settings, units)


def test_a_handler_that_has_a_url_is_refused(stack: cdk.Stack, handler: PythonFunction) -> None:
    handler.add_function_url()

    message = (
        "Shop/Api: handler must have no URL yet, because AWS gives it one, got one with "
        "Shop/Handler/FunctionUrl; let both callers use that one, or give an alias of the function"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        function_url(stack, handler)


@pytest.mark.parametrize("version", ["current_version", "latest_version"])
def test_a_version_is_refused(stack: cdk.Stack, handler: PythonFunction, version: str) -> None:
    message = (
        "Shop/Api: handler must be a function or an alias, which a URL can lead to, got a "
        "version; give it an alias: lambda_.Alias(..., version=...)"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        function_url(stack, getattr(handler, version))


def test_a_python_function_that_would_have_to_stream_is_refused(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    message = (
        "Shop/Api: response_streaming must be asked of a function URL whose handler streams: in "
        "Node.js, with a runtime of its own, or by the Lambda Web Adapter, got a handler in "
        f"{handler.runtime.name}; run the application by a WebAdapterFunction, or omit it"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        function_url(stack, handler, response_streaming=True)


def test_a_handler_in_another_region_is_refused(make_app: MakeApp) -> None:
    account = "111122223333"
    stack = cdk.Stack(make_app(), "Shop", env=cdk.Environment(account=account, region="eu-west-1"))
    there = lambda_.Function.from_function_arn(
        stack, "There", f"arn:aws:lambda:us-east-1:{account}:function:there"
    )

    message = (
        "Shop/Api: handler must be in eu-west-1 as the API is, got a function in us-east-1; "
        "define both in stacks of one region"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        function_url(stack, there)


def test_what_cdk_refuses_is_told_in_a_line(stack: cdk.Stack, entry: Path) -> None:
    tenants = PythonFunction(
        stack, "Tenants", entry=entry, tenancy_config=lambda_.TenancyConfig.PER_TENANT
    )

    with pytest.raises(PatternError, match=r"\AShop/Api: arguments must be .*tenant.*\Z"):
        function_url(stack, tenants)


@pytest.mark.parametrize("public", [None, OPEN])
def test_a_handler_that_cdk_cannot_open_to_anyone_is_warned_of(
    stack: cdk.Stack, public: str | None
) -> None:
    arn = "arn:aws:lambda:us-east-1:111122223333:function:there"
    function_url(stack, lambda_.Function.from_function_arn(stack, "There", arn), public=public)

    warnings = assertions.Annotations.from_stack(stack).find_warning(
        "/Shop/Api",
        MATCH.string_like_regexp(r"CDK can't let .*Shop/There: .*serverless-patterns:permission"),
    )
    assert len(warnings) == (1 if public else 0)
