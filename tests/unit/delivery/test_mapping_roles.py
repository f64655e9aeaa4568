"""Whether a function's role may read what a mapping polls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from serverless_patterns.testing.delivery import DeliveryError, Outcome
from tests.messages import exactly
from tests.unit.delivery import queue_templates, stream_templates
from tests.unit.delivery.push_templates import arn, ref, resource

if TYPE_CHECKING:
    from collections.abc import Mapping

READ_QUEUE = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
READ_STREAM = ["kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:DescribeStream"]
READ_TABLE = ["dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream"]
MANAGED = "arn:aws:iam::aws:policy/service-role/"
TABLE: Any = {"Fn::GetAtt": ["Table", "StreamArn"]}


def allow(action: Any, on: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": on}


def role(*statements: Mapping[str, Any], **properties: Any) -> dict[str, Any]:
    policies = [{"PolicyDocument": {"Statement": list(statements)}}] if statements else []
    return resource("Role", "AWS::IAM::Role", Policies=policies, **properties)


def read_queue(*parts: Mapping[str, Any], **of_queue: Any) -> Outcome:
    others = {name: each for part in parts for name, each in part.items()}
    template = queue_templates.polled(
        of_function={"Role": arn("Role")}, of_queue=of_queue, **others
    )
    return queue_templates.leg_of(queue_templates.run(template)).outcome


def read_stream(*parts: Mapping[str, Any], **stream: Any) -> Outcome:
    template = stream_templates.kinesis()
    return _read(template, [stream_templates.record("a")], *parts, Stream=stream)


def read_table(*parts: Mapping[str, Any]) -> Outcome:
    return _read(stream_templates.dynamodb(), [stream_templates.change("a")], *parts)


def _read(
    template: Any, events: list[Any], *parts: Mapping[str, Any], **properties: Any
) -> Outcome:
    resources = template["Resources"]
    resources["Handler"]["Properties"]["Role"] = arn("Role")
    for part in parts:
        resources |= part
    for name, given in properties.items():
        resources[name]["Properties"] |= given
    (leg,) = stream_templates.run(template, events).legs
    return leg.outcome


@pytest.mark.parametrize(
    ("read", "given"),
    [
        (read_queue, role(allow(READ_QUEUE, arn("Queue")))),
        (read_queue, role(allow("sqs:*", "arn:aws:sqs:*:*:Que*"))),
        (read_queue, role(ManagedPolicyArns=[f"{MANAGED}AWSLambdaSQSQueueExecutionRole"])),
        (read_stream, role(allow(READ_STREAM, arn("Stream")))),
        (read_stream, role(allow("kinesis:*", "arn:aws:kinesis:*:*:stream/Str*"))),
        (read_stream, role(ManagedPolicyArns=[f"{MANAGED}AWSLambdaKinesisExecutionRole"])),
        (read_table, role(allow(READ_TABLE, TABLE))),
        (read_table, role(allow("dynamodb:*", "arn:aws:dynamodb:*:*:table/Table/stream/*"))),
        (read_table, role(ManagedPolicyArns=[f"{MANAGED}AWSLambdaDynamoDBExecutionRole"])),
    ],
)
def test_a_role_that_may_read_the_source_is_accepted(read: Any, given: Mapping[str, Any]) -> None:
    assert read(given) is Outcome.HANDLED


@pytest.mark.parametrize(
    ("read", "given", "message"),
    [
        (
            read_queue,
            role(),
            "Mapping: the role of Handler must be allowed sqs:ReceiveMessage, sqs:DeleteMessage, "
            "sqs:GetQueueAttributes on Queue, got none of them; grant it, as AWS refuses the "
            "mapping without, or pass a policy from outside the template as imported",
        ),
        (
            read_queue,
            role(allow("sqs:ReceiveMessage", arn("Queue"))),
            "Mapping: the role of Handler must be allowed sqs:DeleteMessage, "
            "sqs:GetQueueAttributes on Queue, got none of them; grant it, as AWS refuses the "
            "mapping without, or pass a policy from outside the template as imported",
        ),
        (
            read_stream,
            role(ManagedPolicyArns=[f"{MANAGED}AWSLambdaSQSQueueExecutionRole"]),
            "Mapping: the role of Handler must be allowed kinesis:GetRecords, "
            "kinesis:GetShardIterator, kinesis:DescribeStream on Stream, got none of them; grant "
            "it, as AWS refuses the mapping without, or pass a policy from outside the template "
            "as imported",
        ),
        (
            read_table,
            role(allow(["dynamodb:GetRecords", "dynamodb:GetShardIterator"], TABLE)),
            "Mapping: the role of Handler must be allowed dynamodb:DescribeStream on Table, got "
            "none of them; grant it, as AWS refuses the mapping without, or pass a policy from "
            "outside the template as imported",
        ),
    ],
)
def test_a_role_that_may_not_read_the_source_is_refused(
    read: Any, given: Mapping[str, Any], message: str
) -> None:
    with pytest.raises(DeliveryError, match=exactly(message)):
        read(given)


NO_KEY = (
    "Mapping: the role of Handler must be allowed kms:Decrypt with the key of {}, got none of "
    "them; grant it, as Lambda receives nothing without"
)
KEY = resource("Key", "AWS::KMS::Key")


def test_a_queue_under_a_key_that_the_role_may_not_use_is_refused() -> None:
    read = allow(READ_QUEUE, arn("Queue"))
    with pytest.raises(DeliveryError, match=exactly(NO_KEY.format("Queue"))):
        read_queue(role(read), KEY, KmsMasterKeyId=ref("Key"))
    decrypts = role(read, allow("kms:Decrypt", arn("Key")))
    assert read_queue(decrypts, KEY, KmsMasterKeyId=ref("Key")) is Outcome.HANDLED
    assert read_queue(role(read), KmsMasterKeyId="alias/aws/sqs") is Outcome.HANDLED


def test_a_stream_under_a_key_that_the_role_may_not_use_is_refused() -> None:
    read = allow(READ_STREAM, arn("Stream"))
    encrypted: Any = {"StreamEncryption": {"EncryptionType": "KMS", "KeyId": arn("Key")}}
    with pytest.raises(DeliveryError, match=exactly(NO_KEY.format("Stream"))):
        read_stream(role(read), KEY, **encrypted)
    decrypts = role(read, allow("kms:Decrypt", arn("Key")))
    assert read_stream(decrypts, KEY, **encrypted) is Outcome.HANDLED


def test_a_role_outside_of_the_template_is_trusted() -> None:
    assert read_queue() is Outcome.HANDLED


def test_a_policy_outside_of_the_template_counts_as_the_caller_tells_it() -> None:
    outside = "arn:aws:iam::123456789012:policy/reads"
    policy = {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {
            "ManagedPolicyName": "reads",
            "PolicyDocument": {"Statement": allow(READ_QUEUE, arn("Queue"))},
        },
    }
    template = queue_templates.polled(
        of_function={"Role": arn("Role")}, **role(ManagedPolicyArns=[outside])
    )
    delivery = queue_templates.run(template, imported={"Reads": policy})
    assert queue_templates.leg_of(delivery).outcome is Outcome.HANDLED


def test_a_consumer_of_a_stream_must_be_subscribed_to() -> None:
    consumer = resource(
        "Reader", "AWS::Kinesis::StreamConsumer", ConsumerName="reader", StreamARN=arn("Stream")
    )
    reader = {"Fn::GetAtt": ["Reader", "ConsumerARN"]}
    polling = {"Mapping": stream_templates.mapping(reader)}
    message = (
        "Mapping: the role of Handler must be allowed kinesis:SubscribeToShard on Reader, got "
        "none of them; grant it, as AWS refuses the mapping without, or pass a policy from "
        "outside the template as imported"
    )
    with pytest.raises(DeliveryError, match=exactly(message)):
        read_stream(consumer, polling, role(allow(READ_STREAM, arn("Stream"))))
    for on in (reader, arn("Stream")):
        given = role(allow("kinesis:SubscribeToShard", on))
        assert read_stream(consumer, polling, given) is Outcome.HANDLED
