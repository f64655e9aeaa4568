from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_apigatewayv2 as apigwv2
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs

from serverless_patterns import Endpoint, PatternError, ProxyApi, PythonFunction, Route, RouteApi
from serverless_patterns._units import Access, Unit, UnitRoute
from serverless_patterns.endpoints import Settings
from tests.apis import jwt
from tests.messages import exactly

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]

ACCOUNT = "111122223333"
ANOTHER = "choose that endpoint, or omit it"
OPEN = "The catalogue is for everyone"
THROTTLE = apigwv2.ThrottleSettings(rate_limit=5, burst_limit=2)
NAMED = {"domain_name": "api.shop.example", "certificate": "arn"}
GUARDS = (
    "authorizer must be an action of a load balancer that authenticates "
    "(aws_elasticloadbalancingv2_actions.AuthenticateCognitoAction, "
    "elbv2.ListenerAction.authenticate_oidc or elbv2.ListenerAction.authenticate_jwt)"
)
OR_IAM = "take one of them, or choose Endpoint.HTTP_API, which IAM guards"
NAME = "api_name must be 1 to 32 letters, digits and inner hyphens, without internal- at its start"


def token_guard() -> elbv2.ListenerAction:
    return elbv2.ListenerAction.authenticate_jwt(
        issuer="https://id.example",
        jwks_endpoint="https://id.example/keys",
        next=elbv2.ListenerAction.fixed_response(500),
    )


