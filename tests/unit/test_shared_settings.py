"""What triggers of one handler share, and which of their settings contradict each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_sqs as sqs

from serverless_patterns import PatternError, PythonFunction, S3Trigger, SnsTrigger
from tests.messages import exactly
from tests.unit.trigger_templates import CONFIG, resources, trigger

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]


def test_triggers_of_one_handler_share_its_settings_and_its_queue(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    one = SnsTrigger(stack, "News", handler=handler)
    other = S3Trigger(stack, "Uploads", handler=handler)
    last = trigger(stack, handler)

    assert len(resources(stack, CONFIG)) == 1
    assert one.on_failure is other.on_failure is last.on_failure


def test_a_trigger_that_goes_replaces_nothing_of_those_that_stay(
    make_app: MakeApp, entry: Path
) -> None:
    found = []
    for ids in (["One", "Other"], ["Other", "One"], ["Other"]):
        stack = cdk.Stack(make_app(), "Shop")
        handler = PythonFunction(stack, "Handler", entry=entry)
        for each in ids:
            trigger(stack, handler, id=each)
        template = assertions.Template.from_stack(stack).to_json()["Resources"]
        found.append(
            {
                key: value
                for key, value in template.items()
                if "One" not in key and "HandlerRoleDefaultPolicy" not in key
            }
        )
    assert found[0] == found[1] == found[2]


def test_an_alias_has_settings_of_its_own(stack: cdk.Stack, handler: PythonFunction) -> None:
    live = lambda_.Alias(stack, "Live", alias_name="live", version=handler.current_version)
    trigger(stack, handler)
    trigger(stack, live, id="Live2", retry_attempts=0)

    found = [each["Properties"] for each in resources(stack, CONFIG).values()]
    assert {(each["MaximumRetryAttempts"], _text(each["Qualifier"])) for each in found} == {
        (2, "$LATEST"),
        (0, "live"),
    }


def _text(qualifier: Any) -> str:
    """An alias is named by a part of its ARN."""
    return qualifier if isinstance(qualifier, str) else "live"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"retry_attempts": 1},
            "Shop/Other: retry_attempts must be 2 as Shop/Orders has it, since one handler has one "
            "setting, got 1; ask for the same, or invoke an alias, which has settings of its own",
        ),
        (
            {"max_event_age": cdk.Duration.hours(1)},
            "Shop/Other: max_event_age must be 21600 s as Shop/Orders has it, since one handler "
            "has one setting, got 3600 s; ask for the same, or invoke an alias, which has settings "
            "of its own",
        ),
    ],
    ids=str,
)
def test_triggers_of_one_handler_that_ask_for_different_settings_are_named(
    stack: cdk.Stack, handler: PythonFunction, options: dict[str, Any], message: str
) -> None:
    trigger(stack, handler)

    with pytest.raises(PatternError, match=exactly(message)):
        trigger(stack, handler, id="Other", **options)


def test_an_age_in_other_words_is_the_same(stack: cdk.Stack, handler: PythonFunction) -> None:
    trigger(stack, handler)
    trigger(stack, handler, id="Other", max_event_age=cdk.Duration.minutes(360))

    assert len(resources(stack, CONFIG)) == 1


def test_one_destination_may_be_named_twice_and_two_may_not(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    queue = sqs.Queue(stack, "Failures")
    trigger(stack, handler, on_failure=destinations.SqsDestination(queue))
    trigger(stack, handler, id="Other", on_failure=destinations.SqsDestination(queue))

    second = destinations.SqsDestination(sqs.Queue(stack, "Elsewhere"))
    message = (
        "Shop/Third: on_failure must be SqsDestination as Shop/Orders has it, since one handler "
        "has one setting, got another SqsDestination; ask for the same, or invoke an alias, which "
        "has settings of its own"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        trigger(stack, handler, id="Third", on_failure=second)
    message = (
        "Shop/Fourth: on_failure must be SqsDestination as Shop/Orders has it, since one handler "
        "has one setting, got a queue of its own; ask for the same, or invoke an alias, which has "
        "settings of its own"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        trigger(stack, handler, id="Fourth")


def number(stack: cdk.Stack, name: str) -> Any:
    return cdk.CfnParameter(stack, name, type="Number").value_as_number


@pytest.mark.parametrize("other", ["token", "value", "default"])
@pytest.mark.parametrize("name", ["retry_attempts", "max_event_age"])
def test_settings_that_only_a_deployment_tells_are_not_compared(
    stack: cdk.Stack, handler: PythonFunction, name: str, other: str
) -> None:
    made: dict[str, Callable[[Any], Any]] = {
        "retry_attempts": lambda value: value,
        "max_event_age": cdk.Duration.seconds,
    }
    known = {"retry_attempts": 1, "max_event_age": 3_600}
    second = {
        "token": {name: made[name](number(stack, "Second"))},
        "value": {name: made[name](known[name])},
        "default": {},
    }[other]
    trigger(stack, handler, **{name: made[name](number(stack, "First"))})
    trigger(stack, handler, id="Other", **second)

    [config] = resources(stack, CONFIG).values()
    assert {"Ref": "First"} in config["Properties"].values()


@pytest.mark.parametrize("options", ["retry_attempts", "max_event_age", "both"])
def test_an_age_and_retries_are_not_compared_with_a_token(
    stack: cdk.Stack, handler: PythonFunction, options: str
) -> None:
    asked = {
        "retry_attempts": {
            "retry_attempts": number(stack, "Retries"),
            "max_event_age": cdk.Duration.seconds(60),
        },
        "max_event_age": {
            "retry_attempts": 2,
            "max_event_age": cdk.Duration.seconds(number(stack, "Age")),
        },
        "both": {
            "retry_attempts": number(stack, "RetriesOf"),
            "max_event_age": cdk.Duration.seconds(number(stack, "AgeOf")),
        },
    }[options]
    trigger(stack, handler, **asked)

    assert len(resources(stack, CONFIG)) == 1


def test_delivery_settings_may_be_tokens(stack: cdk.Stack, handler: PythonFunction) -> None:
    trigger(
        stack,
        handler,
        delivery_retry_attempts=number(stack, "Retries"),
        max_delivery_age=cdk.Duration.seconds(number(stack, "Age")),
    )

    [rule] = resources(stack, "AWS::Events::Rule").values()
    assert rule["Properties"]["Targets"][0]["RetryPolicy"] == {
        "MaximumEventAgeInSeconds": {"Ref": "Age"},
        "MaximumRetryAttempts": {"Ref": "Retries"},
    }


def test_one_destination_is_the_same_by_whatever_construct_it_is_imported(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    for name in ("One", "Other"):
        arn = cdk.Fn.import_value("Failures")
        queue = sqs.Queue.from_queue_arn(stack, f"{name}Queue", arn)
        trigger(stack, handler, id=name, on_failure=destinations.SqsDestination(queue))

    assert len(resources(stack, CONFIG)) == 1


@pytest.mark.parametrize("value", [(1,), [1], "1", None, sqs.Queue, 1.5], ids=str)
def test_retries_are_a_number(stack: cdk.Stack, handler: PythonFunction, value: Any) -> None:
    message = (
        f"Shop/Orders: retry_attempts must be a whole number from 0 to 2, got {value!r}; omit it "
        "to get 2"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        trigger(stack, handler, retry_attempts=value)
