"""What a template refers to in ways that only deployment resolves."""

from __future__ import annotations

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
from serverless_patterns.testing.delivery._template import Resources
from tests.unit.delivery.push_handlers import fail, only, succeed, times
from tests.unit.delivery.push_templates import (
    allowed,
    arn,
    configured,
    function,
    let_in,
    notified,
    queue,
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

SNS = [SnsMessage(message="order 1", topic="Topic")]
SQS = [SqsMessage(body="1", queue="Queue")]
BUS = [BusEvent(source="shop", detail_type="Sold")]
S3 = [S3Event(key="a", bucket="Bucket")]
NAMED: Any = {"Fn::Sub": "arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:${Name}"}
OPEN = [
    ({"Fn::ImportValue": "Shop-Orders"}, '{"Fn::ImportValue": "Shop-Orders"}'),
    ({"Ref": "OrdersArn"}, '{"Ref": "OrdersArn"}'),
    (NAMED, '{"Fn::Sub": "arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:${Name}"}'),
    ("{{resolve:ssm:/orders}}", '"{{resolve:ssm:/orders}}"'),
    ("orders", '"orders"'),
]


def refusal(model: Any, events: Any, **arguments: Any) -> str:
    resources = model["Resources"]
    handlers = {"Handler": succeed} if "Handler" in resources else {}
    with pytest.raises(DeliveryError) as refused:
        deliver(model, events, handlers=handlers, **arguments)
    return str(refused.value)


def redriven(target: Any) -> Any:
    policy = {"deadLetterTargetArn": target, "maxReceiveCount": 1}
    return template(queue(RedrivePolicy=policy))


@pytest.mark.parametrize(("value", "shown"), OPEN, ids=str)
@pytest.mark.parametrize(
    ("model", "events", "at"),
    [
        (
            lambda value: template(topic(), subscription(value, "sqs")),
            SNS,
            "Subscription: Endpoint",
        ),
        (lambda value: template(topic(), subscription(value)), SNS, "Subscription: Endpoint"),
        (lambda value: ruled(Arn=value), BUS, "Rule: target Target0: Arn"),
        (lambda value: notified(Function=value), S3, "Bucket: notifications"),
        (redriven, SQS, "Queue: deadLetterTargetArn"),
    ],
    ids=["SNS to SQS", "SNS to Lambda", "rule", "bucket", "redrive"],
)
def test_where_only_deployment_tells_where_something_leads_is_refused(
    model: Any, events: Any, at: str, value: Any, shown: str
) -> None:
    assert refusal(model(value), events) == (
        f"{at} must lead to a resource of the template or be an ARN, got {shown}; write it out, "
        "or pass what it is as imported"
    )


@pytest.mark.parametrize(
    ("model", "events", "at", "value"),
    [
        (
            template(topic(), subscription(TopicArn=ref("Topics"))),
            SNS,
            "Subscription: TopicArn",
            '{"Ref": "Topics"}',
        ),
        (ruled(rule(EventBusName=ref("Buses"))), BUS, "Rule: EventBusName", '{"Ref": "Buses"}'),
        (
            polled(of_mapping={"EventSourceArn": ref("Queues")}),
            SQS,
            "Mapping: EventSourceArn",
            '{"Ref": "Queues"}',
        ),
        (
            subscribed(configured(FunctionName=ref("Functions"))),
            SNS,
            "Config: FunctionName",
            '{"Ref": "Functions"}',
        ),
    ],
)
def test_what_may_be_of_a_source_is_refused_where_only_deployment_tells(
    model: Any, events: Any, at: str, value: str
) -> None:
    assert refusal(model, events) == (
        f"{at} must lead to a resource of the template or be an ARN, got {value}; write it out, or "
        "pass what it is as imported"
    )


def test_what_a_parameter_or_an_export_stands_for_is_told_by_its_name() -> None:
    given: Any = {"Type": "AWS::SQS::Queue"}
    for value, name in (({"Ref": "OrdersArn"}, "OrdersArn"), (OPEN[0][0], "Shop-Orders")):
        model = template(topic(), subscription(value, "sqs"))
        told = {name: given} | let_in("sns.amazonaws.com", ref("Topic"), name)
        leg = only(deliver(model, SNS, handlers={}, imported=told))
        assert [held.at for held in leg.held] == [name]


def test_an_endpoint_of_another_kind_than_its_protocol_is_refused() -> None:
    assert refusal(subscribed(Protocol="sqs"), SNS) == (
        "Subscription: Endpoint must be a queue where Protocol is sqs, got Handler "
        "(AWS::Lambda::Function); name another, or set the other protocol"
    )
    assert refusal(template(topic(), queue(), subscription(arn("Queue"))), SNS) == (
        "Subscription: Endpoint must be a function where Protocol is lambda, got Queue "
        "(AWS::SQS::Queue); name another, or set the other protocol"
    )


def test_what_is_outside_is_taken_to_let_a_service_in_with_a_warning() -> None:
    elsewhere = "arn:aws:lambda:us-east-1:123456789012:function:elsewhere"
    delivery = deliver(template(topic(), subscription(elsewhere)), SNS, handlers={})
    assert delivery.warnings == (
        f"Subscription: {elsewhere} outside the template is taken to let sns.amazonaws.com in; "
        "check that it does, or pass it and its policy as imported",
    )


LIVE = resource(
    "Live",
    "AWS::Lambda::Alias",
    FunctionName=ref("Handler"),
    FunctionVersion="1",
    Name="live",
)


@pytest.mark.parametrize(
    ("value", "tries"),
    [
        ({"Fn::Sub": "${Handler.Arn}:live"}, [0]),
        ({"Fn::Sub": ["${Function}:live", {"Function": arn("Handler")}]}, [0]),
        ({"Fn::Join": ["", [arn("Handler"), ":live"]]}, [0]),
        ({"Fn::Join": [":", [arn("Handler"), "live"]]}, [0]),
        ("arn:aws:lambda:us-east-1:123456789012:function:intake:live", [0]),
        (ref("Live"), [0]),
        ({"Fn::Sub": "${Handler.Arn}:$LATEST"}, [0, 60, 180]),
        ("arn:aws:lambda:us-east-1:123456789012:function:intake", [0, 60, 180]),
    ],
    ids=str,
)
def test_a_qualifier_that_is_written_out_is_that_of_the_alias(
    value: Any, tries: list[float]
) -> None:
    model = template(
        function(FunctionName="intake"),
        topic(),
        subscription(value),
        allowed("sns.amazonaws.com", ref("Topic"), value),
        LIVE,
        configured(Qualifier="live", MaximumRetryAttempts=0),
    )
    leg = only(deliver(model, SNS, handlers={"Handler": fail}))
    assert times(leg) == tries


def test_a_permission_of_the_function_alone_is_none_of_its_alias() -> None:
    alias = {"Fn::Sub": "${Handler.Arn}:live"}
    model = template(
        function(), topic(), subscription(alias), LIVE, allowed("sns.amazonaws.com", ref("Topic"))
    )
    assert only(deliver(model, SNS, handlers={"Handler": succeed})).outcome is Outcome.LOST


def test_a_qualifier_that_is_not_of_the_template_is_refused() -> None:
    alias = {"Fn::Sub": "${Handler.Arn}:7"}
    model = template(
        function(), topic(), subscription(alias), allowed("sns.amazonaws.com", ref("Topic"), alias)
    )
    assert refusal(model, SNS) == (
        "Handler: the qualifier that it is invoked by must be that of an alias or a version of the "
        "template, got '7'; refer to the alias, or define it, as it has a configuration of its own"
    )
    only_known = template(*[{**model["Resources"]}, configured(Qualifier="7")])
    assert only(deliver(only_known, SNS, handlers={"Handler": succeed})).outcome is Outcome.HANDLED


def test_a_configuration_of_an_unknown_qualifier_is_refused() -> None:
    assert refusal(subscribed(configured(Qualifier=ref("Stage"))), SNS) == (
        "Config: the qualifier must be a text or of an alias or a version of the template, got "
        '{"Ref": "Stage"}; write it out'
    )


@pytest.mark.parametrize(
    "value",
    [
        {"Fn::Sub": "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:orders"},
        {"Fn::Join": [":", ["arn:aws:sqs", ref("AWS::Region"), ref("AWS::AccountId"), "orders"]]},
        {"Fn::Sub": ["arn:aws:sqs:${AWS::Region}:1:${Name}", {"Name": "orders"}]},
        {"Fn::Select": [1, {"Fn::Split": ["|", "a|arn:aws:sqs:us-east-1:1:orders"]}]},
    ],
    ids=str,
)
def test_a_physical_name_within_an_arn_leads_to_its_resource(value: Any) -> None:
    assert Resources(template(queue(QueueName="orders"))).target(value) == "Queue"


def test_a_name_that_the_stack_gives_leads_to_its_resource() -> None:
    model = Resources(template(queue(QueueName={"Fn::Sub": "${AWS::StackName}-orders"})))
    prefix = "arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:"
    assert model.target({"Fn::Sub": f"{prefix}${{AWS::StackName}}-orders"}) == "Queue"
    assert model.target({"Fn::Sub": f"{prefix}${{AWS::StackName}}-others"}) is None


def test_what_comes_before_the_name_in_an_arn_does_not_lead_to_its_resource() -> None:
    region = {"Fn::Select": [3, {"Fn::Split": [":", arn("Queue")]}]}
    value = {"Fn::Join": ["", ["arn:aws:sqs:", region, ":123456789012:others"]]}
    assert Resources(template(queue())).target(value) is None


def test_a_policy_names_a_queue_by_its_physical_name() -> None:
    named = {"Fn::Sub": "arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:orders"}
    statement = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": named}
    model = subscribed(
        function(Role=arn("Role")),
        resource(
            "Role", "AWS::IAM::Role", Policies=[{"PolicyDocument": {"Statement": [statement]}}]
        ),
        queue(QueueName="orders"),
        configured(
            MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": arn("Queue")}}
        ),
    )
    assert only(deliver(model, SNS, handlers={"Handler": fail})).outcome is Outcome.HELD
