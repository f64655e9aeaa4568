"""Who is granted what a trigger has, where stacks would wait for each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns

from serverless_patterns import (
    EventBridgeTrigger,
    PatternError,
    PythonFunction,
    S3Trigger,
    SnsTrigger,
)
from tests.messages import exactly
from tests.unit.trigger_templates import ORDERS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]
    Grant = Callable[[Any, lambda_.IFunction], Any]

GRANTS: dict[str, tuple[str, Grant]] = {
    "read": ("bucket", lambda made, to: made.grant_read(to)),
    "put": ("bucket", lambda made, to: made.grant_put(to)),
    "publish": ("topic", lambda made, to: made.grant_publish(to)),
    "put events": ("bus", lambda made, to: made.grant_put_events(to)),
}


def of_kind(stack: cdk.Stack, kind: str, handler: lambda_.IFunction, of: cdk.Stack) -> Any:
    """A trigger whose bucket, topic or bus is of a stack: its own, unless it is the trigger's."""
    own = of is stack
    if kind == "bucket":
        return S3Trigger(
            stack, "Orders", handler=handler, bucket=None if own else s3.Bucket(of, "Bucket")
        )
    if kind == "topic":
        return SnsTrigger(
            stack, "Orders", handler=handler, topic=None if own else sns.Topic(of, "Topic")
        )
    bus = events.EventBus(of, "Bus")
    return EventBridgeTrigger(stack, "Orders", handler=handler, event_pattern=ORDERS, bus=bus)


@pytest.mark.parametrize("who", ["Handler", "Other"])
@pytest.mark.parametrize("grant", GRANTS)
def test_a_trigger_is_not_granted_to_the_stack_that_its_own_waits_for(
    make_app: MakeApp, entry: Path, grant: str, who: str
) -> None:
    app = make_app()
    shop, other = cdk.Stack(app, "Shop"), cdk.Stack(app, "Intake")
    functions = {name: PythonFunction(shop, name, entry=entry) for name in ("Handler", "Other")}
    kind, give = GRANTS[grant]
    made = of_kind(other, kind, functions["Handler"], other)
    message = (
        "Intake/Orders: grantee must stand in another stack than the handler, Shop, as that of the "
        f"trigger, Intake, waits for it, got Shop/{who}Role; define the trigger in Shop, or give "
        f"it a {kind} of that stack"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        give(made, functions[who])


@pytest.mark.parametrize("grant", GRANTS)
def test_what_stands_in_the_stack_of_the_handler_is_granted_as_the_message_says(
    make_app: MakeApp, entry: Path, grant: str
) -> None:
    app = make_app()
    shop, other = cdk.Stack(app, "Shop"), cdk.Stack(app, "Intake")
    handler = PythonFunction(shop, "Handler", entry=entry)
    kind, give = GRANTS[grant]
    give(of_kind(other, kind, handler, shop), handler)

    if grant == "put":  # which is told at synthesis, as the handler would invoke itself
        return
    assert assertions.Template.from_stack(other).find_resources("AWS::IAM::Policy") == {}
    app.synth()


def test_others_are_granted_what_a_trigger_of_another_stack_has(
    make_app: MakeApp, entry: Path
) -> None:
    app = make_app()
    shop, intake, desk = (cdk.Stack(app, name) for name in ("Shop", "Intake", "Desk"))
    made = S3Trigger(intake, "Uploads", handler=PythonFunction(shop, "Handler", entry=entry))
    made.grant_put(PythonFunction(desk, "Writer", entry=entry))
    made.grant_put(PythonFunction(intake, "Writer", entry=entry))
    made.grant_read(iam.ServicePrincipal("macie.amazonaws.com"))

    app.synth()
    policy = assertions.Template.from_stack(intake).find_resources("AWS::S3::BucketPolicy")
    assert "macie.amazonaws.com" in str(policy)


def test_the_default_bus_stands_in_no_stack(make_app: MakeApp, entry: Path) -> None:
    app = make_app()
    shop, intake = cdk.Stack(app, "Shop"), cdk.Stack(app, "Intake")
    handler = PythonFunction(shop, "Handler", entry=entry)
    made = EventBridgeTrigger(intake, "Orders", handler=handler, event_pattern=ORDERS)

    assert made.grant_put_events(handler).success
    app.synth()


@pytest.mark.parametrize(
    ("who", "told"), [(None, "NoneType"), ("handler", "str"), (iam.Role, "the class Role")]
)
@pytest.mark.parametrize("grant", GRANTS)
def test_who_cannot_be_granted_anything_is_refused(
    stack: cdk.Stack, handler: PythonFunction, grant: str, who: Any, told: str
) -> None:
    kind, give = GRANTS[grant]
    message = (
        f"Shop/Orders: grantee must be a function, a role or a principal, got {told}; for example "
        "the handler"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        give(of_kind(stack, kind, handler, stack), who)
