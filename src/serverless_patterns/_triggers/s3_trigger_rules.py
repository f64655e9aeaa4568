"""What S3 refuses of notifications, and what it punishes."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns

from serverless_patterns._errors import PatternError, check_type
from serverless_patterns._triggers.notifications import as_text, notifications_of
from serverless_patterns._triggers.recursion import causes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from aws_cdk import aws_sqs as sqs

    from serverless_patterns._triggers.notifications import Notification
    from serverless_patterns._triggers.s3_trigger import S3Trigger

_KEY_OF_SNS = "alias/aws/sns"


def check_events(path: str, events: Sequence[s3.EventType]) -> None:
    """Refuse events that S3 would tell of twice, or none.

    Raises:
        PatternError: If there are none, or one holds another.
    """
    example = "[s3.EventType.OBJECT_CREATED]"
    if not isinstance(events, list | tuple | set | frozenset):
        raise PatternError(
            path,
            "events",
            rule="be a list of events",
            got=events.name if isinstance(events, s3.EventType) else repr(events),
            remedy=f"for example {example}",
        )
    for each in events:
        if not isinstance(each, s3.EventType):
            raise PatternError(
                path,
                "events",
                rule="be an EventType",
                got=repr(each),
                remedy=f"for example {example}",
            )
    if not events:
        raise PatternError(
            path,
            "events",
            rule="hold an event",
            got="none",
            remedy=f"omit it to get {example}",
        )
    for one, other in combinations(events, 2):
        wide, narrow = sorted((one, other), key=lambda each: len(each.name))
        if one == other or narrow.name.startswith(f"{wide.name}_"):
            raise PatternError(
                path,
                "events",
                rule="hold each event once, as S3 refuses to tell of it twice",
                got=f"{wide.name} and {narrow.name}",
                remedy=f"leave {narrow.name} out" if one != other else "name it once",
            )


def check_filters(path: str, prefix: str | None, suffix: str | None) -> None:
    """Refuse what S3 would take literally, against what was meant.

    Raises:
        PatternError: If one is empty, or holds a wildcard.
    """
    for name, value, example in (("prefix", prefix, "'images/'"), ("suffix", suffix, "'.jpg'")):
        check_type(path, name, value, str, example)
        if value == "":
            raise PatternError(
                path, name, rule="hold a character", got="''", remedy="omit it to match any key"
            )
        if value and "*" in value:
            bare = value.strip("*")
            raise PatternError(
                path,
                name,
                rule="hold no wildcard, as S3 takes * literally",
                got=repr(value),
                remedy=f"write {bare!r}" if bare and "*" not in bare else "omit it",
            )


def check_key(path: str, topic: sns.ITopic) -> None:
    """Refuse a topic under AWS's own key, which S3 may not use: it could publish nothing.

    Raises:
        PatternError: If the topic is under it.
    """
    key = topic.master_key
    if key and _KEY_OF_SNS in str(key.stack.resolve(key.key_arn)):
        raise PatternError(
            path,
            "topic",
            rule="be encrypted with a key that S3 may use",
            got=f"a topic under {_KEY_OF_SNS}",
            remedy="give it a kms.Key, as SnsTrigger does",
        )


def check_no_queue(path: str, queue: sqs.IQueue | None) -> None:
    """Refuse a queue that nothing would be sent to.

    Raises:
        PatternError: If there is one.
    """
    if queue is not None:
        raise PatternError(
            path,
            "dead_letter_queue",
            rule="be left out without topic, as S3 hands events to Lambda itself",
            got="a queue",
            remedy="set on_failure, for what the handler fails on",
        )


def sharing(trigger: S3Trigger, others: Sequence[S3Trigger]) -> S3Trigger | None:
    """Another trigger whose notification to the same topic serves this one.

    Raises:
        PatternError: If it asks for other events: all that come to a topic go to both.
    """
    for other in others:
        if trigger.topic is None or other.topic is None:
            continue
        if other.topic.topic_arn != trigger.topic.topic_arn:
            continue
        if (other.bucket.bucket_arn, other.asked) == (trigger.bucket.bucket_arn, trigger.asked):
            return other
        raise PatternError(
            trigger.node.path,
            "topic",
            rule=f"be given with the bucket, events, prefix and suffix of {other.node.path}, as "
            "whatever S3 publishes to a topic goes to all its subscribers",
            got="others",
            remedy="give it a topic of its own",
        )
    return None


def overlap(
    path: str,
    mine: Sequence[Notification],
    others: Sequence[Notification],
    owners: Mapping[Notification, str],
) -> PatternError | None:
    """What S3 would refuse of two notifications that it would tell of the same event.

    Args:
        path: The construct path of the trigger.
        mine: What S3 tells it.
        others: What S3 tells others.
        owners: The construct paths of the triggers among them.
    """
    for each in mine:
        for other in others:
            if each.overlaps(other):
                return PatternError(
                    path,
                    "events",
                    rule=f"not overlap with those of {owners.get(other, 'a notification')} in one "
                    f"bucket, {other}, as S3 refuses that",
                    got=str(each),
                    remedy="tell them apart by prefix or suffix, or give both one topic",
                )
    return None


def recursion(
    path: str,
    handler: lambda_.IFunction,
    bucket: s3.IBucket,
    mine: Sequence[Notification],
) -> PatternError | None:
    """What lets a handler cause the events that invoke it, for ever."""
    for each in mine:
        cause = causes(handler, bucket, each.event, f"{each.prefix}*{each.suffix}")
        if cause:
            return PatternError(
                path,
                "handler",
                rule=f"not be able to cause the event that invokes it, {each}: it would never end",
                got=f"a role that allows {cause}",
                remedy='grant it other keys, for example bucket.grant_put(handler, "out/*"), or '
                "another bucket",
            )
    return None


def recursion_through(
    path: str, handler: lambda_.IFunction, topic: sns.ITopic
) -> Iterator[PatternError]:
    """What lets a handler cause what the buckets of the app tell the topic that invokes it."""
    for each in handler.node.root.node.find_all():
        if not isinstance(each, s3.BucketBase):
            continue
        arn = as_text(cdk.Stack.of(each).resolve(topic.topic_arn))
        told = [one for one in notifications_of(each) if one.destination == arn]
        found = recursion(path, handler, each, told)
        if found:
            yield found


def second_configuration(path: str, bucket: s3.IBucket) -> PatternError | None:
    """What would undo the notifications of a bucket at its next update."""
    resource = bucket.node.default_child
    if isinstance(resource, s3.CfnBucket) and resource.notification_configuration is not None:
        return PatternError(
            path,
            "bucket",
            rule="have its notifications set in one place",
            got="a NotificationConfiguration of its CfnBucket, which CDK's own would overwrite",
            remedy="add them by add_event_notification and enable_event_bridge_notification",
        )
    return None
