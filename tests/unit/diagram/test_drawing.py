from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sqs as sqs

from serverless_patterns._diagram.dot import LEGEND, dot
from serverless_patterns._diagram.picture import picture_of
from serverless_patterns._diagram.svg import svg
from serverless_patterns.local.assembly import Stack, Template
from tests.unit.diagram.drawn import picture, resource

if TYPE_CHECKING:
    from serverless_patterns._diagram.picture import Picture


def of(resources: dict[str, Any]) -> Picture:
    template = Template("Shop", Path("none"), {"Resources": resources})
    return picture_of([Stack("Shop", "Shop", None, None, "hnb659fds", template)])


def api(*routes: str) -> dict[str, Any]:
    return {
        "Api": resource("AWS::ApiGatewayV2::Api"),
        "Function": resource("AWS::Lambda::Function"),
        "To": resource(
            "AWS::ApiGatewayV2::Integration",
            IntegrationUri={"Fn::GetAtt": ["Function", "Arn"]},
        ),
        **{
            f"Route{number}": resource(
                "AWS::ApiGatewayV2::Route",
                ApiId={"Ref": "Api"},
                RouteKey=key,
                Target={"Fn::Join": ["/", ["integrations", {"Ref": "To"}]]},
            )
            for number, key in enumerate(routes)
        },
    }


def test_boxes_stand_in_frames_of_their_stack_and_of_nested_ones(
    app: cdk.App, shop: cdk.Stack
) -> None:
    nested = cdk.NestedStack(shop, "Nested")
    sqs.Queue(nested, "Queue")
    sqs.Queue(shop, "Queue")

    drawn = dot(picture(app))
    assert re.findall(r"^( *)subgraph|label=\"(.*?)\"", drawn, re.MULTILINE) == [
        ("  ", ""),
        ("", "Shop"),
        ("", r"Queue\nqueue"),
        ("    ", ""),
        ("", "Nested"),
        ("", r"Queue\nqueue"),
    ]


def test_a_stack_that_is_only_led_to_is_drawn_otherwise(app: cdk.App) -> None:
    queue = sqs.Queue(cdk.Stack(app, "Orders"), "Queue")
    lambda_.Function(
        cdk.Stack(app, "Workers"),
        "Function",
        runtime=lambda_.Runtime.PYTHON_3_14,
        handler="index.handler",
        code=lambda_.Code.from_inline("def handler(event, context): ..."),
    ).add_event_source(sources.SqsEventSource(queue))

    drawn = dot(picture(app, "Workers"))
    assert re.findall(r'class="(.*?)"', drawn) == [
        "stack other",
        "events other",
        "stack",
        "compute",
        "delivers",
    ]


def test_the_order_of_a_template_changes_nothing() -> None:
    resources = api("GET /b", "GET /a")
    turned = dict(reversed(resources.items()))

    assert svg(of(resources)) == svg(of(turned))


def test_the_first_of_many_routes_are_named_and_the_others_counted() -> None:
    four = [f"GET /{letter}" for letter in "abcd"]

    assert r'label="GET /a\nGET /b\nGET /c\nGET /d"' in dot(of(api(*four)))
    assert r'label="GET /a\nGET /b\nGET /c\nand 2 more"' in dot(of(api(*four, "GET /e")))


def test_long_paths_are_broken_between_parts_and_long_parts_between_words() -> None:
    for path, lines in {
        "Orders/Queue": r"Orders/Queue\nqueue",
        "Orders/DeadLetterQueue/Failed": r"Orders/\nDeadLetterQueue/\nFailed\nqueue",
        "Orders/DeadLetterQueueOfTheMonth/Failed": (
            r"Orders/\nDeadLetterQueueOfThe\nMonth/Failed\nqueue"
        ),
        "Api/Units/GET api orders {order_id}/Queue": (
            r"Api/Units/\nGET api orders\n{order_id}/Queue\nqueue"
        ),
    }.items():
        metadata = {"aws:cdk:path": f"Shop/{path}/Resource"}
        queue = {**resource("AWS::SQS::Queue"), "Metadata": metadata}
        assert f'label="{lines}"' in dot(of({"Q": queue}))


def test_a_schedule_and_a_web_socket_api_are_called_so() -> None:
    drawn = dot(
        of(
            {
                "Nightly": resource("AWS::Events::Rule", ScheduleExpression="rate(1 day)"),
                "Chat": resource("AWS::ApiGatewayV2::Api", ProtocolType="WEBSOCKET"),
            }
        )
    )

    assert r'label="Nightly\nschedule"' in drawn
    assert r'label="Chat\nWebSocket API"' in drawn


def test_arrows_of_privileges_point_where_data_goes() -> None:
    def policy(action: str) -> dict[str, Any]:
        statement = {"Effect": "Allow", "Action": action, "Resource": {"Fn::GetAtt": "T.Arn"}}
        return resource("AWS::IAM::Role", Policies=[{"PolicyDocument": {"Statement": [statement]}}])

    drawn = dot(
        of(
            {
                "T": resource("AWS::DynamoDB::Table"),
                **{
                    name: resource("AWS::Lambda::Function", Role={"Fn::GetAtt": [role, "Arn"]})
                    for name, role in (("A", "Read"), ("B", "Write"), ("C", "All"))
                },
                "Read": policy("dynamodb:GetItem"),
                "Write": policy("dynamodb:PutItem"),
                "All": policy("dynamodb:*"),
            }
        )
    )
    assert re.findall(r'dir="(\w+)"', drawn) == ["back", "forward", "both"]


def test_a_privilege_on_what_delivers_leaves_boxes_in_the_order_of_what_is_delivered() -> None:
    function = {"Fn::GetAtt": ["Function", "Arn"]}
    notified = {"TopicConfigurations": [{"Topic": {"Ref": "Topic"}}]}
    objects = {"Fn::Join": ["", [{"Fn::GetAtt": ["Bucket", "Arn"]}, "/*"]]}
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": objects}
    document = {"Statement": [statement]}
    drawn = dot(
        of(
            {
                "Bucket": resource("AWS::S3::Bucket", NotificationConfiguration=notified),
                "Topic": resource(
                    "AWS::SNS::Topic", Subscription=[{"Protocol": "lambda", "Endpoint": function}]
                ),
                "Function": resource("AWS::Lambda::Function", Role={"Fn::GetAtt": "Role.Arn"}),
                "Role": resource("AWS::IAM::Role", Policies=[{"PolicyDocument": document}]),
            }
        )
    )

    [back] = re.findall(r'constraint="false".*', drawn)
    assert 'dir="back"' in back


def test_a_drawing_is_svg_that_says_what_it_shows() -> None:
    drawing = svg(of(api("GET /a&b")))
    root = ET.fromstring(drawing)

    space = "{http://www.w3.org/2000/svg}"
    assert [root[0].text, root[1].text] == ["Architecture of Shop", "; ".join(LEGEND)]
    texts = [element.text for element in root.iter(f"{space}text")]
    assert texts == [*LEGEND, "Shop", "Api", "HTTP API", "Function", "function", "GET /a&b"]


def test_a_wide_drawing_says_what_its_lines_mean_in_one_line() -> None:
    queues = {
        f"Queue{number}": resource(
            "AWS::SQS::Queue",
            RedrivePolicy={"deadLetterTargetArn": {"Fn::GetAtt": [f"Queue{number + 1}", "Arn"]}},
        )
        for number in range(8)
    }

    assert f">{'; '.join(LEGEND)}</text>" in svg(of(queues))
