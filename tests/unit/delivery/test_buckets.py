"""S3 buckets; names such as S1 are those of the rules that the model follows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from serverless_patterns.testing.delivery import (
    DeliveryError,
    Faults,
    Outcome,
    Result,
    S3Event,
    deliver,
)
from tests.messages import exactly
from tests.unit.delivery.push_handlers import (
    Recorder,
    fail,
    only,
    places,
    results,
    succeed,
    times,
)
from tests.unit.delivery.push_templates import (
    allowed,
    arn,
    bucket,
    filtered,
    function,
    let_in,
    notified,
    queue,
    ref,
    resource,
    rule,
    subscription,
    template,
    topic,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

PUT = [S3Event(key="images/a.jpg")]
ALL = "s3:ObjectCreated:*"


def test_s1_prefix_and_suffix_decide() -> None:
    handler = Recorder()
    events = [
        S3Event(key="images/a.jpg", id="jpg"),
        S3Event(key="images/a.png", id="png"),
        S3Event(key="a.jpg", id="elsewhere"),
    ]
    model = notified(Filter=filtered(prefix="images/", suffix=".jpg"))
    delivery = deliver(model, events, handlers={"Handler": handler})
    assert len(handler.events) == 1
    assert [leg.event for leg in delivery.handled] == ["jpg"]
    assert [(leg.event, leg.filtered_by) for leg in delivery.filtered] == [
        ("png", "Bucket"),
        ("elsewhere", "Bucket"),
    ]


def test_s2_a_duplicate_has_the_same_sequencer() -> None:
    handler = Recorder()
    deliver(
        notified(), PUT, handlers={"Handler": handler}, faults=Faults(duplicates={"event-0": 1})
    )
    first, second = handler.events
    assert first == second


def test_s3_overlapping_prefixes_are_refused() -> None:
    model = template(
        function(),
        bucket(
            LambdaConfigurations=[
                {"Event": ALL, "Function": arn("Handler"), "Filter": filtered(prefix="images/")},
                {
                    "Event": "s3:ObjectCreated:Put",
                    "Function": arn("Handler"),
                    "Filter": filtered(prefix="images/raw/"),
                },
            ]
        ),
        allowed("s3.amazonaws.com", arn("Bucket")),
    )
    message = (
        "Bucket: notifications must not overlap for one event, got ObjectCreated:* with prefix "
        "'images/' and suffix '' and ObjectCreated:Put with prefix 'images/raw/' and suffix ''; "
        "S3 refuses them, so tell them apart or fan out through a topic"
    )
    with pytest.raises(DeliveryError, match=exactly(message)):
        deliver(model, PUT, handlers={"Handler": succeed})


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((ALL, {"prefix": "a/"}), (ALL, {"prefix": "b/"})),
        ((ALL, {"suffix": ".jpg"}), (ALL, {"suffix": ".png"})),
        ((ALL, {"prefix": "a/", "suffix": ".jpg"}), (ALL, {"prefix": "a/", "suffix": ".png"})),
        ((ALL, {}), ("s3:ObjectRemoved:*", {})),
        (("s3:ObjectCreated:Put", {}), ("s3:ObjectCreated:Copy", {})),
    ],
)
def test_filters_that_tell_events_apart_are_taken(
    first: tuple[str, dict[str, str]], second: tuple[str, dict[str, str]]
) -> None:
    configurations = [
        {"Event": event, "Function": arn("Handler"), "Filter": filtered(**rules)}
        for event, rules in (first, second)
    ]
    model = template(
        function(),
        bucket(LambdaConfigurations=configurations),
        allowed("s3.amazonaws.com", arn("Bucket")),
    )
    key = first[1].get("prefix", "") + "x" + first[1].get("suffix", "")
    leg = only(deliver(model, [S3Event(key=key)], handlers={"Handler": succeed}))
    assert leg.outcome is Outcome.HANDLED


def test_an_event_of_another_name_is_filtered() -> None:
    leg = only(
        deliver(
            notified(),
            [S3Event(key="a", name="ObjectRemoved:Delete")],
            handlers={"Handler": succeed},
        )
    )
    assert leg.outcome is Outcome.FILTERED


def test_a_function_gets_the_event_as_s3_has_it() -> None:
    handler = Recorder()
    events = [S3Event(key="my images/ä+b=1.jpg", at=1.5, size=7), S3Event(key="second")]
    deliver(notified(), events, handlers={"Handler": handler})
    records = [event["Records"][0] for event in handler.events]
    told = next(record for record in records if record["s3"]["object"]["size"] == 7)
    assert told["eventSource"] == "aws:s3"
    assert told["eventName"] == "ObjectCreated:Put"
    assert told["eventTime"] == "2026-01-01T00:00:01.500Z"
    assert told["s3"]["bucket"]["name"] == "Bucket"
    assert told["s3"]["object"]["key"] == "my+images/%C3%A4%2Bb%3D1.jpg"
    sequencers = [record["s3"]["object"]["sequencer"] for record in records]
    assert sequencers == sorted(set(sequencers))


def test_an_object_that_is_gone_has_no_size() -> None:
    handler = Recorder()
    event = S3Event(key="a", name="ObjectRemoved:Delete")
    deliver(notified(Event="s3:ObjectRemoved:*"), [event], handlers={"Handler": handler})
    told = handler.events[0]["Records"][0]["s3"]["object"]
    assert set(told) == {"key", "sequencer"}


@pytest.mark.parametrize(
    ("prefix", "key"),
    [
        ("my+images/", "my images/a.jpg"),
        ("my%20images/", "my images/a.jpg"),
        ("raw/dt%3D2026/", "raw/dt=2026/a.jpg"),
        ("a%2Bb/", "a+b/a.jpg"),
        ("caf%C3%A9/", "café/a.jpg"),
        ("It's_(1)-a.b!/", "It's_(1)-a.b!/a.jpg"),
    ],
)
def test_filters_are_url_encoded(prefix: str, key: str) -> None:
    model = notified(Filter=filtered(prefix=prefix))
    delivery = deliver(model, [S3Event(key=key)], handlers={"Handler": succeed})
    assert only(delivery).handled_at == 0


def test_a_default_trigger_loses_what_the_function_fails_with() -> None:
    leg = only(deliver(notified(), PUT, handlers={"Handler": fail}))
    assert leg.path == ("Bucket", "Handler")
    assert times(leg) == [0, 60, 180]
    assert leg.outcome is Outcome.LOST


def custom(**properties: Any) -> dict[str, Any]:
    """The custom resource that CDK makes of notifications."""
    given = {
        "ServiceToken": arn("Notifier"),
        "BucketName": ref("Bucket"),
        "NotificationConfiguration": {
            "LambdaFunctionConfigurations": [
                {
                    "Events": [ALL],
                    "LambdaFunctionArn": arn("Handler"),
                    "Filter": {"Key": {"FilterRules": [{"Name": "suffix", "Value": ".jpg"}]}},
                }
            ]
        },
        "Managed": True,
    }
    return resource("Notifications", "Custom::S3BucketNotifications", **given | properties)


def of_cdk(*parts: Mapping[str, Any], **properties: Any) -> dict[str, Any]:
    return template(
        function(),
        resource("Bucket", "AWS::S3::Bucket"),
        custom(**properties),
        allowed("s3.amazonaws.com", arn("Bucket")),
        *parts,
    )


def test_the_custom_resource_of_cdk_is_read() -> None:
    events = [S3Event(key="a.jpg", id="jpg"), S3Event(key="a.png", id="png")]
    delivery = deliver(of_cdk(), events, handlers={"Handler": succeed})
    assert [leg.event for leg in delivery.handled] == ["jpg"]
    assert [leg.event for leg in delivery.filtered] == ["png"]


def test_the_custom_resource_of_cdk_replaces_what_the_bucket_has() -> None:
    own = bucket(LambdaConfigurations=[{"Event": ALL, "Function": arn("Handler")}])
    delivery = deliver(of_cdk(own), [S3Event(key="a.png")], handlers={"Handler": succeed})
    assert only(delivery).outcome is Outcome.FILTERED
    assert delivery.warnings == (
        "Bucket: its NotificationConfiguration is replaced by the custom resource of CDK; "
        "configure it in one place",
    )


def test_a_custom_resource_that_is_not_managed_adds_to_what_the_bucket_has() -> None:
    own = bucket(EventBridgeConfiguration={"EventBridgeEnabled": True})
    delivery = deliver(of_cdk(own, Managed=False), PUT, handlers={"Handler": succeed})
    assert {leg.path: leg.outcome for leg in delivery.legs} == {
        ("Bucket", "Handler"): Outcome.HANDLED,
        ("Bucket", "default"): Outcome.FILTERED,
    }


def fanned_out(*parts: Mapping[str, Any]) -> dict[str, Any]:
    """A bucket that tells a topic, which invokes Handler."""
    return template(
        function(),
        bucket(TopicConfigurations=[{"Event": ALL, "Topic": ref("Topic")}]),
        topic(),
        let_in(
            "s3.amazonaws.com",
            arn("Bucket"),
            "Topic",
            kind="AWS::SNS::TopicPolicy",
            key="Topics",
            action="sns:Publish",
        ),
        subscription(),
        allowed("sns.amazonaws.com", ref("Topic")),
        *parts,
    )


def test_a_topic_fans_out() -> None:
    handler = Recorder()
    leg = only(deliver(fanned_out(), PUT, handlers={"Handler": handler}))
    assert leg.path == ("Bucket", "Topic", "Handler")
    sns = handler.events[0]["Records"][0]["Sns"]
    assert sns["Subject"] == "Amazon S3 Notification"
    assert json.loads(sns["Message"])["Records"][0]["s3"]["object"]["key"] == "images/a.jpg"


def test_a_queue_gets_the_event() -> None:
    model = template(
        bucket(QueueConfigurations=[{"Event": ALL, "Queue": arn("Queue")}]),
        queue(),
        let_in("s3.amazonaws.com", arn("Bucket")),
    )
    leg = only(deliver(model, PUT, handlers={}))
    assert leg.path == ("Bucket", "Queue")
    assert [held.at for held in leg.held] == ["Queue"]


def test_event_bridge_gets_the_event_in_its_own_form() -> None:
    handler = Recorder()
    pattern = {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"object": {"key": [{"prefix": "my images/"}]}},
    }
    model = template(
        function(),
        bucket(EventBridgeConfiguration={"EventBridgeEnabled": True}),
        rule(EventPattern=pattern),
        allowed("events.amazonaws.com", arn("Rule")),
    )
    events = [S3Event(key="my images/a.jpg", size=7), S3Event(key="b.jpg", id="filtered")]
    delivery = deliver(model, events, handlers={"Handler": handler})
    (event,) = handler.events
    assert event["detail"]["bucket"] == {"name": "Bucket"}
    assert event["detail"]["object"]["key"] == "my images/a.jpg"
    assert event["detail"]["object"]["size"] == 7
    assert event["detail"]["reason"] == "PutObject"
    assert event["resources"] == ["arn:aws:s3:::Bucket"]
    assert delivery.handled[0].path == ("Bucket", "default", "Rule", "Handler")
    assert [leg.event for leg in delivery.filtered] == ["filtered"]


def test_a_target_outside_of_the_template_has_the_event() -> None:
    elsewhere = "arn:aws:sqs:us-east-1:123456789012:elsewhere"
    model = template(bucket(QueueConfigurations=[{"Event": ALL, "Queue": elsewhere}]))
    leg = only(deliver(model, PUT, handlers={}))
    assert places(leg) == [(f"{elsewhere} outside the template", 0, "handed to it")]


def test_a_target_that_was_deleted_loses_the_event() -> None:
    faults = Faults(missing=frozenset({"Topic"}))
    leg = only(deliver(fanned_out(), PUT, handlers={"Handler": succeed}, faults=faults))
    assert results(leg) == [Result.REFUSED]
    assert leg.lost_because == "Topic was deleted"


def test_a_target_is_tried_until_it_takes_the_event() -> None:
    faults = Faults(unavailable={"Handler": [(0, 5)]})
    leg = only(deliver(notified(), PUT, handlers={"Handler": succeed}, faults=faults))
    assert results(leg) == [Result.UNAVAILABLE] * 3 + [Result.HANDLED]


def test_a_topic_that_is_tried_again_leaves_nothing_pending() -> None:
    faults = Faults(unavailable={"Topic": [(0, 2)]})
    leg = only(deliver(fanned_out(), PUT, handlers={"Handler": succeed}, faults=faults))
    assert leg.path == ("Bucket", "Topic", "Handler")
    assert results(leg) == [Result.UNAVAILABLE] * 2 + [Result.HANDLED]


NO_PERMISSION = template(
    function(), bucket(LambdaConfigurations=[{"Event": ALL, "Function": arn("Handler")}])
)
REFUSED: list[tuple[dict[str, Any], str]] = [
    (
        NO_PERMISSION,
        "notifications must go to what lets s3.amazonaws.com in, got Handler; "
        "S3 refuses them, so add the permission or the policy",
    ),
    (
        template(
            function(),
            bucket(QueueConfigurations=[{"Event": ALL, "Queue": arn("Queue")}]),
            queue(FifoQueue=True),
        ),
        "notifications must not go to what is FIFO, got Queue; name a standard one",
    ),
    (
        template(
            function(),
            bucket(QueueConfigurations=[{"Event": ALL, "Queue": arn("Stream")}]),
            resource("Stream", "AWS::Kinesis::Stream"),
        ),
        "notifications must go to a function, a queue or a topic, got Stream "
        "(AWS::Kinesis::Stream); name another",
    ),
    (
        notified(Filter=filtered(prefix="my images/")),
        "prefix must be URL-encoded, got 'my images/'; write 'my+images/', as S3 tells nothing of "
        "it otherwise",
    ),
    (
        notified(Filter=filtered(suffix="*.jpg")),
        "suffix must be without wildcards, got '*.jpg'; write what a key begins or ends with",
    ),
    (
        notified(Filter=filtered(prefix="raw/dt=2026/")),
        "prefix must be URL-encoded, got 'raw/dt=2026/'; write 'raw/dt%3D2026/', as S3 tells "
        "nothing of it otherwise",
    ),
    (
        notified(Filter=filtered(prefix="a%3Db=c%")),
        "prefix must be URL-encoded, got 'a%3Db=c%'; write 'a%3Db%3Dc%25', as S3 tells nothing of "
        "it otherwise",
    ),
    (
        notified(Filter=filtered(prefix=ref("Prefix"))),
        "prefix must be a text in the template, got {'Ref': 'Prefix'}; write the text, as what is "
        "delivered depends on it",
    ),
]


@pytest.mark.parametrize(("model", "message"), REFUSED)
def test_what_s3_refuses_is_refused(model: dict[str, Any], message: str) -> None:
    with pytest.raises(DeliveryError, match=exactly(f"Bucket: {message}")):
        deliver(model, PUT, handlers={"Handler": succeed})


def test_a_permission_that_s3_does_not_ask_for_loses_the_event() -> None:
    model = template(
        function(),
        resource("Bucket", "AWS::S3::Bucket"),
        custom(SkipDestinationValidation="true"),
    )
    leg = only(deliver(model, [S3Event(key="a.jpg")], handlers={"Handler": succeed}))
    assert leg.lost_because == "Handler does not let S3 in"


def test_an_event_that_s3_does_not_have_is_refused() -> None:
    message = (
        "Bucket: name must be one of ObjectCreated:Put, ObjectCreated:Post, ObjectCreated:Copy, "
        "ObjectCreated:CompleteMultipartUpload, ObjectRemoved:Delete, "
        "ObjectRemoved:DeleteMarkerCreated, ObjectRestore:Post, ObjectRestore:Completed, "
        "ObjectRestore:Delete, LifecycleExpiration:Delete, "
        "LifecycleExpiration:DeleteMarkerCreated, LifecycleTransition, IntelligentTiering, "
        "ObjectTagging:Put, ObjectTagging:Delete, ObjectAcl:Put, got 'ObjectCreated:put'; "
        "give one of these"
    )
    events = [S3Event(key="a", name="ObjectCreated:put")]
    with pytest.raises(DeliveryError, match=exactly(message)):
        deliver(notified(), events, handlers={"Handler": succeed})
