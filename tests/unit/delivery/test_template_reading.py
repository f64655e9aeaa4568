"""What is read as a template, and which of its conditions are decided."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from serverless_patterns.testing.delivery import (
    DeliveryError,
    Outcome,
    SnsMessage,
    SqsMessage,
    deliver,
)
from tests.unit.delivery.push_handlers import fail, only, succeed
from tests.unit.delivery.push_templates import (
    arn,
    let_in,
    queue,
    ref,
    subscription,
    template,
    topic,
)
from tests.unit.delivery.queue_templates import polled

if TYPE_CHECKING:
    from pathlib import Path

SNS = [SnsMessage(message="order 1", topic="Topic")]
SQS = [SqsMessage(body="1", queue="Queue")]
DEEP: Any = json.loads('{"a":' * 101 + "1" + "}" * 101)


def refusal(model: Any, events: Any) -> str:
    handlers = {"Handler": fail} if "Handler" in model["Resources"] else {}
    with pytest.raises(DeliveryError) as refused:
        deliver(model, events, handlers=handlers)
    return str(refused.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": None}}},
            "Queue: Properties.DelaySeconds must not be null, got null; omit it, as CloudFormation "
            "refuses null",
        ),
        (
            {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"Tags": [{"Key": None}]}}},
            "Queue: Properties.Tags.0.Key must not be null, got null; omit it, as CloudFormation "
            "refuses null",
        ),
        (
            {"Queue": {"Type": "AWS::SQS::Queue", "Properties": []}},
            "Queue: Properties must be an object, got []; correct the template",
        ),
        (
            {"Queue": {"Properties": {}}},
            'Queue: a resource must be an object with a Type, got {"Properties": {}}; correct the '
            "template",
        ),
        (
            {"Queue": {"Type": "AWS::SQS::Queue", "Properties": DEEP}},
            f"{('Queue: Properties' + '.a' * 101)[:100]} must be nested 100 times at most, got "
            "more; correct the template",
        ),
    ],
)
def test_what_cloudformation_refuses_of_any_resource_is_refused(changes: Any, message: str) -> None:
    assert refusal({"Resources": changes}, []) == message


def test_what_is_no_template_is_refused(tmp_path: Path) -> None:
    what = "pass a dictionary with Resources, an assertions.Template, a Stack or the path of a file"
    file = tmp_path / "template.json"
    file.write_text("Resources: {}")
    for given, message in (
        (
            tmp_path / "none.json",
            f"template must be the path of a file that can be read, got '{tmp_path}/none.json' "
            "(No such file or directory); synthesize it first, or pass the Stack",
        ),
        (
            file,
            f"template must be a file of a JSON object, got '{file}'; pass one that cdk synth "
            "wrote into cdk.out",
        ),
        (b"{}", f"template must be a synthesized template, got bytes; {what}"),
        (
            {"Resources": []},
            f"template must have Resources by their logical ids, got list; {what}",
        ),
        (
            {"Resources": {}, "Transform": "AWS::Serverless-2016-10-31"},
            "template must be what CloudFormation deploys, got a Transform, "
            '"AWS::Serverless-2016-10-31"; process it first',
        ),
    ):
        with pytest.raises(DeliveryError) as refused:
            deliver(given, [], handlers={})
        assert str(refused.value) == message
    with pytest.raises(DeliveryError) as refused:
        deliver({"Resources": {}}, [], handlers={}, imported=["Queue"])  # type: ignore[arg-type]  # what is refused
    assert str(refused.value) == (
        "imported must hold resources by ids of your own, got list; for example "
        '{"Orders": {"Type": "AWS::SQS::Queue"}}'
    )


IN_CHINA = {"Fn::Equals": [ref("AWS::Region"), "cn-north-1"]}
CONDITIONS = {
    "InChina": IN_CHINA,
    "Elsewhere": {"Fn::Not": [{"Condition": "InChina"}]},
    "Either": {"Fn::Or": [IN_CHINA, {"Fn::Equals": ["a", "a"]}]},
    "Both": {"Fn::And": [{"Condition": "InChina"}, {"Condition": "IsLive"}]},
    "IsLive": {"Fn::Equals": [ref("Stage"), "live"]},
    "Loop": {"Fn::Not": [{"Condition": "Loop"}]},
}


@pytest.mark.parametrize(
    ("condition", "enabled"),
    [("InChina", False), ("Elsewhere", True), ("Either", True), ("Both", False)],
)
def test_a_condition_that_the_region_decides_is_decided(condition: str, enabled: object) -> None:
    expected = Outcome.HANDLED if enabled else Outcome.HELD
    model = polled(of_mapping={"Enabled": {"Fn::If": [condition, True, False]}})
    model = {**model, "Conditions": CONDITIONS}
    assert only(deliver(model, SQS, handlers={"Handler": succeed})).outcome is expected

    model = polled()
    model["Resources"]["Mapping"] |= {"Condition": condition}
    model = {**model, "Conditions": CONDITIONS}
    assert only(deliver(model, SQS, handlers={"Handler": succeed})).outcome is expected


@pytest.mark.parametrize("condition", ["IsLive", "Loop", "Nowhere"])
def test_a_resource_that_only_deployment_decides_is_refused(condition: str) -> None:
    part: Any = let_in("sns.amazonaws.com", ref("Topic"))
    part["QueuePolicy"] |= {"Condition": condition}
    model = template(topic(), queue(), subscription(arn("Queue"), "sqs"), part)
    assert refusal({**model, "Conditions": CONDITIONS}, SNS) == (
        f'QueuePolicy: Condition must be left out, got "{condition}"; only deployment tells '
        "whether the resource is there, so deliver a template with it and one without it"
    )
