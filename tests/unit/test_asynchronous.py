"""What Lambda does with the events that a handler fails on, whichever trigger asks for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from serverless_patterns import (
    EventBridgeTrigger,
    PatternError,
    PythonFunction,
    S3Trigger,
    SnsTrigger,
)
from serverless_patterns._execution_role import ExecutionRole
from tests.messages import exactly

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]

MATCH = assertions.Match
ORDERS = events.EventPattern(source=["shop.orders"])
CONFIG = "AWS::Lambda::EventInvokeConfig"


def trigger(stack: cdk.Stack, handler: lambda_.IFunction, **options: Any) -> EventBridgeTrigger:
    return EventBridgeTrigger(
        stack, options.pop("id", "Orders"), handler=handler, event_pattern=ORDERS, **options
    )


def of_kind(stack: cdk.Stack, kind: str, handler: lambda_.IFunction) -> None:
    """A trigger of any kind."""
    if kind == "s3":
        S3Trigger(stack, "Orders", handler=handler)
    elif kind == "sns":
        SnsTrigger(stack, "Orders", handler=handler)
    else:
        trigger(stack, handler)


def resources(stack: cdk.Stack, kind: str) -> Mapping[str, Mapping[str, Any]]:
    return assertions.Template.from_stack(stack).find_resources(kind)


def imported(stack: cdk.Stack, **attributes: Any) -> lambda_.IFunction:
    arn = "arn:aws:lambda:eu-west-1:111122223333:function:imported"
    return lambda_.Function.from_function_attributes(
        stack, "Imported", function_arn=arn, **attributes
    )


def role(stack: cdk.Stack) -> iam.IRole:
    return iam.Role.from_role_arn(stack, "Role", "arn:aws:iam::111122223333:role/imported")


def test_retries_and_age_are_explicit_and_failures_go_to_a_queue(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    trigger(stack, handler)

    [function] = resources(stack, "AWS::Lambda::Function")
    [queue] = resources(stack, "AWS::SQS::Queue").keys() - {dead_letter_target(stack)}
    [config] = resources(stack, CONFIG).values()
    assert config["Properties"] == {
        "DestinationConfig": {"OnFailure": {"Destination": {"Fn::GetAtt": [queue, "Arn"]}}},
        "FunctionName": {"Ref": function},
        "MaximumEventAgeInSeconds": 21_600,
        "MaximumRetryAttempts": 2,
        "Qualifier": "$LATEST",
    }


def dead_letter_target(stack: cdk.Stack) -> str:
    """The queue of the rule's target."""
    [rule] = resources(stack, "AWS::Events::Rule").values()
    return str(rule["Properties"]["Targets"][0]["DeadLetterConfig"]["Arn"]["Fn::GetAtt"][0])


