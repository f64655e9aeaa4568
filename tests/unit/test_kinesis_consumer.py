from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as event_sources
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from serverless_patterns import KinesisConsumer, PatternError, PythonFunction
from serverless_patterns.testing.delivery import KinesisRecord, deliver
from tests.messages import exactly

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MATCH = assertions.Match
MAPPING = "AWS::Lambda::EventSourceMapping"


def mapping(stack: cdk.Stack) -> dict[str, Any]:
    """The properties of the one mapping of ``stack``."""
    [found] = assertions.Template.from_stack(stack).find_resources(MAPPING).values()
    properties: dict[str, Any] = found["Properties"]
    return properties


def statements(consumer: KinesisConsumer) -> list[dict[str, Any]]:
    """What the consumer's own policy allows."""
    stack = cdk.Stack.of(consumer)
    policies = assertions.Template.from_stack(stack).find_resources("AWS::IAM::Policy")
    [policy] = [
        each for key, each in policies.items() if key.startswith(f"{consumer.node.id}Access")
    ]
    found: list[dict[str, Any]] = policy["Properties"]["PolicyDocument"]["Statement"]
    return found


def actions_of(statement: dict[str, Any]) -> list[str]:
    said = statement["Action"]
    return [said] if isinstance(said, str) else said


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


def test_alarms_ring_when_it_falls_behind_and_when_records_are_given_up(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    consumer = KinesisConsumer(stack, "Orders", handler=handler)
    topic = sns.Topic(stack, "Topic")
    alarms = consumer.add_alarms(actions.SnsAction(topic))

    found = assertions.Template.from_stack(stack).find_resources("AWS::CloudWatch::Alarm")
    told = [each["Properties"] for each in found.values()]
    own = {
        "Name": "EventSourceMappingUUID",
        "Value": stack.resolve(consumer.event_source_mapping.event_source_mapping_id),
    }
    function = {"Name": "FunctionName", "Value": stack.resolve(handler.function_name)}
    assert len(alarms) == 3
    assert sorted(
        (each["MetricName"], each["Statistic"], each["Threshold"], each["AlarmDescription"])
        for each in told
    ) == [
        (
            "DestinationDeliveryFailures",
            "Sum",
            1,
            "Shop/Orders couldn't write records that it gave up to its failure destination",
        ),
        ("IteratorAge", "Maximum", 151_200_000, "Shop/Orders is 42 h behind its stream"),
        (
            "OnFailureDestinationDeliveredEventCount",
            "Sum",
            1,
            "Shop/Orders gave up records, which its failure destination holds",
        ),
    ]
    assert {each["MetricName"]: each["Dimensions"] for each in told} == {
        "DestinationDeliveryFailures": [function],
        "IteratorAge": [function],
        "OnFailureDestinationDeliveredEventCount": [own],
    }
    assert {str(each["AlarmActions"]) for each in told} == {str([stack.resolve(topic.topic_arn)])}


def test_alarms_are_added_once(stack: cdk.Stack, handler: PythonFunction) -> None:
    consumer = KinesisConsumer(stack, "Orders", handler=handler)
    action = actions.SnsAction(sns.Topic(stack, "Topic"))
    consumer.add_alarms(action)

    with pytest.raises(
        PatternError,
        match=exactly(
            "Shop/Orders: add_alarms must be called once, got a second call; add further actions "
            "to the alarms that the first call returned"
        ),
    ):
        consumer.add_alarms(action)


def test_it_may_be_said_how_far_behind_is_too_far(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    consumer = KinesisConsumer(stack, "Orders", handler=handler)
    action = actions.SnsAction(sns.Topic(stack, "Topic"))
    consumer.add_alarms(action, iterator_age=cdk.Duration.minutes(9))

    assertions.Template.from_stack(stack).has_resource_properties(
        "AWS::CloudWatch::Alarm",
        {
            "MetricName": "IteratorAge",
            "Threshold": 540_000,
            "AlarmDescription": "Shop/Orders is 0.15 h behind its stream",
        },
    )


def test_how_far_behind_is_a_duration(stack: cdk.Stack, handler: PythonFunction) -> None:
    consumer = KinesisConsumer(stack, "Orders", handler=handler)
    age: Any = 540
    with pytest.raises(
        PatternError,
        match=exactly(
            "Shop/Orders: iterator_age must be a Duration, got 540; for example "
            "cdk.Duration.minutes(10)"
        ),
    ):
        consumer.add_alarms(actions.SnsAction(sns.Topic(stack, "Topic")), iterator_age=age)


def test_a_metric_can_be_changed(stack: cdk.Stack, handler: PythonFunction) -> None:
    consumer = KinesisConsumer(stack, "Orders", handler=handler)

    metric = consumer.metric_dropped(period=cdk.Duration.hours(1))
    assert (metric.metric_name, metric.statistic) == ("DroppedEventCount", "Sum")
    assert metric.period.to_hours() == 1
    assert consumer.metric_iterator_age(statistic="p99").statistic == "p99"


def test_a_dashboard_shows_how_far_behind_it_is_and_what_was_given_up(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    consumer = KinesisConsumer(stack, "Orders", handler=handler)

    titles = [
        stack.resolve(each.to_json())[0]["properties"]["title"]
        for each in consumer.dashboard_widgets()
    ]
    assert titles == ["Shop/Orders: iterator age", "Shop/Orders: records given up"]


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
