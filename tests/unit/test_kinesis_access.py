"""Where a consumer's failures go, and who may do what with its stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as event_sources
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from serverless_patterns import KinesisConsumer, PythonFunction
from serverless_patterns.testing.delivery import KinesisRecord, deliver
from tests.streams import actions_of, mapping, statements

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MATCH = assertions.Match


def test_a_queue_gets_pointers(stack: cdk.Stack, handler: PythonFunction) -> None:
    key = kms.Key(stack, "Key")
    queue = sqs.Queue(stack, "Queue", encryption_master_key=key)
    consumer = KinesisConsumer(stack, "Orders", handler=handler, on_failure=queue)

    assert consumer.on_failure is queue
    assert mapping(stack)["DestinationConfig"] == {
        "OnFailure": {"Destination": stack.resolve(queue.queue_arn)}
    }
    _, sends, encrypts = statements(consumer)
    assert (sends["Action"], sends["Resource"]) == (
        "sqs:SendMessage",
        stack.resolve(queue.queue_arn),
    )
    assert encrypts["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assertions.Template.from_stack(stack).resource_count_is("AWS::S3::Bucket", 0)


def test_a_topic_gets_pointers(stack: cdk.Stack, handler: PythonFunction) -> None:
    topic = sns.Topic(stack, "Topic", master_key=kms.Key(stack, "Key"))
    consumer = KinesisConsumer(stack, "Orders", handler=handler, on_failure=topic)

    assert mapping(stack)["DestinationConfig"] == {
        "OnFailure": {"Destination": stack.resolve(topic.topic_arn)}
    }
    _, publishes, encrypts = statements(consumer)
    assert (publishes["Action"], publishes["Resource"]) == (
        "sns:Publish",
        stack.resolve(topic.topic_arn),
    )
    assert encrypts["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]


def test_a_bucket_that_exists_gets_the_records(stack: cdk.Stack, handler: PythonFunction) -> None:
    bucket = s3.Bucket(stack, "Bucket", encryption_key=kms.Key(stack, "Key"))
    consumer = KinesisConsumer(stack, "Orders", handler=handler, on_failure=bucket)

    assert mapping(stack)["DestinationConfig"] == {
        "OnFailure": {"Destination": stack.resolve(bucket.bucket_arn)}
    }
    assert [each["Action"] for each in statements(consumer)][1:] == [
        "s3:ListBucket",
        "s3:PutObject",
        "kms:GenerateDataKey",
    ]


@pytest.mark.parametrize("kind", ["queue", "topic", "bucket"])
def test_a_destination_of_cdks_is_taken(
    stack: cdk.Stack, handler: PythonFunction, kind: str
) -> None:
    queue, topic, bucket = sqs.Queue(stack, "Q"), sns.Topic(stack, "T"), s3.Bucket(stack, "B")
    destinations: dict[str, tuple[Any, str]] = {
        "queue": (event_sources.SqsDlq(queue), queue.queue_arn),
        "topic": (event_sources.SnsDlq(topic), topic.topic_arn),
        "bucket": (event_sources.S3OnFailureDestination(bucket), bucket.bucket_arn),
    }
    destination, arn = destinations[kind]
    consumer = KinesisConsumer(stack, "Orders", handler=handler, on_failure=destination)

    assert consumer.on_failure is destination
    assert mapping(stack)["DestinationConfig"]["OnFailure"] == {"Destination": stack.resolve(arn)}


def test_producers_may_write_and_nothing_else(
    stack: cdk.Stack, handler: PythonFunction, other: PythonFunction
) -> None:
    consumer = KinesisConsumer(stack, "Orders", handler=handler)
    consumer.grant_write(other).assert_success()

    assertions.Template.from_stack(stack).has_resource_properties(
        "AWS::IAM::Policy",
        {
            "PolicyDocument": {
                "Statement": [
                    {
                        "Action": ["kinesis:ListShards", "kinesis:PutRecord", "kinesis:PutRecords"],
                        "Effect": "Allow",
                        "Resource": stack.resolve(consumer.stream.stream_arn),
                    }
                ]
            },
            "PolicyName": MATCH.string_like_regexp("^OtherRole"),
        },
    )


@pytest.mark.parametrize(
    ("kind", "prefix"), [("bucket", "s3:Get"), ("queue", "sqs:Receive"), ("topic", "kinesis:Get")]
)
def test_who_replays_may_read_the_stream_and_what_failed(
    stack: cdk.Stack, handler: PythonFunction, kind: str, prefix: str
) -> None:
    kinds: dict[str, Any] = {
        "bucket": None,
        "queue": sqs.Queue(stack, "Q"),
        "topic": sns.Topic(stack, "T"),
    }
    consumer = KinesisConsumer(stack, "Orders", handler=handler, on_failure=kinds[kind])
    operator = iam.Role(stack, "Operator", assumed_by=iam.AccountRootPrincipal())
    consumer.grant_replay(operator).assert_success()

    policies = assertions.Template.from_stack(stack).find_resources("AWS::IAM::Policy")
    [policy] = [each for key, each in policies.items() if key.startswith("Operator")]
    allowed = [
        action
        for each in policy["Properties"]["PolicyDocument"]["Statement"]
        for action in actions_of(each)
    ]
    assert "kinesis:GetRecords" in allowed
    assert [each for each in allowed if each.startswith(prefix)]
    assert not [each for each in allowed if "Put" in each or "SendMessage" in each]


@pytest.mark.parametrize("kind", ["imported", "of another account", "made"])
def test_a_role_that_takes_no_policies_gets_a_warning_and_none(
    make_app: Callable[..., cdk.App], entry: Path, kind: str
) -> None:
    here = cdk.Environment(account="111122223333", region="us-east-1")
    stack = cdk.Stack(make_app(), "Shop", env=here)
    arn = "arn:aws:iam::{}:role/worker"
    role = {
        "imported": lambda: iam.Role.from_role_arn(
            stack, "Role", arn.format(here.account), mutable=False
        ),
        "of another account": lambda: iam.Role.from_role_arn(
            stack, "Role", arn.format("999988887777")
        ),
        "made": lambda: iam.Role(
            stack, "Made", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com")
        ).without_policy_updates(),
    }[kind]()
    handler = PythonFunction(stack, "Handler", entry=entry, role=role)
    KinesisConsumer(stack, "Orders", handler=handler)

    assertions.Annotations.from_stack(stack).has_warning(
        "/Shop/Orders",
        f"Shop/Orders: the role of handler takes no policies ({role.node.path}), so nothing is "
        "granted to it: it must be allowed to read the stream and to write to on_failure already "
        "[ack: serverless-patterns:role-of-handler-unknown]",
    )
    policies = assertions.Template.from_stack(stack).find_resources("AWS::IAM::Policy")
    assert not [key for key in policies if key.startswith("Orders")]


def test_a_handler_whose_role_is_unknown_gets_a_warning_and_no_policy(stack: cdk.Stack) -> None:
    arn = "arn:aws:lambda:us-east-1:111122223333:function:worker"
    handler = lambda_.Function.from_function_arn(stack, "Handler", arn)
    KinesisConsumer(stack, "Orders", handler=handler)

    assertions.Annotations.from_stack(stack).has_warning(
        "/Shop/Orders",
        "Shop/Orders: the role of handler is unknown, so nothing is granted to it: it must be "
        "allowed to read the stream and to write to on_failure already [ack: "
        "serverless-patterns:role-of-handler-unknown]",
    )
    assertions.Template.from_stack(stack).resource_count_is("AWS::IAM::Policy", 0)


@pytest.mark.parametrize(("raises", "held"), [(True, 1), (False, 100)])
def test_a_poison_record_is_given_up_alone_if_the_handler_raises(
    stack: cdk.Stack, handler: PythonFunction, held: int, *, raises: bool
) -> None:
    """Where the first record of a batch fails: an answer that names it gives up the whole batch."""
    KinesisConsumer(stack, "Orders", handler=handler)

    def handle(event: Any, _: object) -> Any:
        for number, record in enumerate(event["Records"]):
            if record["kinesis"]["partitionKey"] == "poison":
                if raises and number == 0:
                    raise ValueError("poison")
                return {"batchItemFailures": [{"itemIdentifier": sequence_of(record)}]}
        return {"batchItemFailures": []}

    keys = ["poison", *(f"good-{number}" for number in range(99))]
    records = [KinesisRecord(data=b"{}", partition_key=key, id=key, shard=0) for key in keys]
    delivery = deliver(stack, records, handlers={handler: handle})

    assert delivery.lost == []
    assert len(delivery.held) == held
    assert len(delivery.handled) == 100 - held


def sequence_of(record: Any) -> str:
    return str(record["kinesis"]["sequenceNumber"])
