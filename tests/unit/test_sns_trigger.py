from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from serverless_patterns import PatternError, PythonFunction, SnsTrigger
from tests.messages import exactly

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]

MATCH = assertions.Match
SUBSCRIPTION = "AWS::SNS::Subscription"
RED = sns.SubscriptionFilter.string_filter(allowlist=["red"])


def properties(stack: cdk.Stack, kind: str) -> list[Mapping[str, Any]]:
    found = assertions.Template.from_stack(stack).find_resources(kind)
    return [each["Properties"] for each in found.values()]


def statements(stack: cdk.Stack, kind: str, principal: str) -> list[Mapping[str, Any]]:
    """What policies of a kind let a service do."""
    return [
        statement
        for each in properties(stack, kind)
        for statement in each.get("KeyPolicy", each.get("PolicyDocument"))["Statement"]
        if statement["Principal"] == {"Service": principal}
    ]


def test_the_handler_is_subscribed_and_the_topic_may_invoke_it(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    trigger = SnsTrigger(stack, "News", handler=handler)

    topic = stack.resolve(trigger.topic.topic_arn)
    function = stack.resolve(handler.function_arn)
    [subscription] = properties(stack, SUBSCRIPTION)
    assert subscription == {
        "Endpoint": function,
        "Protocol": "lambda",
        "TopicArn": topic,
        "RedrivePolicy": {
            "deadLetterTargetArn": stack.resolve(trigger.subscription.dead_letter_queue.queue_arn)  # type: ignore[union-attr]
        },
    }
    [permission] = properties(stack, "AWS::Lambda::Permission")
    assert permission == {
        "Action": "lambda:InvokeFunction",
        "FunctionName": function,
        "Principal": "sns.amazonaws.com",
        "SourceArn": topic,
    }


def test_it_is_subscribed_when_it_may_be_invoked_and_its_failures_are_held(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    SnsTrigger(stack, "News", handler=handler)

    template = assertions.Template.from_stack(stack)
    [permission] = template.find_resources("AWS::Lambda::Permission")
    [subscription] = template.find_resources(SUBSCRIPTION).values()
    [config] = template.find_resources("AWS::Lambda::EventInvokeConfig")
    assert {permission, config} <= {*subscription["DependsOn"]}


def test_sns_may_send_to_the_dead_letter_queue_for_its_topic_alone(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    trigger = SnsTrigger(stack, "News", handler=handler)

    assert trigger.dead_letter_queue
    [statement] = statements(stack, "AWS::SQS::QueuePolicy", "sns.amazonaws.com")
    assert statement == {
        "Action": "sqs:SendMessage",
        "Condition": {"ArnEquals": {"aws:SourceArn": stack.resolve(trigger.topic.topic_arn)}},
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Resource": stack.resolve(trigger.dead_letter_queue.queue_arn),
    }


def test_the_dead_letter_queue_is_another_than_that_of_failures(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    trigger = SnsTrigger(stack, "News", handler=handler)

    assert trigger.dead_letter_queue is not trigger.on_failure
    queues = properties(stack, "AWS::SQS::Queue")
    assert queues == [{"MessageRetentionPeriod": 1_209_600, "SqsManagedSseEnabled": True}] * 2


def test_its_topic_is_encrypted_with_a_key_that_services_may_be_given(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    trigger = SnsTrigger(stack, "News", handler=handler)
    trigger.grant_publish(iam.ServicePrincipal("events.amazonaws.com"))

    template = assertions.Template.from_stack(stack)
    [key] = template.find_resources("AWS::KMS::Key")
    template.has_resource(
        "AWS::KMS::Key",
        {
            "DeletionPolicy": "Delete",
            "Properties": {
                "EnableKeyRotation": True,
                "Description": "Encrypts messages of Shop/News",
            },
        },
    )
    template.has_resource_properties(
        "AWS::SNS::Topic", {"KmsMasterKeyId": {"Fn::GetAtt": [key, "Arn"]}}
    )
    [used] = statements(stack, "AWS::KMS::Key", "events.amazonaws.com")
    assert used["Action"] == ["kms:Decrypt", "kms:GenerateDataKey*"]
    [published] = statements(stack, "AWS::SNS::TopicPolicy", "events.amazonaws.com")
    assert published["Action"] == "sns:Publish"


def test_its_topic_takes_no_message_without_tls(stack: cdk.Stack, handler: PythonFunction) -> None:
    SnsTrigger(stack, "News", handler=handler)

    assertions.Template.from_stack(stack).has_resource_properties(
        "AWS::SNS::TopicPolicy",
        {
            "PolicyDocument": {
                "Statement": MATCH.array_with(
                    [
                        MATCH.object_like(
                            {
                                "Action": "sns:Publish",
                                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                                "Effect": "Deny",
                            }
                        )
                    ]
                )
            }
        },
    )


def test_a_key_may_encrypt_several_topics(stack: cdk.Stack, handler: PythonFunction) -> None:
    key = kms.Key(stack, "Shared")
    for each in ("News", "Orders"):
        SnsTrigger(stack, each, handler=handler, master_key=key)

    assert len(properties(stack, "AWS::KMS::Key")) == 1


def test_a_topic_can_be_passed_in(stack: cdk.Stack, handler: PythonFunction) -> None:
    topic = sns.Topic.from_topic_arn(stack, "Topic", "arn:aws:sns:eu-west-1:111122223333:news")
    trigger = SnsTrigger(stack, "News", handler=handler, topic=topic)

    assert trigger.topic is topic
    assert [each["TopicArn"] for each in properties(stack, SUBSCRIPTION)] == [topic.topic_arn]
    assert not properties(stack, "AWS::SNS::Topic")


def test_a_fifo_topic_is_refused(stack: cdk.Stack, handler: PythonFunction) -> None:
    message = (
        "Shop/News: topic must be a standard topic, as SNS sends a FIFO topic's messages to queues "
        "alone, got a FIFO topic; subscribe a queue to it, and read that with SqsPoller"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        SnsTrigger(stack, "News", handler=handler, topic=sns.Topic(stack, "Topic", fifo=True))


def test_a_topic_in_another_region_is_refused(make_app: MakeApp, entry: Path) -> None:
    env = cdk.Environment(account="111122223333", region="eu-west-1")
    stack = cdk.Stack(make_app(), "Shop", env=env)
    topic = sns.Topic.from_topic_arn(stack, "Topic", "arn:aws:sns:eu-north-1:111122223333:news")
    message = (
        "Shop/News: handler must be in eu-north-1 as the topic is, got a function in eu-west-1; "
        "define both in stacks of one region"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        SnsTrigger(
            stack, "News", handler=PythonFunction(stack, "Handler", entry=entry), topic=topic
        )


def test_a_handler_is_subscribed_to_a_topic_once(
    stack: cdk.Stack, handler: PythonFunction, other: PythonFunction
) -> None:
    topic = sns.Topic(stack, "Topic")
    SnsTrigger(stack, "News", handler=handler, topic=topic)
    SnsTrigger(stack, "Copy", handler=other, topic=topic)
    message = (
        "Shop/Again: topic must be subscribed to once by one handler, as SNS keeps one "
        "subscription of it, got a second one beside Shop/News/Subscription; widen the filter of "
        "that one, or subscribe an alias"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        SnsTrigger(stack, "Again", handler=handler, topic=topic)


def test_a_topic_that_is_given_has_its_own_key(stack: cdk.Stack, handler: PythonFunction) -> None:
    message = (
        "Shop/News: master_key must be left out beside topic, which has its own encryption, got "
        "both; give the key to the topic"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        SnsTrigger(
            stack,
            "News",
            handler=handler,
            topic=sns.Topic(stack, "Topic"),
            master_key=kms.Key(stack, "Key"),
        )


def test_failures_go_not_to_the_topic_that_they_come_from(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    topic = sns.Topic(stack, "Topic")
    message = (
        "Shop/News: on_failure must be something else than the topic that invokes the handler, "
        "which would be invoked with its own failures for ever, got the topic Shop/Topic; omit it "
        "to get a queue"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        SnsTrigger(
            stack,
            "News",
            handler=handler,
            topic=topic,
            on_failure=destinations.SnsDestination(topic),
        )


def test_a_dead_letter_queue_can_be_passed_in(stack: cdk.Stack, handler: PythonFunction) -> None:
    queue = sqs.Queue(stack, "Undelivered", encryption_master_key=kms.Key(stack, "Key"))
    trigger = SnsTrigger(stack, "News", handler=handler, dead_letter_queue=queue)

    assert trigger.dead_letter_queue is queue
    assert statements(stack, "AWS::SQS::QueuePolicy", "sns.amazonaws.com")
    [used] = statements(stack, "AWS::KMS::Key", "sns.amazonaws.com")
    assert used["Action"] == ["kms:Decrypt", "kms:GenerateDataKey*"]


@pytest.mark.parametrize(
    ("queue", "got", "remedy"),
    [
        (lambda _: "queue", "str", "omit it to get one"),
        (lambda _: sqs.Queue, "the class Queue", "omit it to get one"),
        (
            lambda stack: sqs.Queue(stack, "Queue", fifo=True),
            "a FIFO queue",
            "omit it to get a standard one",
        ),
        (
            lambda stack: sqs.Queue(stack, "Queue", encryption=sqs.QueueEncryption.KMS_MANAGED),
            "one encrypted with AWS's own key for SQS, which SNS may not use",
            "encrypt it with SQS_MANAGED, or with a key of yours",
        ),
        (
            lambda stack: sqs.Queue.from_queue_arn(
                stack, "Queue", "arn:aws:sqs:eu-north-1:111122223333:queue"
            ),
            "one in eu-north-1",
            "take one in eu-west-1, where it is sent from",
        ),
        (
            lambda stack: sqs.Queue.from_queue_arn(
                stack, "Queue", "arn:aws:sqs:eu-west-1:444455556666:queue"
            ),
            "one in the account 444455556666",
            "take one in 111122223333, as SNS asks",
        ),
    ],
)
def test_a_dead_letter_queue_that_sns_cannot_write_to_is_refused(
    make_app: MakeApp,
    entry: Path,
    queue: Callable[[cdk.Stack], Any],
    got: str,
    remedy: str,
) -> None:
    env = cdk.Environment(account="111122223333", region="eu-west-1")
    stack = cdk.Stack(make_app(), "Shop", env=env)
    handler = PythonFunction(stack, "Handler", entry=entry)
    message = (
        "Shop/News: dead_letter_queue must be a standard queue that SNS can write to, "
        f"got {got}; {remedy}"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        SnsTrigger(stack, "News", handler=handler, dead_letter_queue=queue(stack))


def test_an_alias_can_be_subscribed(stack: cdk.Stack, handler: PythonFunction) -> None:
    live = lambda_.Alias(stack, "Live", alias_name="live", version=handler.current_version)
    SnsTrigger(stack, "News", handler=live)

    alias = {"Ref": MATCH.string_like_regexp("Live")}
    template = assertions.Template.from_stack(stack)
    template.has_resource_properties(SUBSCRIPTION, {"Endpoint": alias})
    template.has_resource_properties("AWS::Lambda::Permission", {"FunctionName": alias})


def test_the_alarms_tell_what_is_held_and_what_is_lost(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    trigger = SnsTrigger(stack, "News", handler=handler)
    alarms = trigger.add_alarms(actions.SnsAction(sns.Topic(stack, "Pager")))

    assert [each.node.id for each in alarms] == [
        "FailedEventsAlarm",
        "DestinationFailuresAlarm",
        "UndeliveredEventsAlarm",
        "LostEventsAlarm",
    ]
    found = properties(stack, "AWS::CloudWatch::Alarm")
    assert [(each["MetricName"], each["AlarmDescription"]) for each in found] == [
        (
            "ApproximateNumberOfMessagesVisible",
            "Shop/News has events that its handler failed on",
        ),
        (
            "DestinationDeliveryFailures",
            "Shop/News lost events, as Lambda could not send them to the failure destination",
        ),
        (
            "ApproximateNumberOfMessagesVisible",
            "Shop/News has events that never reached its handler",
        ),
        (
            "NumberOfNotificationsFailedToRedriveToDlq",
            "Shop/News lost events, as they could not be sent to its dead-letter queue",
        ),
    ]
    assert trigger.dead_letter_queue
    queues = [each["Dimensions"][0]["Value"] for each in found if each["Namespace"] == "AWS/SQS"]
    assert isinstance(trigger.on_failure, sqs.Queue)
    assert queues == [
        stack.resolve(trigger.on_failure.queue_name),
        stack.resolve(trigger.dead_letter_queue.queue_name),
    ]
    assert {(each["Threshold"], each["Period"]) for each in found} == {(1, 60)}


def test_alarms_are_added_once(stack: cdk.Stack, handler: PythonFunction) -> None:
    trigger = SnsTrigger(stack, "News", handler=handler)
    action = actions.SnsAction(sns.Topic(stack, "Pager"))
    trigger.add_alarms(action)
    message = (
        "Shop/News: add_alarms must be called once, got a second call; add further actions to the "
        "alarms that the first call returned"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        trigger.add_alarms(action)


def test_metrics_are_those_of_lambda_sns_and_the_queues(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    trigger = SnsTrigger(stack, "News", handler=handler)
    hour = cdk.Duration.hours(1)

    metrics: list[cloudwatch.Metric] = [
        trigger.metric_failed_events(period=hour),
        trigger.metric_undelivered_events(period=hour),
        trigger.metric_event_age(period=hour),
        trigger.metric_destination_failures(period=hour),
        trigger.metric_delivery_failures(period=hour),
    ]
    assert [(each.namespace, each.metric_name, each.statistic) for each in metrics] == [
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum"),
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum"),
        ("AWS/Lambda", "AsyncEventAge", "Maximum"),
        ("AWS/Lambda", "DestinationDeliveryFailures", "Sum"),
        ("AWS/SNS", "NumberOfNotificationsFailed", "Sum"),
    ]
    assert {each.period.to_seconds() for each in metrics} == {3600}


def test_the_widgets_show_what_is_held_and_how_the_handler_fares(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    trigger = SnsTrigger(stack, "News", handler=handler)
    dashboard = cloudwatch.Dashboard(stack, "Dashboard")
    dashboard.add_widgets(*trigger.dashboard_widgets())

    [found] = properties(stack, "AWS::CloudWatch::Dashboard")
    text = str(found["DashboardBody"])
    for each in (
        "Shop/News: events held and lost",
        "Shop/News: handler",
        "Undelivered",
        "DestinationDeliveryFailures",
        "NumberOfNotificationsFailedToRedriveToDlq",
        "AsyncEventAge",
    ):
        assert each in text


KEY = "arn:aws:kms:eu-west-1:111122223333:key/1"
UNDELIVERED = "arn:aws:sqs:eu-west-1:111122223333:undelivered"


@pytest.mark.parametrize(
    ("queue", "needs"),
    [
        (
            lambda stack: sqs.Queue.from_queue_arn(stack, "Queue", UNDELIVERED),
            "sqs:SendMessage in the policy of the queue, and if it is encrypted with a key, "
            "kms:Decrypt and kms:GenerateDataKey* in that of the key",
        ),
        (
            lambda stack: sqs.Queue.from_queue_attributes(
                stack, "Queue", queue_arn=UNDELIVERED, key_arn=KEY
            ),
            "sqs:SendMessage in the policy of the queue, and kms:Decrypt and kms:GenerateDataKey* "
            "in the policy of its key",
        ),
        (
            lambda stack: sqs.Queue(
                stack, "Queue", encryption_master_key=kms.Key.from_key_arn(stack, "Key", KEY)
            ),
            "kms:Decrypt and kms:GenerateDataKey* in the policy of its key",
        ),
    ],
)
def test_policies_that_cdk_cannot_add_to_are_warned_of(
    stack: cdk.Stack,
    handler: PythonFunction,
    queue: Callable[[cdk.Stack], sqs.IQueue],
    needs: str,
) -> None:
    SnsTrigger(stack, "News", handler=handler, dead_letter_queue=queue(stack))

    assertions.Annotations.from_stack(stack).has_warning(
        "/Shop/News",
        "Shop/News: dead_letter_queue, Shop/Queue, is imported or under an imported key, whose "
        "policy CDK can't add to, so what can't be delivered is lost unless sns.amazonaws.com is "
        f"allowed {needs} [ack: serverless-patterns:dead-letter-queue-policy]",
    )


def test_a_queue_of_the_app_is_not_warned_of(stack: cdk.Stack, handler: PythonFunction) -> None:
    queue = sqs.Queue(stack, "Undelivered", encryption_master_key=kms.Key(stack, "Key"))
    SnsTrigger(stack, "News", handler=handler, dead_letter_queue=queue)

    assert not assertions.Annotations.from_stack(stack).find_warning("*", MATCH.any_value())


@pytest.mark.parametrize("is_given", [False, True])
def test_a_dead_letter_queue_stands_in_the_stack_of_the_topic_that_it_names(
    make_app: MakeApp, entry: Path, *, is_given: bool
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    queue = sqs.Queue(cdk.Stack(app, "Store"), "Queue")
    message = (
        "Shop/News: dead_letter_queue must stand in the stack of what sends to it, Shop, as each "
        "names the other, got one in Store; define it there, or import it with "
        "sqs.Queue.from_queue_arn and let its own policy name the sender"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        SnsTrigger(
            stack,
            "News",
            handler=PythonFunction(stack, "Handler", entry=entry),
            topic=sns.Topic(stack, "Topic") if is_given else None,
            dead_letter_queue=queue,
        )


def test_topic_and_dead_letter_queue_may_stand_in_another_stack_together(
    make_app: MakeApp, entry: Path
) -> None:
    app = make_app()
    stack, store = cdk.Stack(app, "Shop"), cdk.Stack(app, "Store")
    SnsTrigger(
        stack,
        "News",
        handler=PythonFunction(stack, "Handler", entry=entry),
        topic=sns.Topic(store, "Topic"),
        dead_letter_queue=sqs.Queue(store, "Queue"),
    )

    app.synth()
    assert len(properties(stack, SUBSCRIPTION)) == 1


@pytest.mark.parametrize(
    ("options", "rest"),
    [
        (
            {"retention_period": cdk.Duration.minutes(1)},
            "keep what failed for at least 86400 s, lest it be gone before anybody looks, got a "
            "queue with a retention_period of 60 s; omit retention_period to get 345600 s, or take "
            "up to 1209600 s",
        ),
        (
            {"max_message_size_bytes": 1024},
            "take messages of 1048576 bytes, as large as an event can be, got a queue with a "
            "max_message_size_bytes of 1024; omit max_message_size_bytes",
        ),
    ],
)
def test_a_dead_letter_queue_that_drops_what_failed_is_refused(
    stack: cdk.Stack, handler: PythonFunction, options: dict[str, Any], rest: str
) -> None:
    queue = sqs.Queue(stack, "Queue", **options)
    with pytest.raises(PatternError, match=exactly(f"Shop/News: dead_letter_queue must {rest}")):
        SnsTrigger(stack, "News", handler=handler, dead_letter_queue=queue)
