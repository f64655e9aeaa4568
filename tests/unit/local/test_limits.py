from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from serverless_patterns.local.assembly import Template
from serverless_patterns.local.limits import Unenforced, unenforced


def limits(resource_type: str, properties: dict[str, Any], *, iam: bool = True) -> list[str]:
    resource = {"Type": resource_type, "Properties": properties}
    template = Template("Shop", Path("Shop.template.json"), {"Resources": {"It": resource}})
    return [limit.says for limit in unenforced([template], enforces_iam=iam)]


@pytest.mark.parametrize(
    ("resource_type", "properties", "says"),
    [
        (
            "AWS::ApiGatewayV2::Stage",
            {"DefaultRouteSettings": {"ThrottlingRateLimit": 1}, "AccessLogSettings": {}},
            ["throttling", "access logs"],
        ),
        ("AWS::ApiGatewayV2::Stage", {"StageName": "$default"}, []),
        (
            "AWS::Lambda::Function",
            {"TracingConfig": {"Mode": "Active"}},
            ["traces: there is no X-Ray"],
        ),
        ("AWS::Lambda::Function", {"TracingConfig": {"Mode": "PassThrough"}}, []),
        (
            "AWS::Events::Rule",
            {"Targets": [{"Id": "a"}, {"Id": "b", "DeadLetterConfig": {"Arn": "arn:q"}}]},
            ["a rule's dead-letter queue"],
        ),
        ("AWS::Lambda::EventSourceMapping", {"BisectBatchOnFunctionError": True}, []),
        (
            "AWS::Lambda::EventSourceMapping",
            {"BisectBatchOnFunctionError": True, "StartingPosition": "LATEST"},
            ["bisecting a batch of a stream: a failing batch blocks its shard for ever"],
        ),
        ("AWS::WAFv2::WebACL", {}, ["firewalls"]),
        ("AWS::Pipes::Pipe", {}, ["pipes: nothing flows"]),
        (
            "AWS::ApiGatewayV2::Api",
            {"Body": {"openapi": "3.0.1"}},
            ["routes in an OpenAPI body of an HTTP API"],
        ),
        ("AWS::ApiGatewayV2::Integration", {"PayloadFormatVersion": "2.0"}, []),
        (
            "AWS::ApiGatewayV2::Integration",
            {"PayloadFormatVersion": "1.0"},
            ["payload format 1.0 of an HTTP API"],
        ),
        ("AWS::Lambda::Function", {"Runtime": "python3.14"}, []),
        (
            "AWS::Lambda::Function",
            {"Runtime": "java21"},
            ["code in Java, Ruby and .NET: none runs, and the answer is a made-up 200"],
        ),
        (
            "AWS::SNS::Subscription",
            {"Protocol": "lambda"},
            ["retries from a topic to a function: it is tried once"],
        ),
        ("AWS::SNS::Subscription", {"Protocol": "sqs"}, []),
        ("AWS::SQS::QueuePolicy", {}, ["queue policies, TLS among them"]),
        ("AWS::SQS::Queue", {"VisibilityTimeout": 30}, []),
    ],
)
def test_what_a_template_asks_for_in_vain_is_told(
    resource_type: str, properties: dict[str, Any], says: list[str]
) -> None:
    assert limits(resource_type, properties) == says


def test_privileges_are_told_where_nobody_checks_them() -> None:
    says = "privileges: start with `up --enforce-iam` to have them checked"

    assert limits("AWS::IAM::Role", {}, iam=False) == [says]
    assert limits("AWS::IAM::Role", {}, iam=True) == []


def test_constructs_are_named_by_their_path_where_the_template_tells_it() -> None:
    def function(**attributes: Any) -> dict[str, Any]:
        return {
            "Type": "AWS::Lambda::Function",
            "Properties": {"MemorySize": 128},
            **attributes,
        }

    content = {
        "Resources": {
            "One": function(Metadata={"aws:cdk:path": "Shop/Worker/Resource"}),
            "Two": function(),
        }
    }
    template = Template("Shop", Path("Shop.template.json"), content)

    assert unenforced([template], enforces_iam=True) == [
        Unenforced("memory and the CPU that comes with it", ("Shop/Worker", "Shop.Two"))
    ]
