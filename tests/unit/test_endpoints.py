from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_apigatewayv2 as apigwv2
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import Endpoint, PatternError, ProxyApi, PythonFunction
from tests.apis import jwt
from tests.messages import exactly

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"public": " "},
            "public must say why the API may be open to anyone, got ' '; "
            'for example public="The catalogue is for everyone"',
        ),
        (
            {"public": True},
            "public must say why the API may be open to anyone, got True; "
            'for example public="The catalogue is for everyone"',
        ),
        (
            {"public": "For everyone", "authorizer": jwt()},
            "public must be omitted where an authorizer or scopes guard the API, "
            "got 'For everyone'; keep one of them",
        ),
        (
            {"authorizer": apigwv2.HttpNoneAuthorizer()},
            "authorizer must ask for something, got HttpNoneAuthorizer; "
            'open the API with public="why it may be open"',
        ),
        (
            {"authorizer": "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/shop"},
            "authorizer must be an authorizer for HTTP APIs "
            "(aws_apigatewayv2_authorizers.HttpJwtAuthorizer, HttpUserPoolAuthorizer, "
            "HttpLambdaAuthorizer or HttpIamAuthorizer), got str; "
            "take the one of that name, or omit it to authorize with IAM",
        ),
        (
            {"authorizer": authorizers.HttpIamAuthorizer(), "scopes": ["shop/read"]},
            "scopes must be given with a JWT authorizer only, got shop/read with "
            "HttpIamAuthorizer; omit scopes, or authorize with HttpJwtAuthorizer",
        ),
        (
            {"scopes": ["shop/read"]},
            "scopes must be given with a JWT authorizer only, got shop/read with "
            "IAM; omit scopes, or authorize with HttpJwtAuthorizer",
        ),
        (
            {"cors": apigwv2.CorsPreflightOptions(allow_headers=["x-key"])},
            "cors must name the origins that it allows, got none; "
            'allow_origins=["https://shop.example"]',
        ),
        (
            {"cors": apigwv2.CorsPreflightOptions(allow_origins=["*"], allow_credentials=True)},
            "cors must allow credentials to named origins only, got allow_credentials with '*'; "
            'allow_origins=["https://shop.example"]',
        ),
        (
            {
                "cors": apigwv2.CorsPreflightOptions(
                    allow_origins=["https://*"], allow_credentials=True
                )
            },
            "cors must allow credentials to named origins only, got allow_credentials with "
            "'https://*'; allow_origins=[\"https://shop.example\"]",
        ),
        (
            {
                "cors": apigwv2.CorsPreflightOptions(
                    allow_origins=["*"], max_age=cdk.Duration.days(2)
                )
            },
            "cors must have a max_age of at most 86400 s, got 172800 s; "
            'allow_origins=["https://shop.example"]',
        ),
        (
            {"cors": {"allow_origins": ["*"]}},
            "cors must be a CorsPreflightOptions, got {'allow_origins': ['*']}; for example "
            'apigwv2.CorsPreflightOptions(allow_origins=["https://shop.example"])',
        ),
        (
            {"scopes": "shop/read", "authorizer": jwt()},
            "scopes must be a list of texts, got 'shop/read'; write ['shop/read']",
        ),
        (
            {"authorizer": authorizers.WebSocketIamAuthorizer()},
            "authorizer must be an authorizer for HTTP APIs "
            "(aws_apigatewayv2_authorizers.HttpJwtAuthorizer, HttpUserPoolAuthorizer, "
            "HttpLambdaAuthorizer or HttpIamAuthorizer), got WebSocketIamAuthorizer; "
            "take the one of that name, or omit it to authorize with IAM",
        ),
        (
            {"authorizer": authorizers.HttpIamAuthorizer},
            "authorizer must be an authorizer for HTTP APIs "
            "(aws_apigatewayv2_authorizers.HttpJwtAuthorizer, HttpUserPoolAuthorizer, "
            "HttpLambdaAuthorizer or HttpIamAuthorizer), got the class HttpIamAuthorizer; "
            "take the one of that name, or omit it to authorize with IAM",
        ),
        (
            {"api_name": "n" * 129},
            "api_name must have 1 to 128 characters, got 129; shorten it, or omit it",
        ),
        (
            {"description": "d" * 1025},
            "description must have 1 to 1024 characters, got 1025; shorten it, or omit it",
        ),
        (
            {"throttle": apigwv2.ThrottleSettings(rate_limit=float("inf"), burst_limit=1)},
            "throttle must have a rate_limit above 0, got inf; "
            "ThrottleSettings(rate_limit=1000, burst_limit=1000) is what you get without it",
        ),
        (
            {"throttle": apigwv2.ThrottleSettings(rate_limit=1, burst_limit=1.5)},
            "throttle must have a whole burst_limit above 0, got 1.5; "
            "ThrottleSettings(rate_limit=1000, burst_limit=1000) is what you get without it",
        ),
        (
            {"handler": PythonFunction},
            "handler must be a function, an alias or a version, got the class PythonFunction; "
            "make one with PythonFunction",
        ),
        (
            {"throttle": apigwv2.ThrottleSettings(rate_limit=10)},
            "throttle must have a burst_limit above 0, got None; "
            "ThrottleSettings(rate_limit=1000, burst_limit=1000) is what you get without it",
        ),
        (
            {"throttle": apigwv2.ThrottleSettings(rate_limit=0, burst_limit=1)},
            "throttle must have a rate_limit above 0, got 0; "
            "ThrottleSettings(rate_limit=1000, burst_limit=1000) is what you get without it",
        ),
        (
            {"handler": "bookstore.main:app"},
            "handler must be a function, an alias or a version, got str; "
            "make one with PythonFunction",
        ),
        (
            {"throtle": None},
            "throtle must be a keyword that is known, got another; did you mean throttle?",
        ),
        (
            {"domain_name": "api.shop.example", "certificate": "arn:aws:acm:..."},
            "certificate must be a certificate, got 'arn:aws:acm:...'; make one with "
            "acm.Certificate, or import one by its from_ methods",
        ),
        (
            {"domain_name": "api.shop.example"},
            "certificate must be given with domain_name, got none; "
            "make one with acm.Certificate(..., domain_name=...)",
        ),
        (
            {"endpoint": "HTTP_API"},
            "endpoint must be Endpoint.HTTP_API, Endpoint.REST_API, Endpoint.FUNCTION_URL or "
            "Endpoint.load_balancer(vpc=...), got 'HTTP_API'; omit it to get Endpoint.HTTP_API",
        ),
    ],
)
def test_what_api_gateway_would_refuse_or_punish_is_refused(
    stack: cdk.Stack, handler: PythonFunction, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(PatternError, match=exactly(f"Shop/Api: {message}")):
        ProxyApi(stack, "Api", **{"handler": handler, **options})


def test_a_rest_apis_authorizer_is_refused(stack: cdk.Stack, handler: PythonFunction) -> None:
    rest = apigateway.TokenAuthorizer(stack, "Guard", handler=handler)

    with pytest.raises(PatternError, match=r"for HTTP APIs .* got TokenAuthorizer; "):
        ProxyApi(stack, "Api", handler=handler, authorizer=rest)


@pytest.mark.parametrize("refused", ["public", "authorizer", "cors"])
def test_what_is_refused_leaves_nothing_behind(
    stack: cdk.Stack, handler: PythonFunction, refused: str
) -> None:
    with pytest.raises(PatternError):
        ProxyApi(stack, "Api", handler=handler, **{refused: ""})  # type: ignore[arg-type]

    assert stack.node.try_find_child("Api") is None


@pytest.mark.parametrize("kind", ["HttpJwtAuthorizer", "HttpLambdaAuthorizer"])
def test_an_authorizer_of_another_api_is_refused(
    stack: cdk.Stack, handler: PythonFunction, kind: str
) -> None:
    guard = jwt() if "Jwt" in kind else authorizers.HttpLambdaAuthorizer("Guard", handler)
    ProxyApi(stack, "Shop", handler=handler, authorizer=guard)

    message = (
        "Shop/Office: authorizer must belong to one API, got that of Shop/Shop/Api; "
        f"construct a second {kind}"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        ProxyApi(stack, "Office", handler=handler, authorizer=guard)


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
        ProxyApi(stack, "Api", handler=there)


def test_a_handler_that_cdk_cannot_permit_to_be_invoked_is_warned_of(stack: cdk.Stack) -> None:
    arn = "arn:aws:lambda:us-east-1:111122223333:function:there"
    there = lambda_.Function.from_function_arn(stack, "There", arn)
    ProxyApi(stack, "Api", handler=there)

    assertions.Annotations.from_stack(stack).has_warning(
        "/Shop/Api",
        assertions.Match.string_like_regexp(
            r"Shop/Api: CDK can't let the API invoke Shop/There: .*serverless-patterns:permission"
        ),
    )


def test_a_handler_that_outlasts_the_api_is_refused(stack: cdk.Stack, entry: Path) -> None:
    slow = PythonFunction(stack, "Slow", entry=entry, timeout=cdk.Duration.seconds(31))
    alias = lambda_.Alias(stack, "Live", alias_name="live", version=slow.current_version)

    message = (
        "handler must answer within the 30 s that an HTTP API waits for it, got a timeout of 31 s; "
        "lower its timeout, or answer 202 and leave the work to a queue"
    )
    with pytest.raises(PatternError, match=exactly(f"Shop/Api: {message}")):
        ProxyApi(stack, "Api", handler=slow)
    with pytest.raises(PatternError, match=exactly(f"Shop/Aliased: {message}")):
        ProxyApi(stack, "Aliased", handler=alias)


def test_an_endpoint_says_its_name() -> None:
    assert repr(Endpoint.HTTP_API) == "Endpoint.HTTP_API"
