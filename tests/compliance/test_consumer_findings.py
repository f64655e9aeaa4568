"""cdk-nag over the consumers of streams: every reason stands at the resource that it excuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs

from serverless_patterns import DynamoDbConsumer, KinesisConsumer, PythonFunction
from tests.compliance.test_findings import acknowledged, findings, of_function

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from serverless_patterns.testing import Finding

    MakeApp = Callable[..., cdk.App]

POLLED = (
    "Lambda polls a stream for the function and waits for its answer: what it gives up goes to the "
    "mapping's failure destination, and nothing reaches a dead-letter queue."
)
WRITTEN = "Lambda writes each failure as the handler's role, under a name that it makes."
UNLOGGED = (
    "It holds failed records that Lambda writes, each under a key of its own; logs of access to it "
    "would need another bucket."
)


def objects_of(bucket: object) -> str:
    """The rule that writing to ``bucket`` breaks."""
    assert isinstance(bucket, s3.Bucket)
    resource = bucket.node.default_child
    assert isinstance(resource, s3.CfnBucket)
    name = cdk.Stack.of(bucket).get_logical_id(resource)
    return f"AwsSolutions-IAM5[Resource::<{name}.Arn>/aws/lambda/*]"


@pytest.fixture
def app(make_app: MakeApp) -> cdk.App:
    return make_app()


@pytest.fixture
def shop(app: cdk.App) -> cdk.Stack:
    return cdk.Stack(app, "Shop")


@pytest.fixture
def worker(shop: cdk.Stack, entry: Path) -> PythonFunction:
    return PythonFunction(shop, "Worker", entry=entry)


@pytest.fixture
def table(shop: cdk.Stack) -> dynamodb.TableV2:
    return dynamodb.TableV2(
        shop,
        "Table",
        partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
        dynamo_stream=dynamodb.StreamViewType.NEW_IMAGE,
        point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=True
        ),
    )


def of_consumer(name: str, bucket: object) -> list[Finding]:
    return [
        acknowledged("AwsSolutions-S1", f"Shop/{name}/FailedRecords/Resource", UNLOGGED),
        acknowledged(objects_of(bucket), f"Shop/{name}/Access/Resource", WRITTEN),
        acknowledged("Serverless-LambdaDLQ", "Shop/Worker/Resource", POLLED),
    ]


def test_a_kinesis_consumer_breaks_no_rule_without_a_reason(
    app: cdk.App, shop: cdk.Stack, worker: PythonFunction
) -> None:
    consumer = KinesisConsumer(shop, "Orders", handler=worker)

    expected = of_function("Shop/Worker") + of_consumer("Orders", consumer.on_failure)
    assert findings(app) == sorted(expected)


def test_a_dynamo_db_consumer_breaks_no_rule_without_a_reason(
    app: cdk.App, shop: cdk.Stack, worker: PythonFunction, table: dynamodb.TableV2
) -> None:
    consumer = DynamoDbConsumer(shop, "Changes", handler=worker, table=table)

    expected = of_function("Shop/Worker") + of_consumer("Changes", consumer.on_failure)
    assert findings(app) == sorted(expected)


def test_a_table_of_the_first_kind_needs_no_more_reasons(
    app: cdk.App, shop: cdk.Stack, worker: PythonFunction
) -> None:
    table = dynamodb.Table(
        shop,
        "Table",
        partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
        stream=dynamodb.StreamViewType.NEW_IMAGE,
        point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=True
        ),
    )
    consumer = DynamoDbConsumer(shop, "Changes", handler=worker, table=table)

    expected = of_function("Shop/Worker") + of_consumer("Changes", consumer.on_failure)
    assert findings(app) == sorted(expected)


@pytest.mark.parametrize("options", ["alias", "fan_out", "queue", "topic", "imported"])
def test_no_consumer_breaks_a_rule_without_a_reason(
    app: cdk.App, shop: cdk.Stack, worker: PythonFunction, options: str
) -> None:
    given: dict[str, Any] = {"handler": worker}
    if options == "alias":
        given["handler"] = lambda_.Alias(
            shop, "Live", alias_name="live", version=worker.current_version
        )
    elif options == "fan_out":
        stream = kinesis.Stream(shop, "Stream", encryption=kinesis.StreamEncryption.MANAGED)
        given["stream_consumer"] = kinesis.StreamConsumer(
            shop, "FanOut", stream=stream, stream_consumer_name="orders"
        )
    elif options == "queue":
        given["on_failure"] = sqs.Queue.from_queue_arn(
            shop, "Queue", "arn:aws:sqs:us-east-1:111122223333:failed"
        )
    elif options == "topic":
        topic = sns.Topic(shop, "Topic", enforce_ssl=True)
        topic.add_subscription(subscriptions.UrlSubscription("https://on-call.example"))
        given["on_failure"] = topic
    else:
        given["on_failure"] = s3.Bucket.from_bucket_name(shop, "Bucket", "failed-records")
    consumer = KinesisConsumer(shop, "Orders", **given)

    found = [each for each in findings(app) if each.path.startswith(consumer.node.path)]
    assert not [each for each in found if each.reason is None]
    assert {each.path for each in found} == {each.acknowledged_at for each in found}


def test_what_a_user_grants_to_the_handler_stays_the_users_to_acknowledge(
    app: cdk.App, shop: cdk.Stack, worker: PythonFunction
) -> None:
    consumer = KinesisConsumer(shop, "Orders", handler=worker)
    bucket = consumer.on_failure
    assert isinstance(bucket, s3.Bucket)
    bucket.grant_put(worker, "aws/lambda/*")

    broken = {(each.rule, each.path) for each in findings(app) if each.reason is None}
    assert (objects_of(bucket), "Shop/WorkerRole/DefaultPolicy/Resource") in broken
