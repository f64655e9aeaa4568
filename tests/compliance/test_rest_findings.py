"""cdk-nag over REST APIs.

It sees no methods inside a body: unit tests assert what authorizes them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cognito as cognito

from serverless_patterns import Endpoint, ProxyApi, PythonFunction, Route, RouteApi
from tests.compliance.test_findings import acknowledged, findings, of_function

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]

OPEN = "The catalogue is for everyone"
LOG_ROLE = "Annotation::serverless-patterns:rest-api-log-role"


@pytest.fixture
def app(make_app: MakeApp) -> cdk.App:
    """An app for an account that gave API Gateway a role to write logs."""
    app = make_app()
    done = cdk.Acknowledgment(id=LOG_ROLE, reason="Done once for the account")
    cdk.Validations.of(app).acknowledge(done)
    return app


def test_what_a_rest_api_breaks_is_acknowledged_where_it_breaks_it(
    app: cdk.App, entry: Path
) -> None:
    stack = cdk.Stack(app, "Shop")
    handler = PythonFunction(stack, "Worker", entry=entry)
    ProxyApi(stack, "Api", handler=handler, endpoint=Endpoint.REST_API)

    found = findings(app)
    of_worker = {*of_function("Shop/Worker")}
    rest = {
        (finding.rule, finding.path): finding
        for finding in found
        if finding not in of_worker and finding.rule not in {"Serverless-LambdaDLQ", LOG_ROLE}
    }
    stage = "Shop/Api/Api/DeploymentStage.prod/Resource"
    assert {*rest} == {
        ("AwsSolutions-APIG2", "Shop/Api/Api/Resource"),
        ("AwsSolutions-APIG3", stage),
        ("AwsSolutions-APIG6", stage),
    }
    for (rule, path), finding in rest.items():
        assert finding.reason
        assert finding == acknowledged(rule, path, finding.reason)


@pytest.mark.parametrize(
    "options",
    [
        {"public": OPEN},
        {"authorizer": "token"},
        {"authorizer": "users", "scopes": ["shop/read"]},
        {"api_key_required": True},
    ],
    ids=str,
)
def test_no_rest_api_breaks_a_rule_without_a_reason(
    app: cdk.App, entry: Path, options: dict[str, Any]
) -> None:
    stack = cdk.Stack(app, "Shop")
    handler = PythonFunction(stack, "Worker", entry=entry)
    options = dict(options)
    if options.get("authorizer") == "token":
        guard = PythonFunction(stack, "Guard", entry=entry)
        options["authorizer"] = apigateway.TokenAuthorizer(stack, "Token", handler=guard)
    if options.get("authorizer") == "users":
        pool = cognito.UserPool.from_user_pool_id(stack, "Pool", "eu-west-1_shop")
        options["authorizer"] = apigateway.CognitoUserPoolsAuthorizer(
            stack, "Users", cognito_user_pools=[pool]
        )
    routes = [
        Route("GET", "/books", handler, public=OPEN),
        Route("POST", "/books", handler, request_schema={"type": "object"}),
    ]
    RouteApi(stack, "Api", routes=routes, catch_all=handler, endpoint=Endpoint.REST_API, **options)

    found = [finding for finding in findings(app) if finding.rule != LOG_ROLE]
    assert not [finding for finding in found if finding.reason is None]
    assert {finding.path for finding in found} == {finding.acknowledged_at for finding in found}
