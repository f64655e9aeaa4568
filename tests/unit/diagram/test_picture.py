from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from serverless_patterns._diagram.picture import DiagramError, picture_of
from tests.messages import exactly
from tests.unit.diagram.drawn import arrows, arrows_of, boxes, picture, resource

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs import Construct


def made(scope: Construct, name: str = "Function") -> lambda_.Function:
    return lambda_.Function(
        scope,
        name,
        runtime=lambda_.Runtime.PYTHON_3_14,
        handler="index.handler",
        code=lambda_.Code.from_inline("def handler(event, context): ..."),
    )


def test_references_are_followed_into_nested_stacks_and_out_of_them(
    app: cdk.App, shop: cdk.Stack
) -> None:
    outer = sqs.Queue(shop, "Outer")
    nested = cdk.NestedStack(shop, "Nested")
    function = made(nested)
    function.add_event_source(sources.SqsEventSource(outer))
    sqs.Queue(nested, "Inner").grant_send_messages(made(shop, "Sender"))

    assert arrows(app) == [
        "Shop/Outer to Shop/Nested/Function",
        "Shop/Sender writes Shop/Nested/Inner",
    ]


@pytest.mark.parametrize("references", ["strong", "weak", "both"])
def test_references_are_followed_across_stacks(
    make_app: Callable[..., cdk.App], references: str
) -> None:
    context = {
        "aws:cdk:enable-path-metadata": True,
        "@aws-cdk/core:defaultCrossStackReferences": references,
    }
    app = make_app(**context)
    queue = sqs.Queue(cdk.Stack(app, "Orders"), "Queue")
    made(cdk.Stack(app, "Workers")).add_event_source(sources.SqsEventSource(queue))

    assert arrows(app) == ["Orders/Queue to Workers/Function"]


def test_resources_of_other_stacks_are_followed_by_their_names(app: cdk.App) -> None:
    sqs.Queue(cdk.Stack(app, "Orders"), "Queue", queue_name="orders")
    workers = cdk.Stack(app, "Workers")
    named = sqs.Queue.from_queue_arn(
        workers, "Named", workers.format_arn(service="sqs", resource="orders")
    )
    made(workers).add_event_source(sources.SqsEventSource(named))

    assert arrows(app) == ["Orders/Queue to Workers/Function"]


def test_a_picture_of_one_stack_shows_what_it_leads_to_and_no_more(app: cdk.App) -> None:
    orders = cdk.Stack(app, "Orders")
    queue = sqs.Queue(orders, "Queue")
    sqs.Queue(orders, "Other")
    made(cdk.Stack(app, "Workers")).add_event_source(sources.SqsEventSource(queue))

    assert boxes(app, "Workers") == ["Orders/Queue", "Workers/Function"]
    assert boxes(app, "Orders") == ["Orders/Other", "Orders/Queue"]


def test_stacks_of_a_stage_are_known_by_their_paths(app: cdk.App) -> None:
    sqs.Queue(cdk.Stack(cdk.Stage(app, "Prod"), "Orders", stack_name="orders"), "Queue")

    assert boxes(app, "Prod/Orders") == ["Prod/Orders/Queue"]


def test_a_topic_that_alarms_alone_use_is_left_out_with_them(app: cdk.App, shop: cdk.Stack) -> None:
    queue, topic = sqs.Queue(shop, "Queue"), sns.Topic(shop, "Alarms")
    cloudwatch.Alarm(
        shop,
        "Alarm",
        metric=queue.metric_approximate_age_of_oldest_message(),
        threshold=1,
        evaluation_periods=1,
    ).add_alarm_action(actions.SnsAction(topic))

    assert boxes(app) == ["Shop/Queue"]


def test_a_version_stands_for_its_function() -> None:
    assert arrows_of(
        {
            "Queue": resource("AWS::SQS::Queue"),
            "Function": resource("AWS::Lambda::Function"),
            "Version": resource("AWS::Lambda::Version", FunctionName={"Ref": "Function"}),
            "Mapping": resource(
                "AWS::Lambda::EventSourceMapping",
                FunctionName={"Ref": "Version"},
                EventSourceArn={"Fn::GetAtt": ["Queue", "Arn"]},
            ),
        }
    ) == ["Queue to Function"]


def test_an_unknown_stack_is_refused_with_those_that_there_are(app: cdk.App) -> None:
    for name in ("Shop", "Orders"):
        sqs.Queue(cdk.Stack(app, name), "Queue")

    message = "no stack is called Nowhere; there are Orders, Shop"
    with pytest.raises(DiagramError, match=exactly(message)):
        picture(app, "Shop", "Nowhere")


def test_a_stack_without_anything_to_draw_is_refused(app: cdk.App, shop: cdk.Stack) -> None:
    cdk.CfnWaitConditionHandle(shop, "Nothing")

    message = "nothing that a picture shows stands in Shop"
    with pytest.raises(DiagramError, match=exactly(message)):
        picture(app)


def test_an_app_without_stacks_is_refused() -> None:
    with pytest.raises(DiagramError, match=exactly("the app has no stack")):
        picture_of([])
