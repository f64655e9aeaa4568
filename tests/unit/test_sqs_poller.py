from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from serverless_patterns import PatternError, PythonFunction, SqsPoller
from tests.messages import exactly
from tests.queues import function, queue, queues, warnings

MATCH = assertions.Match
MAPPING = "AWS::Lambda::EventSourceMapping"


def mapping(stack: cdk.Stack) -> dict[str, Any]:
    """The properties of the only mapping."""
    [found] = assertions.Template.from_stack(stack).find_resources(MAPPING).values()
    return dict(found["Properties"])


def statements(stack: cdk.Stack) -> list[dict[str, Any]]:
    policies = assertions.Template.from_stack(stack).find_resources("AWS::IAM::Policy")
    return [
        statement
        for policy in policies.values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
    ]


def letters_id(stack: cdk.Stack) -> str:
    """The logical id of the only dead-letter queue."""
    found = assertions.Template.from_stack(stack).find_resources("AWS::SQS::Queue")
    [name] = [name for name, each in found.items() if "RedrivePolicy" not in each["Properties"]]
    return name


def test_its_own_queue_outlives_the_stack(stack: cdk.Stack, handler: PythonFunction) -> None:
    SqsPoller(stack, "Intake", handler=handler)

    found = assertions.Template.from_stack(stack).find_resources("AWS::SQS::Queue")
    [queue] = [each for key, each in found.items() if key.startswith("IntakeQueue")]
    assert (queue["DeletionPolicy"], queue["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_the_queue_hides_and_keeps_messages_for_long_enough(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    SqsPoller(stack, "Intake", handler=handler)

    found = queues(stack)
    assert found["Queue"]["VisibilityTimeout"] == 6 * 29
    assert found["Queue"]["MessageRetentionPeriod"] == 4 * 86_400
    assert found["DeadLetterQueue"]["MessageRetentionPeriod"] == 14 * 86_400


def test_the_batching_window_prolongs_the_visibility_timeout(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    SqsPoller(
        stack,
        "Intake",
        handler=handler,
        batch_size=100,
        max_batching_window=cdk.Duration.seconds(20),
    )

    assert queues(stack)["Queue"]["VisibilityTimeout"] == 6 * 29 + 20
    assert mapping(stack)["BatchSize"] == 100
    assert mapping(stack)["MaximumBatchingWindowInSeconds"] == 20


def test_a_function_without_a_timeout_has_lambdas_three_seconds(stack: cdk.Stack) -> None:
    SqsPoller(stack, "Intake", handler=function(stack))

    assert queues(stack)["Queue"]["VisibilityTimeout"] == 18


def test_what_always_fails_moves_to_the_dead_letter_queue(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    SqsPoller(stack, "Intake", handler=handler, max_receive_count=7)

    assert queues(stack)["Queue"]["RedrivePolicy"] == {
        "deadLetterTargetArn": {"Fn::GetAtt": [letters_id(stack), "Arn"]},
        "maxReceiveCount": 7,
    }


def test_both_queues_are_encrypted_and_for_tls_alone(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    SqsPoller(stack, "Intake", handler=handler)

    template = assertions.Template.from_stack(stack)
    template.all_resources_properties("AWS::SQS::Queue", {"SqsManagedSseEnabled": True})
    template.resource_count_is("AWS::SQS::QueuePolicy", 2)
    template.all_resources_properties(
        "AWS::SQS::QueuePolicy",
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


def test_of_a_batch_only_what_failed_comes_back(stack: cdk.Stack, handler: PythonFunction) -> None:
    SqsPoller(stack, "Intake", handler=handler)

    assert mapping(stack)["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_an_unmodified_handler_need_not_report_failures(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    SqsPoller(stack, "Intake", handler=handler, report_batch_item_failures=False, batch_size=1)

    assert "FunctionResponseTypes" not in mapping(stack)
    assert mapping(stack)["BatchSize"] == 1


def test_the_handler_may_consume_before_lambda_polls(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    SqsPoller(stack, "Intake", handler=handler)

    template = assertions.Template.from_stack(stack)
    [policy] = template.find_resources("AWS::IAM::Policy")
    [found] = template.find_resources(MAPPING).values()
    assert found["DependsOn"] == [policy]
    [statement] = statements(stack)
    assert {*statement["Action"]} == {
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
        "sqs:ReceiveMessage",
    }


def test_an_alias_can_be_the_handler(stack: cdk.Stack, handler: PythonFunction) -> None:
    alias = lambda_.Alias(stack, "Live", alias_name="live", version=handler.current_version)
    SqsPoller(stack, "Intake", handler=alias)

    assert "Live" in str(mapping(stack)["FunctionName"])
    assert queues(stack)["Queue"]["VisibilityTimeout"] == 6 * 29


def test_a_fifo_queue_has_a_fifo_dead_letter_queue(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    SqsPoller(
        stack,
        "Intake",
        handler=handler,
        fifo=True,
        content_based_deduplication=True,
        deduplication_scope=sqs.DeduplicationScope.MESSAGE_GROUP,
        fifo_throughput_limit=sqs.FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
    )

    found = queues(stack)
    assert found["Queue"]["FifoQueue"] is True
    assert found["Queue"]["ContentBasedDeduplication"] is True
    assert found["Queue"]["DeduplicationScope"] == "messageGroup"
    assert found["Queue"]["FifoThroughputLimit"] == "perMessageGroupId"
    assert found["DeadLetterQueue"]["FifoQueue"] is True


def test_a_fifo_queue_may_keep_messages_as_long_as_its_dead_letter_queue(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    SqsPoller(stack, "Intake", handler=handler, fifo=True, retention_period=cdk.Duration.days(14))

    assert queues(stack)["Queue"]["MessageRetentionPeriod"] == 14 * 86_400


def test_the_dead_letter_queue_of_a_named_queue_serves_that_alone(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    SqsPoller(stack, "Intake", handler=handler, queue_name="orders")

    found = queues(stack)
    assert found["Queue"]["QueueName"] == "orders"
    allowed = found["DeadLetterQueue"]["RedriveAllowPolicy"]
    assert allowed["redrivePermission"] == "byQueue"
    assert str(allowed["sourceQueueArns"]).endswith(":orders']]}]")


def test_dead_letters_can_go_to_a_queue_that_exists(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    letters = sqs.Queue(stack, "Letters", retention_period=cdk.Duration.days(7))
    poller = SqsPoller(stack, "Intake", handler=handler, dead_letter_queue=letters)

    assert poller.dead_letter_queue is letters
    assert {*queues(stack)} == {"Queue", "Letters"}


def test_a_queue_that_exists_is_polled_as_it_is(stack: cdk.Stack, handler: PythonFunction) -> None:
    existing = queue(stack)
    poller = SqsPoller(stack, "Intake", handler=handler, queue=existing)

    assert poller.queue is existing
    assert existing.dead_letter_queue
    assert poller.dead_letter_queue is existing.dead_letter_queue.queue
    assert {*queues(stack)} == {"Existing", "Letters"}
    assert not warnings(stack)


def test_a_fifo_queue_that_exists_is_known_as_one(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    message = (
        "Shop/Intake: batch_size must be a whole number from 1 to 10, got 11; omit it to get 10"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        SqsPoller(stack, "Intake", handler=handler, queue=queue(stack, fifo=True), batch_size=11)


def test_an_imported_queue_is_taken_on_trust(stack: cdk.Stack, handler: PythonFunction) -> None:
    arn = "arn:aws:sqs:eu-west-1:123456789012:orders"
    poller = SqsPoller(
        stack, "Intake", handler=handler, queue=sqs.Queue.from_queue_arn(stack, "Orders", arn)
    )

    assert mapping(stack)["EventSourceArn"] == arn
    assert poller.dead_letter_queue is None


def test_a_key_of_the_users_is_granted_to_the_handler(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    key = kms.Key(stack, "Key")
    SqsPoller(stack, "Intake", handler=handler, queue=queue(stack, encryption_master_key=key))

    assert "kms:Decrypt" in [statement["Action"] for statement in statements(stack)]


def test_an_imported_handler_without_its_role_is_told(stack: cdk.Stack) -> None:
    imported = lambda_.Function.from_function_arn(
        stack, "Worker", "arn:aws:lambda:eu-west-1:123456789012:function:worker"
    )
    SqsPoller(stack, "Intake", handler=imported, visibility_timeout=cdk.Duration.minutes(1))

    assert warnings(stack) == [
        "Shop/Intake: the handler is imported without its role, so that nothing lets it consume "
        "from Shop/Intake/Queue: import it with its role, or grant that there "
        "[ack: serverless-patterns:sqs-handler-role]"
    ]


def test_what_is_reserved_for_the_handler_is_not_polled_beyond(
    stack: cdk.Stack, reserved: Any
) -> None:
    SqsPoller(stack, "Intake", handler=reserved(7))

    assert mapping(stack)["ScalingConfig"] == {"MaximumConcurrency": 7}


def test_no_more_is_polled_at_once_than_lambda_can(stack: cdk.Stack, reserved: Any) -> None:
    SqsPoller(stack, "Intake", handler=reserved(5_000))

    assert mapping(stack)["ScalingConfig"] == {"MaximumConcurrency": 1_000}


def test_concurrency_can_be_lower_than_what_is_reserved(stack: cdk.Stack, reserved: Any) -> None:
    SqsPoller(stack, "Intake", handler=reserved(7), max_concurrency=3)

    assert mapping(stack)["ScalingConfig"] == {"MaximumConcurrency": 3}


def test_without_a_reservation_nothing_limits_concurrency(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    SqsPoller(stack, "Intake", handler=handler)

    assert "ScalingConfig" not in mapping(stack)


def test_pollers_can_be_provisioned_as_many_as_lambda_has(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    config = lambda_.ProvisionedPollerConfig(minimum_pollers=5, maximum_pollers=10_000)
    SqsPoller(stack, "Intake", handler=handler, provisioned_poller_config=config)

    assert mapping(stack)["ProvisionedPollerConfig"] == {
        "MinimumPollers": 5,
        "MaximumPollers": 10_000,
    }


def test_messages_can_be_filtered(stack: cdk.Stack, handler: PythonFunction) -> None:
    rule = {"body": {"kind": lambda_.FilterRule.is_equal("order")}}
    SqsPoller(stack, "Intake", handler=handler, filters=[lambda_.FilterCriteria.filter(rule)])

    assert mapping(stack)["FilterCriteria"] == {
        "Filters": [{"Pattern": '{"body":{"kind":["order"]}}'}]
    }
    assert not warnings(stack)


def test_a_poller_can_be_paused(stack: cdk.Stack, reserved: Any) -> None:
    SqsPoller(stack, "Intake", handler=reserved(0), enabled=False)

    assert mapping(stack)["Enabled"] is False


def test_who_may_send_may_send_and_no_more(stack: cdk.Stack, handler: PythonFunction) -> None:
    poller = SqsPoller(stack, "Intake", handler=handler)
    role = iam.Role(stack, "Shop", assumed_by=iam.AccountRootPrincipal())
    poller.grant_send(role)

    granted = {str(statement["Action"]) for statement in statements(stack)}
    assert "['sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:SendMessage']" in granted


def test_who_may_redrive_may_start_watch_and_cancel_a_task(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    poller = SqsPoller(stack, "Intake", handler=handler)
    role = iam.Role(stack, "Operator", assumed_by=iam.AccountRootPrincipal())
    grant = poller.grant_redrive(role)

    letters = {"Fn::GetAtt": [letters_id(stack), "Arn"]}
    policies = assertions.Template.from_stack(stack).find_resources(
        "AWS::IAM::Policy", {"Properties": {"Roles": [{"Ref": MATCH.string_like_regexp("Oper")}]}}
    )
    [policy] = policies.values()
    granted: dict[bool, set[str]] = {True: set(), False: set()}
    for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
        granted[statement["Resource"] == letters] |= {*statement["Action"]}
    assert granted[True] == {
        "sqs:CancelMessageMoveTask",
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
        "sqs:ListDeadLetterSourceQueues",
        "sqs:ListMessageMoveTasks",
        "sqs:ReceiveMessage",
        "sqs:StartMessageMoveTask",
    }
    assert granted[False] == {"sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"}
    assert grant.success


def test_the_alarms_watch_dead_letters_and_age(stack: cdk.Stack, handler: PythonFunction) -> None:
    poller = SqsPoller(stack, "Intake", handler=handler)
    topic = sns.Topic(stack, "Topic")
    alarms = poller.add_alarms(actions.SnsAction(topic))

    template = assertions.Template.from_stack(stack)
    template.all_resources_properties(
        "AWS::CloudWatch::Alarm",
        {
            "AlarmActions": [{"Ref": MATCH.string_like_regexp("Topic")}],
            "Statistic": "Maximum",
            "TreatMissingData": "notBreaching",
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        },
    )
    template.has_resource_properties(
        "AWS::CloudWatch::Alarm",
        {
            "MetricName": "ApproximateNumberOfMessagesVisible",
            "Dimensions": [
                {
                    "Name": "QueueName",
                    "Value": {"Fn::GetAtt": [letters_id(stack), "QueueName"]},
                }
            ],
            "Threshold": 1,
            "AlarmDescription": "Shop/Intake gave messages up: they wait in the dead-letter queue "
            "for `serverless-patterns redrive`",
        },
    )
    template.has_resource_properties(
        "AWS::CloudWatch::Alarm",
        {"MetricName": "ApproximateAgeOfOldestMessage", "Threshold": 5 * 6 * 29},
    )
    assert [alarm.node.id for alarm in alarms] == ["DeadLetterAlarm", "AgeAlarm"]


def test_the_age_that_alarms_can_be_chosen(stack: cdk.Stack, handler: PythonFunction) -> None:
    poller = SqsPoller(stack, "Intake", handler=handler)
    poller.add_alarms(actions.SnsAction(sns.Topic(stack, "Topic")), age=cdk.Duration.minutes(2))

    assertions.Template.from_stack(stack).has_resource_properties(
        "AWS::CloudWatch::Alarm", {"Threshold": 120}
    )


def test_alarms_are_added_once_and_at_an_age_that_is_one(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    poller = SqsPoller(stack, "Intake", handler=handler)
    action = actions.SnsAction(sns.Topic(stack, "Topic"))
    age: Any = 60
    message = "Shop/Intake: age must be a Duration, got 60; for example cdk.Duration.minutes(30)"
    with pytest.raises(PatternError, match=exactly(message)):
        poller.add_alarms(action, age=age)

    poller.add_alarms(action)
    message = (
        "Shop/Intake: add_alarms must be called once, got a second call; add further actions to "
        "the alarms that the first call returned"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        poller.add_alarms(action)


def test_an_imported_queue_is_watched_once_its_dead_letter_queue_is_known(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    arn = "arn:aws:sqs:eu-west-1:123456789012:"
    orders = sqs.Queue.from_queue_arn(stack, "Orders", f"{arn}orders")
    letters = sqs.Queue.from_queue_arn(stack, "Dead", f"{arn}dead")
    poller = SqsPoller(stack, "Intake", handler=handler, queue=orders, dead_letter_queue=letters)
    poller.add_alarms(actions.SnsAction(sns.Topic(stack, "Topic")))

    template = assertions.Template.from_stack(stack)
    template.has_resource_properties("AWS::CloudWatch::Alarm", {"Threshold": 3600})
    template.has_resource_properties(
        "AWS::CloudWatch::Alarm", {"Dimensions": [{"Name": "QueueName", "Value": "dead"}]}
    )


@pytest.mark.parametrize("who", ["add_alarms", "grant_redrive", "metric_dead_letters"])
def test_what_takes_a_dead_letter_queue_says_so(
    stack: cdk.Stack, handler: PythonFunction, who: str
) -> None:
    arn = "arn:aws:sqs:eu-west-1:123456789012:orders"
    poller = SqsPoller(
        stack, "Intake", handler=handler, queue=sqs.Queue.from_queue_arn(stack, "Orders", arn)
    )
    arguments: dict[str, list[Any]] = {
        "add_alarms": [actions.SnsAction(sns.Topic(stack, "Topic"))],
        "grant_redrive": [iam.AccountRootPrincipal()],
        "metric_dead_letters": [],
    }

    message = (
        f"Shop/Intake: dead_letter_queue must be known for {who}, got none, as queue is imported; "
        "give the imported queue's own dead-letter queue as dead_letter_queue"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        getattr(poller, who)(*arguments[who])


def test_metrics_are_those_of_the_queues(stack: cdk.Stack, handler: PythonFunction) -> None:
    poller = SqsPoller(stack, "Intake", handler=handler)
    minute = cdk.Duration.minutes(1)

    metrics: list[Any] = [
        poller.metric_age_of_oldest_message(period=minute),
        poller.metric_messages_visible(period=minute),
        poller.metric_messages_in_flight(period=minute),
        poller.metric_dead_letters(period=minute),
    ]
    assert [metric.metric_name for metric in metrics] == [
        "ApproximateAgeOfOldestMessage",
        "ApproximateNumberOfMessagesVisible",
        "ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesVisible",
    ]
    assert {metric.period.to_seconds() for metric in metrics} == {60}
    assert poller.dead_letter_queue
    names = [stack.resolve(metric.dimensions["QueueName"]) for metric in metrics]
    assert names[0] == names[1] == names[2] == stack.resolve(poller.queue.queue_name)
    assert names[3] == stack.resolve(poller.dead_letter_queue.queue_name)


def test_a_dashboard_shows_messages_age_and_the_handler(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    poller = SqsPoller(stack, "Intake", handler=handler)
    cloudwatch.Dashboard(stack, "Dashboard", widgets=[poller.dashboard_widgets()])

    [dashboard] = (
        assertions.Template.from_stack(stack).find_resources("AWS::CloudWatch::Dashboard").values()
    )
    body = str(dashboard["Properties"]["DashboardBody"])
    for shown in (
        "ApproximateNumberOfMessagesVisible",
        "ApproximateNumberOfMessagesNotVisible",
        "ApproximateAgeOfOldestMessage",
        "Errors",
        "Throttles",
        "Duration",
    ):
        assert f'"{shown}"' in body


def test_the_mapping_can_be_referred_to(stack: cdk.Stack, handler: PythonFunction) -> None:
    poller = SqsPoller(stack, "Intake", handler=handler)

    assert isinstance(poller.event_source_mapping, lambda_.EventSourceMapping)
    assert poller.handler is handler
    assert {child.node.id for child in poller.node.children} == {
        *("Queue", "DeadLetterQueue", "Mapping"),
    }


@pytest.fixture
def reserved(stack: cdk.Stack) -> Any:
    """Makes a handler for which executions are reserved."""

    def make(executions: int) -> lambda_.Function:
        return function(stack, reserved_concurrent_executions=executions)

    return make
