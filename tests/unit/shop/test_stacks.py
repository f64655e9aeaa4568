"""The shop's stacks: what each step changes, and what the local cloud can't show."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions

from examples.shop.stacks import BUYERS_AT_ONCE, Step, define_shop
from examples.shop.supplier_files import SMALL

if TYPE_CHECKING:
    from collections.abc import Callable

    MakeApp = Callable[..., cdk.App]
    Resources = dict[str, dict[str, Any]]
    Stacks = dict[str, Resources]

# What a step may neither replace nor move: what it would take with it is somebody's data or URL.
LASTING = {
    "AWS::DynamoDB::GlobalTable",
    "AWS::SQS::Queue",
    "AWS::S3::Bucket",
    "AWS::Kinesis::Stream",
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Stage",
    "AWS::AppConfig::Application",
    "AWS::SSM::Parameter",
}


def templates(app: cdk.App, step: Step) -> Stacks:
    """The resources of both stacks by their construct paths, as the templates have them."""
    found = {}
    for stack in define_shop(app, step=step):
        resources = assertions.Template.from_stack(stack).to_json()["Resources"]
        found[stack.stack_name] = {
            each.node.path: {"LogicalId": name, **resources[name]}
            for each in stack.node.find_all()
            if isinstance(each, cdk.CfnResource)
            and (name := stack.resolve(each.logical_id)) in resources
        }
    return found


def of_type(stack: Resources, kind: str, path: str = "") -> list[dict[str, Any]]:
    """The properties of the resources of a type, under a path."""
    return [
        each.get("Properties", {})
        for where, each in stack.items()
        if each["Type"] == kind and path in where
    ]


@pytest.fixture
def steps(make_app: MakeApp) -> dict[Step, Stacks]:
    return {step: templates(make_app(), step) for step in Step}


def lasting(step: Stacks) -> Stacks:
    return {
        name: {path: each for path, each in stack.items() if each["Type"] in LASTING}
        for name, stack in step.items()
    }


def test_no_step_replaces_or_moves_what_lasts(
    steps: dict[Step, Stacks],
) -> None:
    first, second, third = map(lasting, steps.values())

    assert first == second == third
    assert {name: len(each) for name, each in first.items()} == {"Shop": 18, "ShopPayment": 4}


def policies(stack: Resources, role: str) -> str:
    """What is granted to a role, as text."""
    return json.dumps(of_type(stack, "AWS::IAM::Policy", role))


def variables(stack: Resources, path: str) -> dict[str, Any]:
    [function] = of_type(stack, "AWS::Lambda::Function", path)
    found: dict[str, Any] = function["Environment"]["Variables"]
    return found


def test_payment_takes_its_privileges_along(
    steps: dict[Step, Stacks],
) -> None:
    before, after = (steps[step]["Shop"] for step in (Step.MONOLITH, Step.PAYMENT_APART))

    assert "Payments" in policies(before, "/Intake")
    assert "Payments" in policies(before, "/CatchAll")
    assert "PAYMENT_FUNCTION" not in variables(before, "/Intake/")
    for role in ("/Intake", "/CatchAll"):
        assert "Payments" not in policies(after, role)
    assert "PAYMENTS_TABLE" not in variables(after, "/Intake/")
    assert "PAYMENT_FUNCTION" in variables(after, "/Intake/")


def routes(step: Stacks) -> set[str]:
    return {each["RouteKey"] for each in of_type(step["Shop"], "AWS::ApiGatewayV2::Route")}


def test_routes_lead_elsewhere_under_the_urls_that_they_had(
    steps: dict[Step, Stacks],
) -> None:
    first, second, third = map(routes, steps.values())

    assert second - first == {"GET /api/payments/{order}", "GET /api/points/{customer}"}
    assert third - second == {"POST /api/orders", "POST /api/goods"}
    assert first <= second <= third


def test_a_rush_of_buyers_meets_a_function_of_its_own(
    steps: dict[Step, Stacks],
) -> None:
    third = steps[Step.ROUTES]["Shop"]
    functions = of_type(third, "AWS::Lambda::Function", "/Api/Units/")
    reserved = [each.get("ReservedConcurrentExecutions") for each in functions]
    policies = [json.dumps(each) for each in of_type(third, "AWS::IAM::Policy", "/Api/Units/")]

    assert sorted(reserved, key=str) == [BUYERS_AT_ONCE, None]
    [ordering] = [each for each in policies if "sqs:SendMessage" in each]
    assert "Stock" not in ordering
    assert "dynamodb:Scan" not in "".join(policies)
    [receiving] = [each for each in policies if each != ordering]
    assert "Stock" in receiving
    assert "dynamodb:UpdateItem" not in json.dumps(of_type(third, "AWS::IAM::Policy", "/CatchAll"))


@pytest.fixture
def shop(make_app: MakeApp) -> Resources:
    return templates(make_app(), Step.MONOLITH)["Shop"]


def test_a_large_file_goes_to_fargate_and_a_small_one_to_lambda(shop: Resources) -> None:
    [machine] = of_type(shop, "AWS::StepFunctions::StateMachine")
    parts = machine["DefinitionString"]["Fn::Join"][1]
    document = json.loads("".join(part if isinstance(part, str) else "it" for part in parts))
    states = document["States"]

    assert document["StartAt"] == "BySize"
    assert states["BySize"]["Default"] == "ReceiveSmall"
    assert states["BySize"]["Choices"] == [
        {"Variable": "$.size", "NumericGreaterThan": SMALL.to_bytes(), "Next": "ReceiveLarge"}
    ]
    large = states["ReceiveLarge"]
    assert large["Resource"].endswith(":states:::ecs:runTask.sync")
    assert large["Parameters"]["LaunchType"] == "FARGATE"
    [override] = large["Parameters"]["Overrides"]["ContainerOverrides"]
    assert override["Environment"] == [{"Name": "DELIVERY", "Value.$": "States.JsonToString($)"}]
    for state in ("ReceiveSmall", "ReceiveLarge"):
        assert states[state]["Retry"][-1]["ErrorEquals"] == ["States.ALL"]


def test_the_task_runs_the_code_of_the_function(shop: Resources) -> None:
    [task] = of_type(shop, "AWS::ECS::TaskDefinition")
    [container] = task["ContainerDefinitions"]
    told = {each["Name"] for each in container["Environment"]}

    assert container["Command"] == ["python", "-m", "shop.inventory.delivery_files"]
    assert told == set(variables(shop, "/SupplierFiles/Small/"))
    small, large = (
        of_type(shop, "AWS::IAM::Policy", path)[0]["PolicyDocument"]
        for path in ("/SmallRole/", "/TaskRole/")
    )
    assert small == large


def test_each_source_of_events_has_alarms_and_a_place_on_the_dashboard(
    shop: Resources,
) -> None:
    alarms = [
        path.split("/")[1]
        for path, each in shop.items()
        if each["Type"] == "AWS::CloudWatch::Alarm"
    ]
    [dashboard] = of_type(shop, "AWS::CloudWatch::Dashboard")
    body = json.dumps(dashboard)

    assert set(alarms) == {
        "Api",
        "Handled",
        "OrderQueue",
        "Sales",
        "StockAlerts",
        "SupplierFiles",
    }
    for name in set(alarms):
        assert f"Shop/{name}" in body


def test_an_order_is_hidden_for_as_long_as_a_batch_may_take(shop: Resources) -> None:
    [intake] = of_type(shop, "AWS::Lambda::Function", "Shop/Intake/")
    [queue] = of_type(shop, "AWS::SQS::Queue", "OrderQueue/Queue/")

    assert queue["VisibilityTimeout"] == 6 * intake["Timeout"]
    assert queue["RedrivePolicy"]["maxReceiveCount"] == 5
