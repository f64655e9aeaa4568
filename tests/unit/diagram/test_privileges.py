from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as stepfunctions
from aws_cdk import aws_stepfunctions_tasks as tasks

from tests.unit.diagram.drawn import arrows, arrows_of, resource

if TYPE_CHECKING:
    import aws_cdk as cdk

ALL_OF_IT = {"Fn::GetAtt": ["Table", "Arn"]}


@pytest.fixture
def function(shop: cdk.Stack) -> lambda_.Function:
    return made(shop, "Function")


def made(scope: cdk.Stack, name: str) -> lambda_.Function:
    return lambda_.Function(
        scope,
        name,
        runtime=lambda_.Runtime.PYTHON_3_14,
        handler="index.handler",
        code=lambda_.Code.from_inline("def handler(event, context): ..."),
    )


def test_grants_on_a_table_say_what_may_be_read_and_written(app: cdk.App, shop: cdk.Stack) -> None:
    key = dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING)
    table = dynamodb.TableV2(shop, "Table", partition_key=key)
    table.grant_read_data(made(shop, "Reader"))
    table.grant_write_data(made(shop, "Writer"))
    table.grant_read_write_data(made(shop, "Both"))
    table.grant(made(shop, "Describer"), "dynamodb:DescribeTable")

    assert arrows(app) == [
        "Shop/Both reads and writes Shop/Table",
        "Shop/Reader reads Shop/Table",
        "Shop/Writer writes Shop/Table",
    ]


def test_grants_on_other_resources_are_told(
    app: cdk.App, shop: cdk.Stack, function: lambda_.Function
) -> None:
    bucket = s3.Bucket(shop, "Bucket")
    bucket.grant_read(function)
    queue = sqs.Queue(shop, "Queue")
    queue.grant_send_messages(function)
    sqs.Queue(shop, "Inbox").grant_consume_messages(function)
    sns.Topic(shop, "Topic").grant_publish(function)
    kinesis.Stream(shop, "Stream").grant_read_write(function)
    events.EventBus(shop, "Bus").grant_put_events_to(function)
    made(shop, "Other").grant_invoke(function)

    assert arrows(app) == [
        "Shop/Function reads Shop/Bucket",
        "Shop/Function writes Shop/Bus",
        "Shop/Function reads Shop/Inbox",
        "Shop/Function writes Shop/Other",
        "Shop/Function writes Shop/Queue",
        "Shop/Function reads and writes Shop/Stream",
        "Shop/Function writes Shop/Topic",
    ]


def test_a_state_machine_leads_to_what_it_calls(
    app: cdk.App, shop: cdk.Stack, function: lambda_.Function
) -> None:
    machine = stepfunctions.StateMachine(
        shop,
        "Machine",
        definition_body=stepfunctions.DefinitionBody.from_chainable(
            tasks.LambdaInvoke(shop, "Invoke", lambda_function=function)
        ),
    )
    machine.grant_start_execution(made(shop, "Starter"))

    assert arrows(app) == [
        "Shop/Machine to Shop/Function",
        "Shop/Starter writes Shop/Machine",
    ]


def test_the_role_of_a_service_s_task_is_read(app: cdk.App, shop: cdk.Stack) -> None:
    task = ecs.FargateTaskDefinition(shop, "Task")
    task.add_container("Web", image=ecs.ContainerImage.from_registry("shop"))
    s3.Bucket(shop, "Bucket").grant_put(task.task_role)
    ecs.FargateService(
        shop,
        "Service",
        cluster=ecs.Cluster(shop, "Cluster"),
        task_definition=task,
        min_healthy_percent=50,
    )

    assert arrows(app) == ["Shop/Service/Service writes Shop/Bucket"]


def test_managed_policies_are_read(
    app: cdk.App, shop: cdk.Stack, function: lambda_.Function
) -> None:
    queue = sqs.Queue(shop, "Queue")
    statement = iam.PolicyStatement(actions=["sqs:Send*"], resources=[queue.queue_arn])
    policy = iam.ManagedPolicy(shop, "Policy", statements=[statement])
    assert function.role is not None
    function.role.add_managed_policy(policy)

    assert arrows(app) == ["Shop/Function writes Shop/Queue"]


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ({"Action": "*", "Resource": ALL_OF_IT}, ["Function reads and writes Table"]),
        ({"Action": "dynamodb:Get*", "Resource": ALL_OF_IT}, ["Function reads Table"]),
        ({"Action": ["DynamoDB:putItem"], "Resource": [ALL_OF_IT]}, ["Function writes Table"]),
        # An action of another service, a denial, and a wildcard name no table.
        ({"Action": "s3:GetObject", "Resource": ALL_OF_IT}, []),
        ({"Action": "*", "Effect": "Deny", "Resource": ALL_OF_IT}, []),
        ({"Action": "*", "Resource": "*"}, []),
    ],
)
def test_statements_of_a_role_s_own_policies_are_read(
    statement: dict[str, Any], told: list[str]
) -> None:
    document = {"Statement": {"Effect": "Allow", **statement}}
    role = resource("AWS::IAM::Role", Policies=[{"PolicyName": "Own", "PolicyDocument": document}])

    assert (
        arrows_of(
            {
                "Table": resource("AWS::DynamoDB::Table"),
                "Role": role,
                "Function": resource("AWS::Lambda::Function", Role={"Fn::GetAtt": ["Role", "Arn"]}),
            }
        )
        == told
    )
