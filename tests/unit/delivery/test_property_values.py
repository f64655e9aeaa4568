"""The values of properties: what CloudFormation takes is taken, the rest is refused by name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from serverless_patterns.testing.delivery import (
    BusEvent,
    DeliveryError,
    Outcome,
    S3Event,
    SnsMessage,
    SqsMessage,
    deliver,
)
from tests.unit.delivery.push_handlers import fail, only, succeed
from tests.unit.delivery.push_templates import (
    arn,
    bucket,
    configured,
    failing_to,
    function,
    let_in,
    notified,
    queue,
    redriven,
    ref,
    resource,
    rule,
    ruled,
    subscribed,
    subscription,
    template,
    topic,
)
from tests.unit.delivery.queue_templates import polled

if TYPE_CHECKING:
    from pathlib import Path

SNS = [SnsMessage(message="order 1", topic="Topic")]
SQS = [SqsMessage(body="1", queue="Queue")]
BUS = [BusEvent(source="shop", detail_type="Sold")]
S3 = [S3Event(key="a", bucket="Bucket")]
IF: Any = {"Fn::If": ["IsLive", True, False]}
SHOWN = '{"Fn::If": ["IsLive", true, false]}'
OPEN = "write the value, as what is delivered depends on it"
WRONG = "write it as AWS takes it"
DEEP_TEXT = '{"a":' * 2_000 + "1" + "}" * 2_000
DEEP: Any = json.loads('{"a":' * 101 + "1" + "}" * 101)


def refusal(model: Any, events: Any) -> str:
    handlers = {"Handler": fail} if "Handler" in model["Resources"] else {}
    with pytest.raises(DeliveryError) as refused:
        deliver(model, events, handlers=handlers)
    return str(refused.value)


@pytest.mark.parametrize(
    ("model", "events", "message"),
    [
        *(
            (
                polled(of_mapping=of_mapping, of_function=of_function, of_queue=of_queue),
                SQS,
                f"{message} must be {rule}, got {SHOWN}; {OPEN}",
            )
            for of_mapping, of_function, of_queue, message, rule in (
                ({"Enabled": IF}, {}, {}, "Mapping: Enabled", "true or false"),
                ({"FilterCriteria": IF}, {}, {}, "Mapping: FilterCriteria", "an object"),
                ({"ScalingConfig": IF}, {}, {}, "Mapping: ScalingConfig", "an object"),
                (
                    {"FunctionResponseTypes": IF},
                    {},
                    {},
                    "Mapping: FunctionResponseTypes",
                    "a list",
                ),
                ({}, {"Timeout": IF}, {}, "Handler: Timeout", "a whole number"),
                ({}, {"MemorySize": IF}, {}, "Handler: MemorySize", "a whole number"),
                (
                    {},
                    {"ReservedConcurrentExecutions": IF},
                    {},
                    "Handler: ReservedConcurrentExecutions",
                    "a whole number",
                ),
                ({}, {}, {"FifoQueue": IF}, "Queue: FifoQueue", "true or false"),
                ({}, {}, {"RedrivePolicy": IF}, "Queue: RedrivePolicy", "a JSON object"),
            )
        ),
        (
            polled(of_mapping={"FunctionResponseTypes": [IF]}),
            SQS,
            "Mapping: FunctionResponseTypes.0 must be one of ReportBatchItemFailures, got "
            f"{SHOWN}; {OPEN}",
        ),
        (
            polled(of_mapping={"Enabled": "off"}),
            SQS,
            f'Mapping: Enabled must be true or false, got "off"; {WRONG}',
        ),
        (
            polled(of_function={"Timeout": 0}),
            SQS,
            "Handler: Timeout must be 1 to 900, got 0; give one of these",
        ),
        (
            polled(of_function={"Timeout": 901}),
            SQS,
            "Handler: Timeout must be 1 to 900, got 901; give one of these",
        ),
        (
            polled(of_function={"ReservedConcurrentExecutions": -1}),
            SQS,
            "Handler: ReservedConcurrentExecutions must be 0 or more, got -1; correct it",
        ),
        (
            polled(of_queue={"RedrivePolicy": DEEP_TEXT}),
            SQS,
            f"Queue: RedrivePolicy must be a JSON object, got {repr(DEEP_TEXT)[:200]}; correct it",
        ),
        (
            template(
                queue(RedrivePolicy={"deadLetterTargetArn": arn("Topic"), "maxReceiveCount": 1}),
                topic(),
            ),
            SQS,
            "Queue: deadLetterTargetArn must be of a queue, got Topic (AWS::SNS::Topic); name "
            "another",
        ),
        (
            subscribed(RawMessageDelivery=IF),
            SNS,
            f"Subscription: RawMessageDelivery must be true or false, got {SHOWN}; {OPEN}",
        ),
        (
            subscribed(RedrivePolicy="nothing"),
            SNS,
            "Subscription: RedrivePolicy must be a JSON object, got 'nothing'; correct it",
        ),
        (
            subscribed(configured(DestinationConfig=IF)),
            SNS,
            f"Config: DestinationConfig must be an object, got {SHOWN}; {OPEN}",
        ),
        (
            template(
                topic(Subscription=[{"Protocol": 1, "Endpoint": "arn:aws:sqs:::q"}]), function()
            ),
            SNS,
            f"Topic: Subscription.0.Protocol must be a text, got 1; {WRONG}",
        ),
        (
            template(function(), rule(State=IF)),
            BUS,
            "Rule: State must be one of DISABLED, ENABLED, "
            f"ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS, got {SHOWN}; {OPEN}",
        ),
        (
            ruled(Input="{"),
            BUS,
            "Rule: target Target0: Input must be JSON, got '{'; correct it",
        ),
        (
            notified(Filter={"S3Key": {"Rules": [{"Name": "infix", "Value": "a"}]}}),
            S3,
            "Bucket: Name of a filter rule must be prefix or suffix, got 'infix'; give one of "
            "these",
        ),
        (
            template(bucket(QueueConfigurations=[{"Queue": arn("Queue")}]), queue()),
            S3,
            "Bucket: QueueConfigurations must name events, got none; name one, as S3 refuses it "
            "otherwise",
        ),
    ],
)
def test_what_a_property_leaves_open_or_can_not_be_is_refused(
    model: Any, events: Any, message: str
) -> None:
    assert refusal(model, events) == message


@pytest.mark.parametrize(
    ("value", "outcome"),
    [
        (True, Outcome.HANDLED),
        ("true", Outcome.HANDLED),
        ("True", Outcome.HANDLED),
        (ref("AWS::NoValue"), Outcome.HANDLED),
        (False, Outcome.HELD),
        ("false", Outcome.HELD),
        ("False", Outcome.HELD),
    ],
)
def test_a_flag_may_be_a_text_and_may_have_no_value(value: Any, outcome: Outcome) -> None:
    model = polled(of_mapping={"Enabled": value})
    assert only(deliver(model, SQS, handlers={"Handler": succeed})).outcome is outcome


@pytest.mark.parametrize("timeout", [3, 3.0, "3"])
def test_a_number_may_be_a_text(timeout: Any) -> None:
    model = polled(of_function={"Timeout": timeout})
    delivery = deliver(model, SQS, handlers={"Handler": succeed}, durations={"Handler": 3.1})
    assert delivery.legs[0].attempts[0].result.value == "timed out"


ALLOWED: Any = [
    {"PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}}}
]


def holding(policies: Any, *parts: Any) -> Any:
    """A function that fails to a queue, by a role with these policies."""
    return subscribed(
        function(Role=arn("Role")),
        resource("Role", "AWS::IAM::Role", Policies=policies),
        queue(),
        configured(MaximumRetryAttempts=0, DestinationConfig=failing_to()),
        *parts,
    )


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (holding(IF), f"Role: Policies must be a list, got {SHOWN}; {OPEN}"),
        (
            holding([{"PolicyDocument": IF}]),
            f"Role: Policies.0.PolicyDocument must be a JSON object, got {SHOWN}; {OPEN}",
        ),
        (
            holding([{"PolicyDocument": {"Statement": [IF]}}]),
            f"Role: Policies.0.PolicyDocument.Statement.0 must be an object, got {SHOWN}; {OPEN}",
        ),
        (
            holding([{"PolicyDocument": {"Statement": {"Effect": IF}}}]),
            "Role: Policies.0.PolicyDocument.Statement.Effect must be one of Allow, Deny, got "
            f"{SHOWN}; {OPEN}",
        ),
        (
            holding(ALLOWED, queue(KmsMasterKeyId=IF)),
            f"Queue: KmsMasterKeyId must be a text or a reference, got {SHOWN}; {OPEN}",
        ),
        (
            holding(
                ALLOWED,
                queue(KmsMasterKeyId=ref("Key")),
                resource("Key", "AWS::KMS::Key", KeyPolicy={"Statement": IF}),
            ),
            f"Key: KeyPolicy.Statement must be an object, got {SHOWN}; {OPEN}",
        ),
        (
            subscribed(
                redriven(),
                resource(
                    "DeadLettersPolicy",
                    "AWS::SQS::QueuePolicy",
                    Queues=[ref("DeadLetters")],
                    PolicyDocument={"Statement": [IF]},
                ),
                resource("Permission", "AWS::Lambda::Permission"),
                RedrivePolicy={"deadLetterTargetArn": arn("DeadLetters")},
            ),
            f"DeadLettersPolicy: PolicyDocument.Statement.0 must be an object, got {SHOWN}; {OPEN}",
        ),
    ],
)
def test_a_statement_behind_a_condition_is_refused(model: Any, message: str) -> None:
    assert refusal(model, SNS) == message


@pytest.mark.parametrize("resource_of", [ref("Parameter"), {"Fn::Sub": "${Parameter}"}])
def test_a_denial_on_what_only_deployment_tells_is_refused(resource_of: Any) -> None:
    denial = {"Effect": "Deny", "Action": "sqs:*", "Resource": resource_of}
    allowance = {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}
    model = holding([{"PolicyDocument": {"Statement": [allowance, denial]}}])
    assert refusal(model, SNS) == (
        f"Role: Resource of a denial must be known before deployment, got {json.dumps(resource_of)}"
        "; write it out, or pass what it is as imported"
    )


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