def balanced(stack: cdk.Stack, handler: lambda_.IFunction, vpc: Any, **options: Any) -> ProxyApi:
    if options.get("certificate") == "arn":
        options["certificate"] = acm.Certificate.from_certificate_arn(
            stack, "Certificate", f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/shop"
        )
    subnets = options.pop("vpc_subnets", None)
    endpoint = Endpoint.load_balancer(vpc=vpc, vpc_subnets=subnets)
    return ProxyApi(stack, "Api", handler=handler, endpoint=endpoint, **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"cors": apigwv2.CorsPreflightOptions(allow_origins=["https://shop.example"])},
            "cors must be asked of Endpoint.HTTP_API or Endpoint.FUNCTION_URL, got "
            f"Endpoint.load_balancer; {ANOTHER}",
        ),
        (
            {"throttle": THROTTLE},
            "throttle must be asked of Endpoint.HTTP_API or Endpoint.REST_API, got "
            f"Endpoint.load_balancer; {ANOTHER}",
        ),
        (
            {"api_key_required": True},
            "api_key_required must be asked of Endpoint.REST_API, got Endpoint.load_balancer; "
            f"{ANOTHER}",
        ),
        (
            {"response_streaming": True},
            "response_streaming must be asked of Endpoint.REST_API or Endpoint.FUNCTION_URL, got "
            f"Endpoint.load_balancer; {ANOTHER}",
        ),
        (
            {"description": "The shop"},
            "description must be asked of Endpoint.HTTP_API or Endpoint.REST_API, got "
            f"Endpoint.load_balancer; {ANOTHER}",
        ),
        (
            {"scopes": ["shop/read"]},
            "scopes must be asked of Endpoint.HTTP_API or Endpoint.REST_API, got "
            f"Endpoint.load_balancer; {ANOTHER}",
        ),
        (
            {"retention": 90},
            "retention must be a RetentionDays, got 90; for example logs.RetentionDays.ONE_YEAR",
        ),
        (
            {"api_name": "n" * 33},
            f"{NAME}, got '{'n' * 33}'; shorten it, or omit it to get one that is unique",
        ),
        (
            {"api_name": "internal-shop"},
            f"{NAME}, got 'internal-shop'; shorten it, or omit it to get one that is unique",
        ),
        (
            {"api_name": "shop_window"},
            f"{NAME}, got 'shop_window'; shorten it, or omit it to get one that is unique",
        ),
        (
            {"api_name": "shop-"},
            f"{NAME}, got 'shop-'; shorten it, or omit it to get one that is unique",
        ),
        (
            {"domain_name": "api.shop.example"},
            "certificate must be given with domain_name, got none; "
            "make one with acm.Certificate(..., domain_name=...)",
        ),
        (
            {"certificate": "arn"},
            "certificate must be given with domain_name, got no domain_name; "
            'name what it is for: domain_name="api.shop.example"',
        ),
        (
            {"domain_name": "api.shop.example", "certificate": "shop", "public": OPEN},
            "certificate must be a certificate, got 'shop'; make one with acm.Certificate, or "
            "import one by its from_ methods",
        ),
        (
            NAMED,
            "authorizer must guard a load balancer that faces the internet, as IAM can't, got none "
            "for whatever no route matches; give one, say why it may be open with public=..., or "
            "choose Endpoint.HTTP_API, which IAM guards",
        ),
        ({**NAMED, "authorizer": jwt()}, f"{GUARDS}, got HttpJwtAuthorizer; {OR_IAM}"),
        (
            {**NAMED, "authorizer": elbv2.ListenerAction},
            f"{GUARDS}, got the class ListenerAction; {OR_IAM}",
        ),
        (
            {**NAMED, "authorizer": elbv2.ListenerAction.fixed_response(200)},
            f"{GUARDS}, got fixed-response; {OR_IAM}",
        ),
        (
            {"authorizer": token_guard()},
            "authorizer must be given with a certificate, for a load balancer authenticates over "
            "HTTPS only, got jwt-validation without one; add domain_name and certificate, or omit "
            "it: only its network reaches an internal load balancer",
        ),
        (
            {"vpc_subnets": "private"},
            "vpc_subnets must be a SubnetSelection, got 'private'; for example "
            "ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)",
        ),
    ],
)
def test_what_a_load_balancer_cannot_be_given_is_refused_and_leaves_nothing_behind(
    stack: cdk.Stack, vpc: ec2.Vpc, handler: PythonFunction, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(PatternError, match=exactly(f"Shop/Api: {message}")):
        balanced(stack, handler, vpc, **options)

    assert stack.node.try_find_child("Api") is None


def test_a_handler_that_outlasts_it_is_refused(stack: cdk.Stack, vpc: ec2.Vpc, entry: Path) -> None:
    slow = PythonFunction(stack, "Slow", entry=entry, timeout=cdk.Duration.seconds(61))

    message = (
        "Shop/Api: handler must answer within the 60 s that a load balancer waits for it, got a "
        "timeout of 61 s; lower its timeout, or answer 202 and leave the work to a queue"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        balanced(stack, slow, vpc)


def test_nobody_can_be_granted_to_invoke_it(
    stack: cdk.Stack, vpc: ec2.Vpc, handler: PythonFunction
) -> None:
    api = balanced(stack, handler, vpc)

    message = (
        "Shop/Api: grant_invoke must be called on an API that IAM authorizes, got "
        "Endpoint.load_balancer; choose Endpoint.HTTP_API, or let callers in with "
        "api.connections.allow_from"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        api.grant_invoke(handler)


@pytest.mark.parametrize(
    ("options", "able"),
    [
        ({"throttle": THROTTLE}, "Endpoint.HTTP_API or Endpoint.REST_API"),
        (
            {"request_parameters": {"method.request.querystring.limit": True}},
            "Endpoint.REST_API",
        ),
        ({"request_schema": {"type": "object"}}, "Endpoint.REST_API"),
    ],
)
def test_what_a_route_cannot_have_is_refused(
    stack: cdk.Stack, vpc: ec2.Vpc, handler: PythonFunction, options: dict[str, Any], able: str
) -> None:
    [name] = options
    message = (
        f"Shop/Api: {name} must be asked of {able}, got GET /books on Endpoint.load_balancer; "
        f"{ANOTHER}"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        RouteApi(
            stack,
            "Api",
            routes=[Route("GET", "/books", handler, **options)],
            endpoint=Endpoint.load_balancer(vpc=vpc),
        )


def test_each_route_of_one_that_faces_the_internet_is_guarded_or_open_for_a_reason(
    stack: cdk.Stack, vpc: ec2.Vpc, handler: PythonFunction
) -> None:
    routes = [Route("GET", "/books", handler, public=OPEN), Route("POST", "/books", handler)]
    certificate = acm.Certificate.from_certificate_arn(
        stack, "Certificate", f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/shop"
    )

    def define(*routes: Route) -> RouteApi:
        return RouteApi(
            stack,
            "Api",
            routes=routes,
            endpoint=Endpoint.load_balancer(vpc=vpc),
            domain_name="api.shop.example",
            certificate=certificate,
        )

    message = (
        "Shop/Api: authorizer must guard a load balancer that faces the internet, as IAM can't, "
        "got none for POST /books; give one, say why it may be open with public=..., or choose "
        "Endpoint.HTTP_API, which IAM guards"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        define(*routes)
    assert define(routes[0]).api


def test_a_hundred_functions_are_the_most(vpc: ec2.Vpc) -> None:
    door = Endpoint.load_balancer(vpc=vpc).door
    settings = Settings(None, None, None, None, logs.RetentionDays.ONE_YEAR)

    def units(number: int) -> list[Unit]:
        return [
            Unit(f"Unit{each}", (UnitRoute("GET", f"/of/{each}", Access()),))
            for each in range(number)
        ]

    door.check("Shop/Api", Access(), settings, units(100))
    message = (
        "Shop/Api: endpoint must have at most 100 target groups, one for each function, which AWS "
        "doesn't raise for a load balancer, got 101 functions; let routes share functions, or "
        "choose Endpoint.HTTP_API"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        door.check("Shop/Api", Access(), settings, units(101))
