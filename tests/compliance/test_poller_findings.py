"""cdk-nag over the queue poller: nothing unacknowledged, and every reason where it is due."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_notifications as notifications
from aws_cdk import aws_sqs as sqs

from serverless_patterns import PythonFunction, SqsPoller
from serverless_patterns.testing import Finding
from tests.compliance.test_findings import acknowledged, findings, of_function

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]

POLLED = (
    "Lambda polls a queue for the function: a message that always fails goes to the dead-letter "
    "queue of that queue."
)
LETTERS = "It is the dead-letter queue itself: it holds messages that always fail."


def test_a_poller_breaks_no_rule_without_a_reason(make_app: MakeApp, entry: Path) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    SqsPoller(stack, "Intake", handler=PythonFunction(stack, "Worker", entry=entry))

    assert findings(app) == sorted(
        [
            *of_function("Shop/Worker"),
            acknowledged(
                "Serverless-SQSRedrivePolicy", "Shop/Intake/DeadLetterQueue/Resource", LETTERS
            ),
            acknowledged(
                "Serverless-LambdaEventSourceMappingDestination",
                "Shop/Intake/Mapping/Resource",
                POLLED,
            ),
            acknowledged("Serverless-LambdaDLQ", "Shop/Worker/Resource", POLLED),
        ]
    )


@pytest.mark.parametrize(
    "options",
    [
        {"fifo": True, "content_based_deduplication": True},
        {"queue_name": "orders"},
        {"alias": True},
        {"filters": [lambda_.FilterCriteria.filter({"body": {"a": ["b"]}})]},
        {"provisioned_poller_config": lambda_.ProvisionedPollerConfig(maximum_pollers=5)},
    ],
    ids=str,
)
def test_no_poller_breaks_a_rule_without_a_reason(
    make_app: MakeApp, entry: Path, options: dict[str, Any]
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    function = PythonFunction(stack, "Worker", entry=entry)
    handler: lambda_.IFunction = function
    if "alias" in options:
        options = {}
        handler = lambda_.Alias(stack, "Live", alias_name="live", version=function.current_version)
    poller = SqsPoller(stack, "Intake", handler=handler, **options)
    poller.grant_send(function)
    poller.grant_redrive(iam.Role(stack, "Operator", assumed_by=iam.AccountRootPrincipal()))

    found = findings(app)

    assert not [finding for finding in found if finding.reason is None]
    assert {finding.path for finding in found} == {finding.acknowledged_at for finding in found}, (
        "an acknowledgment stands above the resource that it excuses"
    )


def test_a_handler_that_an_event_invokes_as_well_owes_a_failure_path(
    make_app: MakeApp, entry: Path
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    function = PythonFunction(stack, "Worker", entry=entry)
    SqsPoller(stack, "Intake", handler=function)
    s3.Bucket(stack, "Bucket").add_event_notification(
        s3.EventType.OBJECT_CREATED, notifications.LambdaDestination(function)
    )

    open_findings = [finding for finding in findings(app) if finding.reason is None]
    assert Finding("Serverless-LambdaDLQ", "Shop/Worker/Resource") in open_findings


def test_what_a_queue_that_is_passed_in_lacks_stays_the_users(
    make_app: MakeApp, entry: Path
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    letters = sqs.Queue(stack, "Letters", retention_period=cdk.Duration.days(14), enforce_ssl=True)
    queue = sqs.Queue(
        stack,
        "Orders",
        visibility_timeout=cdk.Duration.minutes(3),
        dead_letter_queue=sqs.DeadLetterQueue(queue=letters, max_receive_count=5),
    )
    SqsPoller(stack, "Intake", handler=PythonFunction(stack, "Worker", entry=entry), queue=queue)

    open_findings = {finding.rule: finding for finding in findings(app) if finding.reason is None}
    assert open_findings["AwsSolutions-SQS4"] == Finding(
        "AwsSolutions-SQS4", "Shop/Orders/Resource"
    )
    assert "Serverless-LambdaEventSourceMappingDestination" not in open_findings


def test_a_wildcard_that_a_user_grants_the_handler_stays_the_users(
    make_app: MakeApp, entry: Path
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    function = PythonFunction(stack, "Worker", entry=entry)
    poller = SqsPoller(stack, "Intake", handler=function)
    poller.queue.grant(function, "sqs:*")

    broken = {(finding.rule, finding.path) for finding in findings(app) if finding.reason is None}
    assert broken == {
        ("AwsSolutions-IAM5[Action::sqs:*]", "Shop/WorkerRole/DefaultPolicy/Resource"),
    }
