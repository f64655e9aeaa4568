"""Destinations and dead-letter queues that the template doesn't define."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from serverless_patterns.testing.delivery import DeliveryError, Faults, SnsMessage, deliver
from tests.messages import exactly
from tests.unit.delivery.push_handlers import fail, only, places, succeed
from tests.unit.delivery.push_templates import (
    arn,
    configured,
    failing_to,
    function,
    let_in,
    ref,
    resource,
    subscribed,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from serverless_patterns.testing.delivery import Delivery, Leg

ONE = [SnsMessage(message="order 1", topic="Topic")]
GONE = Faults(missing=frozenset({"Handler"}))
ELSEWHERE = "arn:aws:sqs:us-east-1:123456789012:elsewhere"
OF_CDK = {"Fn::Join": ["", ["arn:", ref("AWS::Partition"), ":s3:::kept"]]}
IN_IT_OF_CDK = {"Fn::Join": ["", ["arn:", ref("AWS::Partition"), ":s3:::kept/*"]]}
EXPORTED = {"Fn::ImportValue": "Other:ExportsOutputFnGetAttDead1A2B3C4DArn5E6F7A8B"}
PUBLISHED = {
    "Fn::GetStackOutput": {
        "StackName": "Other",
        "Region": ref("AWS::Region"),
        "OutputName": "PublishOutputFnGetAttDead1A2B3C4DArn5E6F7A8B",
    }
}
OTHER_EXPORT = {"Fn::ImportValue": "Other:ExportsOutputFnGetAttOther1A2B3C4DArn5E6F7A8B"}
QUEUE: Any = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "elsewhere"}}


def undelivered(imported: Any = None, queue: Any = ELSEWHERE) -> Delivery:
    """SNS can't reach Handler, and hands the message to a dead-letter queue."""
    model = subscribed(RedrivePolicy={"deadLetterTargetArn": queue})
    handlers = {"Handler": succeed}
    return deliver(model, ONE, handlers=handlers, faults=GONE, imported=imported)


def test_a_dead_letter_queue_that_a_service_may_not_be_let_in_by_is_refused() -> None:
    message = (
        f"Topic: dead-letter queue must be known to let sns.amazonaws.com in, got {ELSEWHERE} "
        "outside the template; pass the queue and its policy as imported"
    )
    with pytest.raises(DeliveryError, match=exactly(message)):
        undelivered()


def test_a_dead_letter_queue_that_the_caller_tells_needs_its_policy() -> None:
    told: dict[str, Any] = {"Dead": QUEUE}
    leg = only(undelivered(told))
    assert leg.lost_because == (
        "Handler was deleted; no policy of Dead lets sns.amazonaws.com send for Topic"
    )
    policy = let_in("sns.amazonaws.com", ref("Topic"), "Dead")
    assert places(only(undelivered(told | policy))) == [("Dead", 0, "Handler was deleted")]


@pytest.mark.parametrize("exported", [EXPORTED, PUBLISHED], ids=["strong", "weak"])
def test_a_dead_letter_queue_of_another_stack_is_told_by_its_id_there(exported: Any) -> None:
    told = {"Dead1A2B3C4D": QUEUE} | let_in("sns.amazonaws.com", ref("Topic"), "Dead1A2B3C4D")
    leg = only(undelivered(told, exported))
    assert places(leg) == [("Dead1A2B3C4D", 0, "Handler was deleted")]


def failed(destination: Any, *statements: Mapping[str, Any]) -> Leg:
    """Handler fails, to a destination that its role may write as these say."""
    policies = [{"PolicyDocument": {"Statement": list(statements)}}]
    model = subscribed(
        function(Role=arn("Role")),
        resource("Role", "AWS::IAM::Role", Policies=policies),
        configured(MaximumRetryAttempts=0, DestinationConfig=failing_to(destination)),
    )
    return only(deliver(model, ONE, handlers={"Handler": fail}))


def allow(action: str, on: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": on}


@pytest.mark.parametrize(
    ("destination", "statement"),
    [
        (ELSEWHERE, allow("sqs:SendMessage", ELSEWHERE)),
        (ELSEWHERE, allow("sqs:*", "arn:aws:sqs:*:*:else*")),
        (EXPORTED, allow("sqs:SendMessage", EXPORTED)),
        (PUBLISHED, allow("sqs:SendMessage", PUBLISHED)),
        (OF_CDK, allow("s3:PutObject", IN_IT_OF_CDK)),
        (EXPORTED, allow("s3:PutObject", {"Fn::Join": ["", [EXPORTED, "/*"]]})),
    ],
)
def test_what_a_role_may_write_outside_holds_the_event(
    destination: Any, statement: Mapping[str, Any]
) -> None:
    (held,) = failed(destination, statement).held
    assert held.at.endswith(" outside the template")


@pytest.mark.parametrize(
    ("destination", "statement", "shown"),
    [
        (ELSEWHERE, allow("sqs:ReceiveMessage", "*"), ELSEWHERE),
        (ELSEWHERE, allow("sns:Publish", "*"), ELSEWHERE),
        (ELSEWHERE, allow("sqs:SendMessage", f"{ELSEWHERE}-2"), ELSEWHERE),
        (
            EXPORTED,
            allow("sqs:SendMessage", OTHER_EXPORT),
            '{"Fn::ImportValue": "Other:ExportsOutputFnGetAttDead1A2B3C4DArn5E6F7A8B"}',
        ),
    ],
)
def test_what_no_policy_of_the_role_lets_it_write_outside_is_refused(
    destination: Any, statement: Mapping[str, Any], shown: str
) -> None:
    message = (
        f"Handler: destination must be one that its role may write, got {shown} outside the "
        "template; grant that, or pass the destination and its policy as imported"
    )
    with pytest.raises(DeliveryError, match=exactly(message)):
        failed(destination, statement)
