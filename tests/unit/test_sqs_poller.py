"""A queue that Lambda polls for a function: what the template holds."""

from __future__ import annotations

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs

from serverless_patterns import PatternError, PythonFunction, SqsPoller
from tests.messages import exactly
from tests.queues import MAPPING, function, letters_id, mapping, queue, queues, statements, warnings

MATCH = assertions.Match


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
