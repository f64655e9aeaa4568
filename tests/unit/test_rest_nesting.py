"""Functions in nested stacks behind a REST API, whose body refers to every one of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from serverless_patterns._nesting import UnitScopes
from serverless_patterns._rest_api import RestApiDoor
from serverless_patterns._units import Access, Target, Unit, UnitRoute
from serverless_patterns.endpoints import Settings
from tests.rest import INTEGRATION, METHODS

if TYPE_CHECKING:
    from collections.abc import Callable

    MakeApp = Callable[..., cdk.App]

COUNT = 130
LIMITS = {"Resources": 500, "Parameters": 200, "Outputs": 200}
TEMPLATE_BYTES = 1_000_000
SETTINGS = Settings(None, None, None, None, logs.RetentionDays.ONE_DAY)


def function(scope: Construct, construct_id: str) -> lambda_.Function:
    return lambda_.Function(
        scope,
        construct_id,
        runtime=lambda_.Runtime.PYTHON_3_12,
        handler="index.handler",
        code=lambda_.Code.from_inline("def handler(event, context): return {}"),
        timeout=cdk.Duration.seconds(3),
    )


def synthesized(
    make_app: MakeApp, count: int = COUNT, function_id: str = "Function"
) -> dict[str, dict[str, Any]]:
    """The templates of an API with a function for each route, by the names of their files."""
    app = make_app()
    scope = Construct(cdk.Stack(app, "Shop"), "Api")
    units = [
        Unit(f"Unit{number}", (UnitRoute("GET", f"/things{number}/{{id}}", Access()),))
        for number in range(count)
    ]
    units.append(Unit("CatchAll", is_catch_all=True))
    RestApiDoor.check("Shop/Api", Access(), SETTINGS, units)
    scopes = UnitScopes(scope, "Units", nested=True, unit_resources=4)
    targets = []
    for unit in units:
        unit_scope = scopes.define(unit.id)
        targets.append(Target(unit, unit_scope, function(unit_scope, function_id)))
    RestApiDoor(scope, "Shop/Api", Access(), SETTINGS, targets)
    folder = Path(app.synth().directory)
    return {file.name: json.loads(file.read_text()) for file in folder.glob("*.template.json")}


@pytest.fixture(scope="module")
def templates() -> dict[str, dict[str, Any]]:
    def make_app() -> cdk.App:
        return cdk.App(builtin_cloud_formation_validation=False, analytics_reporting=False)

    return synthesized(make_app)


def of_type(template: dict[str, Any], kind: str) -> dict[str, Any]:
    return {key: each for key, each in template["Resources"].items() if each["Type"] == kind}


def parents(resource: object, names: set[str]) -> set[str]:
    """The nested stacks that a resource refers to or waits for."""
    text = json.dumps(resource)
    return {name for name in names if f'"{name}"' in text}


def test_no_stack_waits_for_itself(templates: dict[str, dict[str, Any]]) -> None:
    resources = templates["Shop.template.json"]["Resources"]
    waits = {name: parents(each, {*resources} - {name}) for name, each in resources.items()}
    while waits:
        ready = {name for name, others in waits.items() if not others}
        assert ready, f"a circle of {sorted(waits)}"
        waits = {name: others - ready for name, others in waits.items() if name not in ready}


def test_every_template_is_within_the_limits(templates: dict[str, dict[str, Any]]) -> None:
    for template in templates.values():
        for part, limit in LIMITS.items():
            assert len(template.get(part, {})) <= limit
        assert len(json.dumps(template, indent=1)) < TEMPLATE_BYTES


def test_permissions_stand_apart_from_functions_and_the_deployment_waits_for_all(
    templates: dict[str, dict[str, Any]],
) -> None:
    home = templates["Shop.template.json"]
    holders = {
        name for name, template in templates.items() if of_type(template, "AWS::Lambda::Permission")
    }
    assert not [name for name in holders if of_type(templates[name], "AWS::Lambda::Function")]
    assert sum(len(of_type(templates[name], "AWS::Lambda::Permission")) for name in holders) == (
        COUNT + 1
    )
    [deployment] = of_type(home, "AWS::ApiGateway::Deployment").values()
    nested = of_type(home, "AWS::CloudFormation::Stack")
    assert {*deployment["DependsOn"]} == {name for name in nested if "Permissions" in name}


def test_every_operation_takes_its_uri_from_the_stack_of_its_function(
    templates: dict[str, dict[str, Any]],
) -> None:
    home = templates["Shop.template.json"]
    [rest] = of_type(home, "AWS::ApiGateway::RestApi").values()
    told = {
        f"Outputs.{name}"
        for template in templates.values()
        for name, output in template.get("Outputs", {}).items()
        if "Fn::Sub" in output["Value"]
    }
    uris = [
        operation[INTEGRATION]["uri"]["Fn::GetAtt"][1]
        for item in rest["Properties"]["Body"]["paths"].values()
        for method, operation in item.items()
        if method in METHODS
    ]
    assert {*uris} == told
    assert len(told) == COUNT + 1


def test_a_function_that_is_replaced_makes_a_new_deployment(make_app: MakeApp) -> None:
    def deployment(function_id: str) -> set[str]:
        home = synthesized(make_app, count=1, function_id=function_id)["Shop.template.json"]
        return {*of_type(home, "AWS::ApiGateway::Deployment")}

    assert deployment("Function") != deployment("Other")
    assert deployment("Other") == deployment("Other")
