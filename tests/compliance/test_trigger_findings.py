"""cdk-nag over triggers: nothing unacknowledged, and every reason where it is due."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from serverless_patterns import (
    EventBridgeTrigger,
    ProxyApi,
    PythonFunction,
    S3Trigger,
    SnsTrigger,
)
from serverless_patterns.testing import Finding
from tests.compliance.test_findings import acknowledged, findings, of_function

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from serverless_patterns._triggers.asynchronous_trigger import AsynchronousTrigger

    MakeApp = Callable[..., cdk.App]

ORDERS = events.EventPattern(source=["shop.orders"])
HELD = (
    "Its EventInvokeConfig sends events that it failed on to a destination, with the error, which "
    "a dead-letter queue of the function would not hold."
)
PROVIDER = (
    "CDK's own function, which sets the notifications of buckets at deployment, writes its log by "
    "AWS's policy for that."
)
LOGS = (
    "Logs of who uses the bucket go to a bucket that the account chooses: "
    "server_access_logs_bucket, or a trail of CloudTrail's."
)
LAMBDA_DLQ = Finding("Serverless-LambdaDLQ", "Shop/Worker/Resource")
WRITES_LOGS = (
    "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/"
    "AWSLambdaBasicExecutionRole]"
)


def of_queue(path: str, holds: str) -> list[Finding]:
    reason = f"It is the dead-letter queue itself: it holds {holds}."
    return [
        acknowledged(rule, f"{path}/Resource", reason)
        for rule in ("AwsSolutions-SQS3", "Serverless-SQSRedrivePolicy")
    ]


def of_handler() -> list[Finding]:
    return [
        *of_function("Shop/Worker"),
        *of_queue("Shop/WorkerAsynchronous/FailedEvents", "events that a function failed on"),
        acknowledged(LAMBDA_DLQ.rule, LAMBDA_DLQ.path, HELD),
    ]


def of_notifications() -> Finding:
    provider = "Shop/BucketNotificationsHandler050a0587b7544547bf325f094a3db834"
    return acknowledged(WRITES_LOGS, f"{provider}/Role/Resource", PROVIDER)


def fan(stack: cdk.Stack) -> sns.Topic:
    key = kms.Key(stack, "Key", enable_key_rotation=True)
    return sns.Topic(stack, "Topic", master_key=key, enforce_ssl=True)


def trigger(
    stack: cdk.Stack, kind: str, handler: lambda_.IFunction, **options: Any
) -> AsynchronousTrigger:
    if kind == "s3":
        return S3Trigger(stack, "Trigger", handler=handler, **options)
    if kind == "fan-out":
        return S3Trigger(stack, "Trigger", handler=handler, topic=fan(stack), **options)
    if kind == "sns":
        return SnsTrigger(stack, "Trigger", handler=handler, **options)
    return EventBridgeTrigger(stack, "Trigger", handler=handler, event_pattern=ORDERS, **options)


BREAKS: dict[str, Callable[[], list[Finding]]] = {
    "s3": lambda: [
        of_notifications(),
        acknowledged("AwsSolutions-S1", "Shop/Trigger/Bucket/Resource", LOGS),
    ],
    "fan-out": lambda: [
        of_notifications(),
        acknowledged("AwsSolutions-S1", "Shop/Trigger/Bucket/Resource", LOGS),
        *of_queue(
            "Shop/Trigger/DeadLetterQueue",
            "messages that SNS could not deliver to the function",
        ),
    ],
    "sns": lambda: of_queue(
        "Shop/Trigger/DeadLetterQueue", "messages that SNS could not deliver to the function"
    ),
    "events": lambda: of_queue(
        "Shop/Trigger/DeadLetterQueue", "events that EventBridge could not deliver to the function"
    ),
}


@pytest.mark.parametrize("kind", BREAKS)
def test_what_a_trigger_breaks_is_acknowledged_where_it_breaks_it(
    make_app: MakeApp, entry: Path, kind: str
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    trigger(stack, kind, PythonFunction(stack, "Worker", entry=entry))

    assert findings(app) == sorted([*of_handler(), *BREAKS[kind]()])


@pytest.mark.parametrize("kind", BREAKS)
def test_no_trigger_of_an_alias_breaks_a_rule_without_a_reason(
    make_app: MakeApp, entry: Path, kind: str
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    function = PythonFunction(stack, "Worker", entry=entry)
    live = lambda_.Alias(stack, "Live", alias_name="live", version=function.current_version)
    trigger(stack, kind, live)

    found = findings(app)
    assert not [finding for finding in found if finding.reason is None]
    assert {finding.path for finding in found} == {finding.acknowledged_at for finding in found}


def test_all_triggers_and_an_api_of_one_handler_break_no_rule_without_a_reason(
    make_app: MakeApp, entry: Path
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    worker = PythonFunction(stack, "Worker", entry=entry)
    ProxyApi(stack, "Api", handler=worker)
    images = S3Trigger(stack, "Images", handler=worker, prefix="images/")
    S3Trigger(stack, "Texts", handler=worker, bucket=images.bucket, prefix="texts/")
    SnsTrigger(stack, "News", handler=worker)
    EventBridgeTrigger(stack, "Orders", handler=worker, event_pattern=ORDERS)

    found = findings(app)
    assert not [finding for finding in found if finding.reason is None]
    assert {finding.path for finding in found} == {finding.acknowledged_at for finding in found}


def test_a_handler_with_a_failure_destination_of_its_own_owes_no_queue(
    make_app: MakeApp, entry: Path
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    queue = sqs.Queue(stack, "Queue")
    worker = PythonFunction(
        stack, "Worker", entry=entry, on_failure=destinations.SqsDestination(queue)
    )
    EventBridgeTrigger(stack, "Trigger", handler=worker, event_pattern=ORDERS)

    assert acknowledged(LAMBDA_DLQ.rule, LAMBDA_DLQ.path, HELD) in findings(app)


def test_who_invokes_it_by_another_name_leaves_it_owing_a_queue(
    make_app: MakeApp, entry: Path
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    worker = PythonFunction(stack, "Worker", entry=entry)
    EventBridgeTrigger(stack, "Trigger", handler=worker, event_pattern=ORDERS)
    live = lambda_.Alias(stack, "Live", alias_name="live", version=worker.current_version)
    rule = events.Rule(stack, "Nightly", schedule=events.Schedule.rate(cdk.Duration.days(1)))
    rule.add_target(targets.LambdaFunction(live))

    assert LAMBDA_DLQ in findings(app)


def test_who_waits_for_an_answer_by_another_name_changes_nothing(
    make_app: MakeApp, entry: Path
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    worker = PythonFunction(stack, "Worker", entry=entry)
    EventBridgeTrigger(stack, "Trigger", handler=worker, event_pattern=ORDERS)
    live = lambda_.Alias(stack, "Live", alias_name="live", version=worker.current_version)
    ProxyApi(stack, "Api", handler=live)

    assert acknowledged(LAMBDA_DLQ.rule, LAMBDA_DLQ.path, HELD) in findings(app)


def test_a_bucket_that_is_logged_needs_no_reason(make_app: MakeApp, entry: Path) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    worker = PythonFunction(stack, "Worker", entry=entry)
    logs = s3.Bucket.from_bucket_name(stack, "Logs", "shop-logs")
    trigger = S3Trigger(stack, "Trigger", handler=worker, server_access_logs_bucket=logs)

    resource = trigger.bucket.node.default_child
    assert resource
    assert "AwsSolutions-S1" not in str([each.data for each in resource.node.metadata])
    assert "AwsSolutions-S1" not in {finding.rule for finding in findings(app)}


def test_what_is_invoked_by_no_trigger_of_ours_owes_a_queue(make_app: MakeApp, entry: Path) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    worker = PythonFunction(stack, "Worker", entry=entry)
    other = PythonFunction(stack, "Other", entry=entry)
    EventBridgeTrigger(stack, "Trigger", handler=worker, event_pattern=ORDERS)
    rule = events.Rule(stack, "Nightly", schedule=events.Schedule.rate(cdk.Duration.days(1)))
    rule.add_target(targets.LambdaFunction(other))

    owing = [finding for finding in findings(app) if finding.rule == LAMBDA_DLQ.rule]
    assert owing == [
        Finding(LAMBDA_DLQ.rule, "Shop/Other/Resource"),
        acknowledged(LAMBDA_DLQ.rule, LAMBDA_DLQ.path, HELD),
    ]


def test_a_wildcard_that_a_user_grants_stays_the_users_to_acknowledge(
    make_app: MakeApp, entry: Path
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    worker = PythonFunction(stack, "Worker", entry=entry)
    S3Trigger(stack, "Uploads", handler=worker).grant_read(worker)

    broken = {finding.path for finding in findings(app) if finding.reason is None}
    assert broken == {"Shop/WorkerRole/DefaultPolicy/Resource"}


def test_what_a_bucket_of_the_users_breaks_stays_the_users(make_app: MakeApp, entry: Path) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    worker = PythonFunction(stack, "Worker", entry=entry)
    S3Trigger(stack, "Uploads", handler=worker, bucket=s3.Bucket(stack, "Bucket"))

    open_findings = [finding for finding in findings(app) if finding.reason is None]
    assert {finding.path for finding in open_findings} == {"Shop/Bucket/Resource"}


def test_a_bucket_of_failures_lets_the_handler_write_and_no_more(
    make_app: MakeApp, entry: Path
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    worker = PythonFunction(stack, "Worker", entry=entry)
    bucket = s3.Bucket(stack, "Failures")
    EventBridgeTrigger(stack, "Trigger", handler=worker, event_pattern=ORDERS, on_failure=bucket)

    logical_id = stack.get_logical_id(bucket.node.default_child)  # type: ignore[arg-type]
    found = findings(app)
    assert {each.path for each in found if each.reason is None} == {"Shop/Failures/Resource"}
    assert (
        acknowledged(
            f"AwsSolutions-IAM5[Resource::<{logical_id}.Arn>/aws/lambda/*]",
            "Shop/WorkerAsynchronous/FailureAccess/Resource",
            "Lambda writes each failure as the handler's role, under a name that it makes.",
        )
        in found
    )
