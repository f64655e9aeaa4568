"""Applications past the resources of one stack, and grants that are repeated."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_dynamodb as dynamodb

from serverless_patterns import Granularity, ModularApi, RouteTable
from serverless_patterns.routes import TableRoute

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.unit.conftest import MakeApp

ROUTES = 120
OPEN = "A test application"
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
LIMITS = {"Resources": 500, "Parameters": 200, "Outputs": 200}
TEMPLATE_BYTES = 1_000_000


def numbered(count: int) -> list[TableRoute]:
    return [TableRoute("GET", f"/things{number}/{{id}}", "many") for number in range(count)]


def define(
    app: cdk.App,
    entry: Path,
    routes: list[TableRoute],
    granularity: Granularity = Granularity.ROUTE,
) -> ModularApi:
    """An API whose every route may read a table of the parent stack."""
    stack = cdk.Stack(app, "Many")
    api = ModularApi(
        stack,
        "Api",
        app="index:handler",
        entry=entry,
        routes=RouteTable(routes),
        granularity=granularity,
        public=OPEN,
    )
    key = dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING)
    table = dynamodb.Table(stack, "Table", partition_key=key)
    for route in routes:
        table.grant_read_data(api.function_for(route.method, route.path))
    return api


def templates(api: ModularApi) -> dict[str, dict[str, Any]]:
    """The templates of the API's stack and of those nested in it, by their paths."""
    stacks = [each for each in cdk.Stack.of(api).node.find_all() if isinstance(each, cdk.Stack)]
    return {each.node.path: {**assertions.Template.from_stack(each).to_json()} for each in stacks}


def functions(api: ModularApi) -> dict[str, tuple[str, str]]:
    """Nested stack and logical id of each function, by its unit."""
    found = {}
    for name, function in api.functions.items():
        stack = cdk.Stack.of(function)
        element = function.node.default_child
        assert isinstance(element, cdk.CfnElement)
        found[name] = (stack.node.path, stack.resolve(element.logical_id))
    return found


def size(template: Mapping[str, Any]) -> int:
    return len(json.dumps(template))


def test_every_nested_template_is_within_the_limits_and_none_needs_a_circle(
    make_app: MakeApp, entry: Path
) -> None:
    found = templates(define(make_app(), entry, numbered(ROUTES)))

    assert len(found) > 2
    count = sum(
        each["Type"] == "AWS::Lambda::Function"
        for template in found.values()
        for each in template["Resources"].values()
    )
    assert count == ROUTES + 1
    for template in found.values():  # `Template.from_stack` refuses circles
        assert size(template) <= TEMPLATE_BYTES
        for part, most in LIMITS.items():
            assert len(template.get(part, {})) <= most


def test_no_function_moves_when_a_route_comes_or_goes(make_app: MakeApp, entry: Path) -> None:
    fewer, more = (
        functions(define(make_app(), entry, numbered(count))) for count in (ROUTES, ROUTES + 1)
    )

    assert len(more) == len(fewer) + 1
    assert fewer.items() <= more.items()


def test_functions_in_nested_stacks_are_granted_a_table_of_the_parent(
    make_app: MakeApp, entry: Path
) -> None:
    found = templates(define(make_app(), entry, numbered(ROUTES)))

    nested = [template for path, template in found.items() if path != "Many"]
    policies = [
        each["Properties"]["PolicyDocument"]["Statement"]
        for template in nested
        for each in template["Resources"].values()
        if each["Type"] == "AWS::IAM::Policy"
    ]
    assert len(policies) == ROUTES
    for [statement] in policies:
        assert "dynamodb:GetItem" in statement["Action"]
    assert all(template["Parameters"] for template in nested)


@pytest.mark.parametrize("minimize", [True, False])
def test_a_grant_that_is_repeated_for_each_route_of_a_monolith_is_made_once(
    make_app: MakeApp, entry: Path, *, minimize: bool
) -> None:
    def granted(count: int) -> list[dict[str, Any]]:
        app = make_app(**{"@aws-cdk/aws-iam:minimizePolicies": minimize})
        [template] = templates(define(app, entry, numbered(count), Granularity.MONOLITH)).values()
        resources = template["Resources"].values()
        assert not [each for each in resources if each["Type"] == "AWS::IAM::ManagedPolicy"]
        [policy] = [each for each in resources if each["Type"] == "AWS::IAM::Policy"]
        statements: list[dict[str, Any]] = policy["Properties"]["PolicyDocument"]["Statement"]
        return statements

    assert granted(300) == granted(1)
