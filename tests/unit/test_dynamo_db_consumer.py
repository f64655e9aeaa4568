from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3

from serverless_patterns import DynamoDbConsumer, PatternError, PythonFunction
from tests.messages import exactly

MAPPING = "AWS::Lambda::EventSourceMapping"
KEY = dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING)
CHANGES = dynamodb.StreamViewType.NEW_AND_OLD_IMAGES
ARN = "arn:aws:dynamodb:us-east-1:111122223333:table/orders"


@pytest.fixture
def table(stack: cdk.Stack) -> dynamodb.TableV2:
    return dynamodb.TableV2(stack, "Table", partition_key=KEY, dynamo_stream=CHANGES)


def mapping(stack: cdk.Stack) -> dict[str, Any]:
    """The properties of the one mapping of ``stack``."""
    [found] = assertions.Template.from_stack(stack).find_resources(MAPPING).values()
    properties: dict[str, Any] = found["Properties"]
    return properties


def statements(stack: cdk.Stack, owner: str) -> list[dict[str, Any]]:
    policies = assertions.Template.from_stack(stack).find_resources("AWS::IAM::Policy")
    [policy] = [each for key, each in policies.items() if key.startswith(owner)]
    found: list[dict[str, Any]] = policy["Properties"]["PolicyDocument"]["Statement"]
    return found


def test_a_poison_change_is_found_given_up_before_it_expires_and_kept(
    stack: cdk.Stack, handler: PythonFunction, table: dynamodb.TableV2
) -> None:
    consumer = DynamoDbConsumer(stack, "Changes", handler=handler, table=table)

    assert consumer.table is table
    assert isinstance(consumer.on_failure, s3.Bucket)
    assert mapping(stack) == {
        "BatchSize": 100,
        "BisectBatchOnFunctionError": True,
        "DestinationConfig": {
            "OnFailure": {"Destination": stack.resolve(consumer.on_failure.bucket_arn)}
        },
        "Enabled": True,
        "EventSourceArn": stack.resolve(table.table_stream_arn),
        "FunctionName": stack.resolve(handler.function_name),
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "MaximumRecordAgeInSeconds": 43_200,
        "MaximumRetryAttempts": 5,
        "MetricsConfig": {"Metrics": ["EventCount"]},
        "ParallelizationFactor": 1,
        "StartingPosition": "TRIM_HORIZON",
    }


def test_a_table_of_the_first_kind_is_read(stack: cdk.Stack, handler: PythonFunction) -> None:
    table = dynamodb.Table(stack, "Table", partition_key=KEY, stream=CHANGES)
    DynamoDbConsumer(stack, "Changes", handler=handler, table=table)

    assert mapping(stack)["EventSourceArn"] == stack.resolve(table.table_stream_arn)


def test_an_imported_table_is_read(stack: cdk.Stack, handler: PythonFunction) -> None:
    table = dynamodb.Table.from_table_attributes(
        stack, "Table", table_arn=ARN, table_stream_arn=f"{ARN}/stream/2026"
    )
    DynamoDbConsumer(stack, "Changes", handler=handler, table=table)

    assert mapping(stack)["EventSourceArn"] == f"{ARN}/stream/2026"


@pytest.mark.parametrize("kind", [dynamodb.Table, dynamodb.TableV2])
def test_the_handler_may_read_this_stream_and_list_no_other(
    stack: cdk.Stack, handler: PythonFunction, kind: type
) -> None:
    stream = {"stream" if kind is dynamodb.Table else "dynamo_stream": CHANGES}
    table = kind(stack, "Table", partition_key=KEY, **stream)
    DynamoDbConsumer(stack, "Changes", handler=handler, table=table)

    reads = statements(stack, "ChangesAccess")[0]
    assert reads["Action"] == [
        "dynamodb:DescribeStream",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:ListStreams",
    ]
    assert reads["Resource"] == stack.resolve(table.table_stream_arn)
    assert "*" not in [each["Resource"] for each in statements(stack, "ChangesAccess")]


def test_the_key_of_the_table_may_be_used(stack: cdk.Stack, handler: PythonFunction) -> None:
    key = kms.Key(stack, "Key")
    table = dynamodb.Table(stack, "Table", partition_key=KEY, stream=CHANGES, encryption_key=key)
    DynamoDbConsumer(stack, "Changes", handler=handler, table=table)

    decrypts = statements(stack, "ChangesAccess")[1]
    assert (decrypts["Action"], decrypts["Resource"]) == (
        "kms:Decrypt",
        stack.resolve(key.key_arn),
    )


def test_who_replays_may_read_the_stream(
    stack: cdk.Stack, handler: PythonFunction, table: dynamodb.TableV2
) -> None:
    consumer = DynamoDbConsumer(stack, "Changes", handler=handler, table=table)
    operator = iam.Role(stack, "Operator", assumed_by=iam.AccountRootPrincipal())
    consumer.grant_replay(operator).assert_success()

    streams = statements(stack, "Operator")[0]
    assert streams["Resource"] == stack.resolve(table.table_stream_arn)
    assert "dynamodb:GetRecords" in streams["Action"]


@pytest.mark.parametrize("kind", [dynamodb.Table, dynamodb.TableV2])
def test_a_table_without_a_stream_is_refused(
    stack: cdk.Stack, handler: PythonFunction, kind: type
) -> None:
    table = kind(stack, "Table", partition_key=KEY)
    with pytest.raises(
        PatternError,
        match=exactly(
            "Shop/Changes: table must have a stream, got Shop/Table without one; set its "
            "dynamo_stream (TableV2) or stream (Table)"
        ),
    ):
        DynamoDbConsumer(stack, "Changes", handler=handler, table=table)


def test_a_table_that_was_imported_without_its_stream_is_refused(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    table = dynamodb.Table.from_table_arn(stack, "Table", ARN)
    with pytest.raises(
        PatternError,
        match=exactly(
            "Shop/Changes: table must have a stream, got Shop/Table without one; import it with "
            "its table_stream_arn"
        ),
    ):
        DynamoDbConsumer(stack, "Changes", handler=handler, table=table)


def test_the_name_of_a_table_is_refused(stack: cdk.Stack, handler: PythonFunction) -> None:
    name: Any = "orders"
    with pytest.raises(
        PatternError,
        match=exactly(
            "Shop/Changes: table must be a table, got str; make one with dynamodb.TableV2"
        ),
    ):
        DynamoDbConsumer(stack, "Changes", handler=handler, table=name)


def test_a_timestamp_to_start_at_is_refused(
    stack: cdk.Stack, handler: PythonFunction, table: dynamodb.TableV2
) -> None:
    with pytest.raises(
        PatternError,
        match=exactly(
            "Shop/Changes: starting_position must be TRIM_HORIZON or LATEST, as a table's stream "
            "knows no other, got AT_TIMESTAMP; omit it to start with the oldest record"
        ),
    ):
        DynamoDbConsumer(
            stack,
            "Changes",
            handler=handler,
            table=table,
            starting_position=lambda_.StartingPosition.AT_TIMESTAMP,
        )


def test_an_age_that_the_stream_never_reaches_is_refused(
    stack: cdk.Stack, handler: PythonFunction, table: dynamodb.TableV2
) -> None:
    with pytest.raises(
        PatternError,
        match=exactly(
            "Shop/Changes: max_record_age must be below the 24 h that the stream keeps a record, "
            "or the record is gone before on_failure gets it, got 24 h; omit it to get half of that"
        ),
    ):
        DynamoDbConsumer(
            stack,
            "Changes",
            handler=handler,
            table=table,
            max_record_age=cdk.Duration.hours(24),
        )
