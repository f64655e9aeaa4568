"""The values of properties: what CloudFormation takes is taken, the rest is refused by name."""

from __future__ import annotations

import json
from typing import Any

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
    notified,
    queue,
    redriven,
    ref,
    resource,
    rule,
    ruled,
    subscribed,
    template,
    topic,
)
from tests.unit.delivery.queue_templates import polled

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