def test_the_queue_is_encrypted_for_tls_alone_and_keeps_events_for_14_days(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    queue = S3Trigger(stack, "Uploads", handler=handler).on_failure

    template = assertions.Template.from_stack(stack)
    template.has_resource_properties(
        "AWS::SQS::Queue", {"MessageRetentionPeriod": 1_209_600, "SqsManagedSseEnabled": True}
    )
    template.has_resource_properties(
        "AWS::SQS::QueuePolicy",
        {
            "PolicyDocument": {
                "Statement": [MATCH.object_like({"Action": "sqs:*", "Effect": "Deny"})]
            }
        },
    )
    assert isinstance(queue, sqs.Queue)


def test_the_handler_may_send_to_the_queue(stack: cdk.Stack, handler: PythonFunction) -> None:
    S3Trigger(stack, "Uploads", handler=handler)

    [queue] = resources(stack, "AWS::SQS::Queue")
    assert isinstance(handler.role, ExecutionRole)
    assert [(each["Action"], each["Resource"]) for each in handler.role.granted] == [
        (
            ["sqs:SendMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl"],
            {"Fn::GetAtt": [queue, "Arn"]},
        )
    ]


def test_settings_that_are_asked_for_are_set(stack: cdk.Stack, handler: PythonFunction) -> None:
    destination = destinations.SnsDestination(sns.Topic(stack, "Failures"))
    made = trigger(
        stack,
        handler,
        retry_attempts=1,
        max_event_age=cdk.Duration.minutes(2),
        on_failure=destination,
    )

    assertions.Template.from_stack(stack).has_resource_properties(
        CONFIG,
        {
            "DestinationConfig": {
                "OnFailure": {"Destination": {"Ref": MATCH.string_like_regexp("Failures")}}
            },
            "MaximumEventAgeInSeconds": 120,
            "MaximumRetryAttempts": 1,
        },
    )
    assert made.on_failure is destination


def test_no_retry_is_a_choice_as_well(stack: cdk.Stack, handler: PythonFunction) -> None:
    trigger(stack, handler, retry_attempts=0, max_event_age=cdk.Duration.minutes(1))

    assertions.Template.from_stack(stack).has_resource_properties(
        CONFIG, {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}
    )


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


def test_a_version_has_settings_of_its_own(stack: cdk.Stack, handler: PythonFunction) -> None:
    trigger(stack, handler.current_version)

    assertions.Template.from_stack(stack).has_resource_properties(
        CONFIG,
        {"Qualifier": {"Fn::GetAtt": [MATCH.string_like_regexp("CurrentVersion"), "Version"]}},
    )


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


def test_a_destination_that_makes_a_rule_makes_it_once(
    stack: cdk.Stack, handler: PythonFunction, other: PythonFunction
) -> None:
    destination = destinations.LambdaDestination(other, response_only=True)
    S3Trigger(stack, "Uploads", handler=handler, on_failure=destination)

    assert len(resources(stack, "AWS::Events::Rule")) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"retry_attempts": 3},
            "Shop/Orders: retry_attempts must be a whole number from 0 to 2, got 3; omit it to get "
            "2",
        ),
        (
            {"retry_attempts": True},
            "Shop/Orders: retry_attempts must be a whole number from 0 to 2, got True; omit it to "
            "get 2",
        ),
        (
            {"max_event_age": cdk.Duration.seconds(59)},
            "Shop/Orders: max_event_age must be whole seconds from 60 to 21,600, got 59 s; for "
            "example cdk.Duration.seconds(60)",
        ),
        (
            {"max_event_age": cdk.Duration.millis(60_500)},
            "Shop/Orders: max_event_age must be whole seconds from 60 to 21,600, got 60.5 s; for "
            "example cdk.Duration.seconds(60)",
        ),
        (
            {"max_event_age": 60},
            "Shop/Orders: max_event_age must be a Duration, got 60; for example "
            "cdk.Duration.seconds(60)",
        ),
        (
            {"max_event_age": cdk.Duration.seconds(180)},
            "Shop/Orders: max_event_age must be above the 180 s that 2 retries wait, got 180 s; "
            "omit it to get 21600 s, or set retry_attempts to 1",
        ),
        (
            {"max_event_age": cdk.Duration.seconds(60), "retry_attempts": 1},
            "Shop/Orders: max_event_age must be above the 60 s that 1 retry waits, got 60 s; omit "
            "it to get 21600 s, or set retry_attempts to 0",
        ),
        (
            {"on_failure": "queue"},
            "Shop/Orders: on_failure must be a queue, a topic, a bucket or a destination of "
            "aws_cdk.aws_lambda_destinations, got str; omit it to get a queue",
        ),
        (
            {"on_failure": destinations.SqsDestination},
            "Shop/Orders: on_failure must be a queue, a topic, a bucket or a destination of "
            "aws_cdk.aws_lambda_destinations, got the class SqsDestination; omit it to get a queue",
        ),
    ],
    ids=str,
)
def test_settings_that_lambda_would_refuse_or_that_defeat_each_other_are_refused(
    stack: cdk.Stack, handler: PythonFunction, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(PatternError, match=exactly(message)):
        trigger(stack, handler, **options)


def test_the_destination_of_a_stream_mapping_is_none_of_a_function(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    message = (
        "Shop/Orders: on_failure must be a queue, a topic, a bucket or a destination of "
        "aws_cdk.aws_lambda_destinations, got SqsDlq; omit it to get a queue"
    )
    dlq: Any = sources.SqsDlq(sqs.Queue(stack, "Queue"))
    with pytest.raises(PatternError, match=exactly(message)):
        trigger(stack, handler, on_failure=dlq)


def test_tokens_are_not_guessed(stack: cdk.Stack, handler: PythonFunction) -> None:
    parameter = cdk.CfnParameter(stack, "Retries", type="Number")
    trigger(stack, handler, retry_attempts=parameter.value_as_number)

    assertions.Template.from_stack(stack).has_resource_properties(
        CONFIG, {"MaximumRetryAttempts": {"Ref": "Retries"}}
    )


FIFO = (
    "Shop/Orders: on_failure must be no FIFO queue or topic, which Lambda doesn't send failed "
    "events to, got a FIFO one; take a standard one, or omit it to get a queue"
)


@pytest.mark.parametrize(
    "destination",
    [
        lambda stack: destinations.SqsDestination(sqs.Queue(stack, "Queue", fifo=True)),
        lambda stack: destinations.SnsDestination(sns.Topic(stack, "Topic", fifo=True)),
        lambda stack: destinations.SqsDestination(
            sqs.Queue.from_queue_arn(stack, "Queue", "arn:aws:sqs:eu-west-1:111122223333:q.fifo")
        ),
    ],
)
def test_a_fifo_queue_or_topic_takes_no_failures(
    stack: cdk.Stack,
    handler: PythonFunction,
    destination: Callable[[cdk.Stack], lambda_.IDestination],
) -> None:
    with pytest.raises(PatternError, match=exactly(FIFO)):
        trigger(stack, handler, on_failure=destination(stack))


@pytest.mark.parametrize(
    "names", [("function", "function"), ("alias", "function"), ("function", "alias")], ids=str
)
def test_a_handler_takes_not_its_own_failures(
    stack: cdk.Stack, handler: PythonFunction, names: tuple[str, str]
) -> None:
    live = lambda_.Alias(stack, "Live", alias_name="live", version=handler.current_version)
    invoked, failed = ({"function": handler, "alias": live}[name] for name in names)
    message = (
        "Shop/Orders: on_failure must be something else than the handler, which has failed on the "
        "event, got the function Shop/Handler; omit it to get a queue"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        trigger(stack, invoked, on_failure=destinations.LambdaDestination(failed))


def test_another_function_may_take_them(
    stack: cdk.Stack, handler: PythonFunction, other: PythonFunction
) -> None:
    trigger(stack, handler, on_failure=destinations.LambdaDestination(other))

    [function] = [each for each in resources(stack, "AWS::Lambda::Function") if "Other" in each]
    assertions.Template.from_stack(stack).has_resource_properties(
        CONFIG,
        {"DestinationConfig": {"OnFailure": {"Destination": {"Fn::GetAtt": [function, "Arn"]}}}},
    )


def test_a_bucket_may_take_them(stack: cdk.Stack, handler: PythonFunction) -> None:
    bucket = s3.Bucket(stack, "Failures")
    trigger(stack, handler, on_failure=destinations.S3Destination(bucket))

    assertions.Template.from_stack(stack).has_resource_properties(
        CONFIG,
        {
            "DestinationConfig": {
                "OnFailure": {
                    "Destination": {"Fn::GetAtt": [MATCH.string_like_regexp("Failures"), "Arn"]}
                }
            }
        },
    )


def test_a_handler_with_a_failure_destination_of_its_own_keeps_it(
    stack: cdk.Stack, entry: Path
) -> None:
    queue = sqs.Queue(stack, "Failures")
    handler = PythonFunction(
        stack,
        "Handler",
        entry=entry,
        retry_attempts=1,
        on_failure=destinations.SqsDestination(queue),
    )
    made = trigger(stack, handler)
    trigger(stack, handler, id="Other")

    [config] = resources(stack, CONFIG).values()
    assert config["Properties"]["MaximumRetryAttempts"] == 1
    assert made.on_failure is None


@pytest.mark.parametrize("again", [False, True])
def test_what_a_handler_of_its_own_settings_has_is_not_asked_for_here(
    stack: cdk.Stack, entry: Path, *, again: bool
) -> None:
    destination = destinations.SqsDestination(sqs.Queue(stack, "Failures"))
    handler = PythonFunction(stack, "Handler", entry=entry, on_failure=destination)
    if again:
        trigger(stack, handler, id="First")
    message = (
        "Shop/Orders: retry_attempts must be left to the handler's own EventInvokeConfig, got a "
        "value beside Shop/Handler/EventInvokeConfig/Resource; set it there, or leave that "
        "EventInvokeConfig out"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        trigger(stack, handler, retry_attempts=1)


def test_a_handler_whose_own_settings_lose_events_is_refused(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    lambda_.EventInvokeConfig(stack, "Config", function=handler, retry_attempts=0)
    message = (
        "Shop/Orders: handler must hold the events that it fails on, got an EventInvokeConfig "
        "without on_failure, Shop/Config/Resource; give it on_failure, or leave asynchronous "
        "settings to the trigger"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        trigger(stack, handler)


def test_settings_of_an_alias_are_none_of_its_function(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    live = lambda_.Alias(stack, "Live", alias_name="live", version=handler.current_version)
    live.configure_async_invoke(retry_attempts=0)
    trigger(stack, handler)

    assert len(resources(stack, CONFIG)) == 2


def test_a_second_configuration_is_told_at_synthesis(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    trigger(stack, handler)
    lambda_.EventInvokeConfig(stack, "Config", function=handler, retry_attempts=0)

    message = (
        "Shop/Orders: handler must have one EventInvokeConfig, as Lambda keeps no more, got "
        "Shop/Handler/EventInvokeConfig/Resource and Shop/Config/Resource; set retry_attempts, "
        "max_event_age and on_failure of the trigger"
    )
    assert stack.node.find_child("HandlerAsynchronous").node.validate() == [message]


def test_an_imported_function_is_configured_where_its_role_is_known(stack: cdk.Stack) -> None:
    trigger(stack, imported(stack, role=role(stack), same_environment=True))

    template = assertions.Template.from_stack(stack)
    template.has_resource_properties(CONFIG, {"FunctionName": "imported"})
    template.resource_count_is("AWS::Lambda::Permission", 1)
    [policy] = template.find_resources("AWS::IAM::Policy")
    [config] = template.find_resources(CONFIG).values()
    assert policy in config["DependsOn"]


def test_an_imported_function_without_a_role_is_refused(stack: cdk.Stack) -> None:
    message = (
        "Shop/Orders: handler must have a role that CDK knows, which is granted to send failed "
        "events, got a function imported without one; import it with "
        "lambda_.Function.from_function_attributes(function_arn=…, role=…, same_environment=True)"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        trigger(stack, imported(stack, same_environment=True))


@pytest.mark.parametrize("kind", ["s3", "sns", "events"])
def test_an_imported_function_that_cdk_gives_no_permission_is_refused(
    stack: cdk.Stack, kind: str
) -> None:
    message = (
        "Shop/Orders: handler must be a function that CDK may give a permission to invoke it, got "
        "an imported one, of which it can't tell that it is in this account; import it with "
        "lambda_.Function.from_function_attributes(…, same_environment=True), or with "
        "skip_permissions=True if the permission is there"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        of_kind(stack, kind, imported(stack, role=role(stack)))


@pytest.mark.parametrize("kind", ["s3", "sns", "events"])
def test_a_permission_that_is_there_already_can_be_skipped(stack: cdk.Stack, kind: str) -> None:
    handler = imported(stack, role=role(stack), skip_permissions=True)
    of_kind(stack, kind, handler)

    assert not resources(stack, "AWS::Lambda::Permission")


def test_an_imported_arn_that_names_an_alias_is_refused_as_a_function(stack: cdk.Stack) -> None:
    arn = "arn:aws:lambda:eu-west-1:111122223333:function:imported:live"
    handler = lambda_.Function.from_function_attributes(
        stack, "Imported", function_arn=arn, role=role(stack), same_environment=True
    )
    message = (
        "Shop/Orders: handler must be imported as the alias or the version that its ARN names, got "
        f"a function with the ARN {arn}; import its function, and the alias with "
        "lambda_.Alias.from_alias_attributes"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        trigger(stack, handler)


def test_an_imported_alias_is_configured_as_one(make_app: MakeApp) -> None:
    env = cdk.Environment(account="111122223333", region="eu-west-1")
    stack = cdk.Stack(make_app(), "Shop", env=env)
    function = imported(stack, role=role(stack), same_environment=True)
    version = lambda_.Version.from_version_attributes(
        stack, "Version", lambda_=function, version="7"
    )
    live = lambda_.Alias.from_alias_attributes(
        stack, "Live", alias_name="live", alias_version=version
    )
    trigger(stack, live)

    assertions.Template.from_stack(stack).has_resource_properties(
        CONFIG, {"FunctionName": "imported", "Qualifier": "live"}
    )


@pytest.mark.parametrize("through", ["function", "alias"])
def test_a_handler_that_isolates_tenants_is_refused(
    stack: cdk.Stack, entry: Path, through: str
) -> None:
    function = PythonFunction(
        stack, "Handler", entry=entry, tenancy_config=lambda_.TenancyConfig.PER_TENANT
    )
    handler: lambda_.IFunction = function
    if through == "alias":
        handler = lambda_.Alias(stack, "Live", alias_name="live", version=function.current_version)
    message = (
        "Shop/Orders: handler must be invoked without a tenant, as its source names none, got a "
        "function that isolates tenants; leave tenancy_config out, or let a function in between "
        "invoke it for each"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        trigger(stack, handler)


def test_what_is_no_function_is_refused(stack: cdk.Stack) -> None:
    message = (
        "Shop/Orders: handler must be a function, an alias or a version, got Queue; make one with "
        "PythonFunction"
    )
    queue: Any = sqs.Queue(stack, "Queue")
    with pytest.raises(PatternError, match=exactly(message)):
        trigger(stack, queue)


def test_a_handler_in_another_region_is_refused(make_app: MakeApp, entry: Path) -> None:
    app = make_app()
    there = cdk.Stack(app, "There", env=cdk.Environment(region="eu-west-1"))
    here = cdk.Stack(app, "Here", env=cdk.Environment(region="eu-north-1"))
    message = (
        "Here/Orders: handler must be in eu-north-1 as its trigger is, got a function in "
        "eu-west-1; define both in stacks of one region"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        trigger(here, PythonFunction(there, "Handler", entry=entry))


def test_queues_of_failures_stay_when_what_fails_goes(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    trigger(stack, handler)

    queues = resources(stack, "AWS::SQS::Queue").values()
    assert [(each["DeletionPolicy"], each["UpdateReplacePolicy"]) for each in queues] == [
        ("Retain", "Retain"),
        ("Retain", "Retain"),
    ]


def test_a_handler_that_never_runs_is_refused(stack: cdk.Stack, entry: Path) -> None:
    handler = PythonFunction(stack, "Handler", entry=entry, reserved_concurrent_executions=0)
    message = (
        "Shop/Orders: handler must be allowed to run, because each event would go to the failure "
        "destination unseen, got a reserved concurrency of 0; reserve 1 or more, or omit "
        "reserved_concurrent_executions"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        trigger(stack, handler)


MADE: dict[str, Callable[[cdk.Stack], Any]] = {
    "queue": lambda stack: sqs.Queue(stack, "Failures"),
    "topic": lambda stack: sns.Topic(stack, "Failures"),
    "bucket": lambda stack: s3.Bucket(stack, "Failures"),
    "bucket under a key": lambda stack: s3.Bucket(
        stack, "Failures", encryption_key=kms.Key(stack, "Key")
    ),
}
SENDS = {
    "queue": ["sqs:SendMessage"],
    "topic": ["sns:Publish"],
    "bucket": ["s3:ListBucket", "s3:PutObject"],
    "bucket under a key": ["s3:ListBucket", "s3:PutObject", "kms:GenerateDataKey"],
}


@pytest.mark.parametrize("kind", MADE)
def test_a_queue_a_topic_or_a_bucket_itself_takes_failures_and_nothing_more_is_granted(
    stack: cdk.Stack, handler: PythonFunction, kind: str
) -> None:
    failures = MADE[kind](stack)
    made = trigger(stack, handler, on_failure=failures)
    trigger(stack, handler, id="Other", on_failure=failures)

    assert made.on_failure is failures
    [(name, policy)] = resources(stack, "AWS::IAM::Policy").items()
    assert [
        each["Action"] for each in policy["Properties"]["PolicyDocument"]["Statement"]
    ] == SENDS[kind]
    [config] = resources(stack, CONFIG).values()
    [(_, arn)] = config["Properties"]["DestinationConfig"]["OnFailure"]["Destination"].items()
    assert "Failures" in str(arn)
    assert name in config["DependsOn"]


def test_failures_that_lie_in_a_queue_that_was_given_are_counted_there(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    made = trigger(stack, handler, on_failure=sqs.Queue(stack, "Failures"))

    assert made.metric_failed_events().namespace == "AWS/SQS"


def test_a_fifo_queue_itself_takes_no_failures_either(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    with pytest.raises(PatternError, match=exactly(FIFO)):
        trigger(stack, handler, on_failure=sqs.Queue(stack, "Queue", fifo=True))


@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"retention_period": cdk.Duration.hours(23)},
            "Shop/Orders: on_failure must keep what failed for at least 86400 s, lest it be gone "
            "before anybody looks, got a queue with a retention_period of 82800 s; omit "
            "retention_period to get 345600 s, or take up to 1209600 s",
        ),
        (
            {"max_message_size_bytes": 262_144},
            "Shop/Orders: on_failure must take messages of 1048576 bytes, as large as an event can "
            "be, got a queue with a max_message_size_bytes of 262144; omit max_message_size_bytes",
        ),
    ],
)
def test_a_queue_that_drops_failures_is_refused(
    stack: cdk.Stack,
    handler: PythonFunction,
    options: dict[str, Any],
    message: str,
    *,
    wrapped: bool,
) -> None:
    queue = sqs.Queue(stack, "Failures", **options)
    with pytest.raises(PatternError, match=exactly(message)):
        trigger(stack, handler, on_failure=destinations.SqsDestination(queue) if wrapped else queue)


@pytest.mark.parametrize("given", [False, True])
def test_a_role_that_takes_no_policies_is_warned_of_and_left_alone(
    stack: cdk.Stack, *, given: bool
) -> None:
    fixed = iam.Role.from_role_arn(
        stack, "Role", "arn:aws:iam::111122223333:role/imported", mutable=False
    )
    handler = imported(stack, role=fixed, same_environment=True)
    trigger(stack, handler, on_failure=sqs.Queue(stack, "Failures") if given else None)

    assertions.Annotations.from_stack(stack).has_warning(
        "/Shop/ImportedAsynchronous",
        "Shop/ImportedAsynchronous: the role of the handler, Shop/Role, takes no policies, so "
        "nothing lets Lambda send what the handler fails on to on_failure, which is lost: import "
        "it without mutable=False, or grant that there "
        "[ack: serverless-patterns:role-of-handler-unchanged]",
    )
    assert not resources(stack, "AWS::IAM::Policy")


def test_a_role_that_takes_policies_is_not_warned_of(stack: cdk.Stack) -> None:
    trigger(stack, imported(stack, role=role(stack), same_environment=True))

    found = assertions.Annotations.from_stack(stack)
    assert not found.find_warning("/Shop/ImportedAsynchronous", MATCH.any_value())


def test_a_destination_in_another_account_is_warned_of(make_app: MakeApp, entry: Path) -> None:
    env = cdk.Environment(account="111122223333", region="eu-west-1")
    stack = cdk.Stack(make_app(), "Shop", env=env)
    queue = sqs.Queue.from_queue_arn(stack, "Queue", "arn:aws:sqs:eu-west-1:444455556666:failures")
    trigger(stack, PythonFunction(stack, "Handler", entry=entry), on_failure=queue)

    assertions.Annotations.from_stack(stack).has_warning(
        "/Shop/HandlerAsynchronous",
        "Shop/HandlerAsynchronous: on_failure is in the account 444455556666, so what the handler "
        "fails on is lost unless the policy there, and that of the key, lets the role of "
        "Shop/Handler send to it [ack: serverless-patterns:failure-destination-account]",
    )


def test_more_sources_than_a_policy_has_room_for_are_warned_of(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    for number in range(59):
        events.Rule(
            stack,
            f"Rule{number}",
            event_pattern=ORDERS,
            targets=[targets.LambdaFunction(handler)],
        )
    trigger(stack, handler)

    [found] = assertions.Annotations.from_stack(stack).find_warning(
        "/Shop/HandlerAsynchronous", MATCH.any_value()
    )
    assert re.fullmatch(
        r"Shop/HandlerAsynchronous: 60 permissions to invoke Shop/Handler take about 2\d{4} bytes "
        r"of a policy, of the 20480 that Lambda takes: let sources share a topic or a queue, or "
        r"give some of them an alias, which has a policy of its own "
        r"\[ack: serverless-patterns:resource-policy-size\]",
        str(found.entry.data),
    )


def test_a_policy_with_room_is_not_warned_of(stack: cdk.Stack, handler: PythonFunction) -> None:
    trigger(stack, handler)

    found = assertions.Annotations.from_stack(stack)
    assert not found.find_warning("/Shop/HandlerAsynchronous", MATCH.any_value())
