"""cdk-nag over web applications and their siblings for events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import Endpoint, ProxyApi, SnapStartAlias, SqsPoller, WebAdapterFunction
from tests.compliance.test_findings import SYNCHRONOUS, acknowledged, findings, of_function
from tests.unit.conftest import DOCKERFILE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]


@pytest.fixture(params=["image", "zip"])
def code(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Any]:
    """What a web function is made of."""
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    if request.param == "image":
        return {"image": tmp_path}
    return {"entry": tmp_path, "command": ["node", "x"], "runtime": lambda_.Runtime.NODEJS_24_X}


@pytest.mark.parametrize("endpoint", [Endpoint.HTTP_API, Endpoint.FUNCTION_URL])
@pytest.mark.parametrize("is_alias", [True, False])
def test_a_web_function_behind_an_api_breaks_what_any_function_does(
    make_app: MakeApp, code: dict[str, Any], endpoint: Endpoint, *, is_alias: bool
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    web = WebAdapterFunction(stack, "Web", **code)
    handler = web.add_alias("live") if is_alias else web
    ProxyApi(stack, "Api", handler=handler, endpoint=endpoint)

    assert findings(app) == sorted(
        [
            *of_function("Shop/Web"),
            acknowledged("Serverless-LambdaDLQ", "Shop/Web/Resource", SYNCHRONOUS),
        ]
    )


def test_no_other_endpoint_breaks_a_rule_without_a_reason(
    make_app: MakeApp, code: dict[str, Any]
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    vpc = ec2.Vpc(stack, "Vpc", restrict_default_security_group=False)
    vpc.add_flow_log("FlowLog")
    web = WebAdapterFunction(stack, "Web", **code)
    apigateway.CfnAccount(stack, "Account")  # or REST APIs warn of it
    ProxyApi(stack, "Rest", handler=web, endpoint=Endpoint.REST_API)
    ProxyApi(stack, "Balancer", handler=web, endpoint=Endpoint.load_balancer(vpc=vpc))

    assert [finding for finding in findings(app) if finding.reason is None] == []


def test_a_sibling_that_is_polled_for_breaks_no_rule_without_a_reason(
    make_app: MakeApp, code: dict[str, Any]
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    web = WebAdapterFunction(stack, "Web", **code)
    ProxyApi(stack, "Api", handler=web)
    SqsPoller(stack, "Intake", handler=web.for_events())

    found = findings(app)
    assert [finding for finding in found if finding.reason is None] == []
    assert {finding.path for finding in found} == {finding.acknowledged_at for finding in found}


def test_an_image_that_starts_from_a_snapshot_breaks_no_rule_without_a_reason(
    make_app: MakeApp, tmp_path: Path
) -> None:
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    web = WebAdapterFunction(stack, "Web", image=tmp_path, snapstart_after_restore_path="/connect")
    ProxyApi(stack, "Api", handler=SnapStartAlias(stack, "Live", function=web).alias)

    assert [finding for finding in findings(app) if finding.reason is None] == []
