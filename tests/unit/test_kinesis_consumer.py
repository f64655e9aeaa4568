"""A function that reads a stream of Kinesis."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import assertions
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3

from serverless_patterns import KinesisConsumer, PythonFunction
from tests.streams import MAPPING, actions_of, mapping, statements

MATCH = assertions.Match


def test_a_poison_record_is_found_given_up_soon_and_kept(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    consumer = KinesisConsumer(stack, "Orders", handler=handler)

    assert isinstance(consumer.on_failure, s3.Bucket)
    assert mapping(stack) == {
        "BatchSize": 100,
        "BisectBatchOnFunctionError": True,
        "DestinationConfig": {
            "OnFailure": {"Destination": stack.resolve(consumer.on_failure.bucket_arn)}
        },
        "Enabled": True,
        "EventSourceArn": stack.resolve(consumer.stream.stream_arn),
        "FunctionName": stack.resolve(handler.function_name),
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "MaximumRecordAgeInSeconds": 302_400,
        "MaximumRetryAttempts": 5,
        "MetricsConfig": {"Metrics": ["EventCount"]},
        "ParallelizationFactor": 1,
        "StartingPosition": "TRIM_HORIZON",
    }


def test_the_stream_that_is_made_is_encrypted_kept_and_remembers_a_week(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    KinesisConsumer(stack, "Orders", handler=handler)

    assertions.Template.from_stack(stack).has_resource(
        "AWS::Kinesis::Stream",
        {
            "Properties": {
                "RetentionPeriodHours": 168,
                "StreamEncryption": {"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"},
                "StreamModeDetails": {"StreamMode": "ON_DEMAND"},
            },
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
        },
    )


def test_the_bucket_of_failed_records_is_private_encrypted_kept_and_for_tls_alone(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    KinesisConsumer(stack, "Orders", handler=handler)

    template = assertions.Template.from_stack(stack)
    template.has_resource(
        "AWS::S3::Bucket",
        {
            "Properties": {
                "BucketEncryption": MATCH.any_value(),
                "LifecycleConfiguration": {
                    "Rules": [{"ExpirationInDays": 90, "Status": "Enabled"}]
                },
                "PublicAccessBlockConfiguration": {
                    "BlockPublicAcls": True,
                    "BlockPublicPolicy": True,
                    "IgnorePublicAcls": True,
                    "RestrictPublicBuckets": True,
                },
            },
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
        },
    )
    template.has_resource_properties(
        "AWS::S3::BucketPolicy",
        {
            "PolicyDocument": {
                "Statement": [
                    MATCH.object_like(
                        {
                            "Effect": "Deny",
                            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                        }
                    )
                ]
            }
        },
    )


def test_the_handler_may_read_the_stream_and_write_failures_and_no_more(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    consumer = KinesisConsumer(stack, "Orders", handler=handler)

    bucket = consumer.on_failure
    assert isinstance(bucket, s3.Bucket)
    reads, lists, writes = statements(consumer)
    assert reads["Resource"] == stack.resolve(consumer.stream.stream_arn)
    assert {each.split(":")[0] for each in actions_of(reads)} == {"kinesis"}
    assert not [each for each in actions_of(reads) if "Put" in each]
    assert (lists["Action"], lists["Resource"]) == (
        "s3:ListBucket",
        stack.resolve(bucket.bucket_arn),
    )
    assert (writes["Action"], writes["Resource"]) == (
        "s3:PutObject",
        stack.resolve(bucket.arn_for_objects("aws/lambda/*")),
    )


def test_the_mapping_waits_for_what_its_handler_may_do(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    KinesisConsumer(stack, "Orders", handler=handler)

    assertions.Template.from_stack(stack).has_resource(
        MAPPING, {"DependsOn": [MATCH.string_like_regexp("^OrdersAccess")]}
    )


def test_a_stream_that_exists_is_read(stack: cdk.Stack, handler: PythonFunction) -> None:
    stream = kinesis.Stream(stack, "Stream", retention_period=cdk.Duration.hours(48))
    consumer = KinesisConsumer(stack, "Orders", handler=handler, stream=stream)

    assert consumer.stream is stream
    assert mapping(stack)["EventSourceArn"] == stack.resolve(stream.stream_arn)
    assert mapping(stack)["MaximumRecordAgeInSeconds"] == 24 * 3600
    assertions.Template.from_stack(stack).resource_count_is("AWS::Kinesis::Stream", 1)


def test_of_an_imported_stream_no_more_than_the_least_retention_is_relied_on(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    arn = "arn:aws:kinesis:us-east-1:111122223333:stream/orders"
    stream = kinesis.Stream.from_stream_arn(stack, "Stream", arn)
    KinesisConsumer(stack, "Orders", handler=handler, stream=stream)

    assert mapping(stack)["EventSourceArn"] == arn
    assert mapping(stack)["MaximumRecordAgeInSeconds"] == 12 * 3600


def test_of_a_retention_that_is_known_at_deployment_the_least_is_relied_on(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    hours = cdk.CfnParameter(stack, "Hours", type="Number").value_as_number
    stream = kinesis.Stream(stack, "Stream")
    cfn = stream.node.default_child
    assert isinstance(cfn, kinesis.CfnStream)
    cfn.retention_period_hours = hours
    KinesisConsumer(stack, "Orders", handler=handler, stream=stream)

    assert mapping(stack)["MaximumRecordAgeInSeconds"] == 12 * 3600


def test_an_imported_stream_may_keep_records_for_longer(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    arn = "arn:aws:kinesis:us-east-1:111122223333:stream/orders"
    stream = kinesis.Stream.from_stream_arn(stack, "Stream", arn)
    age = cdk.Duration.days(5)
    KinesisConsumer(stack, "Orders", handler=handler, stream=stream, max_record_age=age)

    assert mapping(stack)["MaximumRecordAgeInSeconds"] == 432_000


def test_enhanced_fan_out_is_read_by_its_consumer(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    stream = kinesis.Stream(stack, "Stream")
    fan_out = kinesis.StreamConsumer(stack, "FanOut", stream=stream, stream_consumer_name="orders")
    consumer = KinesisConsumer(stack, "Orders", handler=handler, stream_consumer=fan_out)

    assert consumer.stream is stream
    assert mapping(stack)["EventSourceArn"] == stack.resolve(fan_out.stream_consumer_arn)
    allowed = [
        action
        for each in statements(consumer)
        if each["Resource"] == stack.resolve(fan_out.stream_consumer_arn)
        for action in actions_of(each)
    ]
    assert sorted(allowed) == ["kinesis:DescribeStreamConsumer", "kinesis:SubscribeToShard"]


def test_an_alias_can_be_the_handler(stack: cdk.Stack, handler: PythonFunction) -> None:
    alias = lambda_.Alias(stack, "Live", alias_name="live", version=handler.current_version)
    KinesisConsumer(stack, "Orders", handler=alias)

    assert mapping(stack)["FunctionName"] == stack.resolve(alias.function_name)


def test_a_handler_and_its_stream_may_stand_in_stacks_that_know_nothing_of_the_other(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    streams = cdk.Stack(cdk.App.of(stack), "Streams")
    KinesisConsumer(streams, "Orders", handler=handler)

    assertions.Template.from_stack(streams).resource_count_is(MAPPING, 1)
    assertions.Template.from_stack(stack).resource_count_is(MAPPING, 0)


def test_everything_that_cdk_sets_can_be_set(stack: cdk.Stack, handler: PythonFunction) -> None:
    key = kms.Key(stack, "Key")
    KinesisConsumer(
        stack,
        "Orders",
        handler=handler,
        batch_size=500,
        max_batching_window=cdk.Duration.seconds(5),
        parallelization_factor=10,
        retry_attempts=3,
        max_record_age=cdk.Duration.hours(1),
        bisect_batch_on_error=False,
        report_batch_item_failures=False,
        filters=[lambda_.FilterCriteria.filter({"data": {"kind": ["order"]}})],
        filter_encryption=key,
        starting_position=lambda_.StartingPosition.AT_TIMESTAMP,
        starting_position_timestamp=1_700_000_000,
        enabled=False,
    )

    found = mapping(stack)
    assert "FunctionResponseTypes" not in found
    assert (
        found
        | {
            "BatchSize": 500,
            "BisectBatchOnFunctionError": False,
            "Enabled": False,
            "FilterCriteria": {"Filters": [{"Pattern": '{"data":{"kind":["order"]}}'}]},
            "KmsKeyArn": stack.resolve(key.key_arn),
            "MaximumBatchingWindowInSeconds": 5,
            "MaximumRecordAgeInSeconds": 3600,
            "MaximumRetryAttempts": 3,
            "ParallelizationFactor": 10,
            "StartingPosition": "AT_TIMESTAMP",
            "StartingPositionTimestamp": 1_700_000_000,
        }
        == found
    )


def test_a_tumbling_window_splits_no_batch_unless_it_is_said(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    window = cdk.Duration.minutes(2)
    KinesisConsumer(stack, "Orders", handler=handler, tumbling_window=window)

    found = mapping(stack)
    assert found["TumblingWindowInSeconds"] == 120
    assert found["BisectBatchOnFunctionError"] is False
    assert "FunctionResponseTypes" not in found
    assertions.Annotations.from_stack(stack).has_no_warning("*", MATCH.any_value())


def test_retries_may_go_on_until_a_record_is_too_old(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    KinesisConsumer(stack, "Orders", handler=handler, retry_attempts=-1)

    assert mapping(stack)["MaximumRetryAttempts"] == -1
    assert mapping(stack)["MaximumRecordAgeInSeconds"] == 302_400
