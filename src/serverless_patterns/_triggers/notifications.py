"""The notifications of a bucket, and which of them S3 takes beside each other."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote_plus, unquote_plus

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3

from serverless_patterns._acknowledge import acknowledge
from serverless_patterns._streams.readers import identity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# What stays as it is in a filter, beside letters and digits.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html#object-key-guidelines-safe-characters
_SAFE = "/!-_.*'()"
_PROVIDER = "BucketNotificationsHandler"
_PROVIDER_POLICY = "iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


@dataclass(frozen=True)
class Notification:
    """What S3 tells of, to whom; the prefix and the suffix as keys have them, not encoded.

    Two that differ in nothing but the destination are equal: it is said in other words at synthesis
    than before, where it stands in another stack.
    """

    event: str
    prefix: str
    suffix: str
    destination: str = field(compare=False)

    def overlaps(self, other: Notification) -> bool:
        """Whether one object and one event may be told by both, which S3 refuses.

        A prefix that is a token is nobody's prefix: it isn't guessed.
        """
        return (
            (_within(self.event, other.event) or _within(other.event, self.event))
            and (self.prefix.startswith(other.prefix) or other.prefix.startswith(self.prefix))
            and (self.suffix.endswith(other.suffix) or other.suffix.endswith(self.suffix))
        )

    def __str__(self) -> str:
        return " ".join(
            (
                self.event.removeprefix("s3:"),
                *([f"under {self.prefix!r}"] if self.prefix else []),
                *([f"ending in {self.suffix!r}"] if self.suffix else []),
            )
        )


def notifications_of(bucket: s3.IBucket) -> list[Notification]:
    """Every notification that a bucket has by now, whoever added it."""
    there = bucket.node.try_find_child("Notifications")
    if there is None:
        return []
    resource = cast("cdk.CfnResource", there.node.find_child("Resource"))
    properties = cdk.Stack.of(resource).resolve(resource._cfn_properties)  # noqa: SLF001
    return [*_listed(properties["NotificationConfiguration"])]


def others_of(bucket: s3.IBucket) -> list[s3.IBucket]:
    """Every construct of the app that stands for the same bucket, defined or imported."""
    name = _name_of(bucket)
    return [
        each
        for each in bucket.node.root.node.find_all()
        if isinstance(each, s3.BucketBase) and _name_of(each) == name
    ]


def names_of(bucket: s3.IBucket) -> set[str]:
    """Every name by which a template may call a bucket, as ``identity`` tells it."""
    return {_name_of(bucket), *(identity(each, each.bucket_name) for each in others_of(bucket))}


def _name_of(bucket: s3.IBucket) -> str:
    """The name of a bucket, the same for all constructs that stand for it."""
    resource = bucket.node.default_child
    chosen = resource.bucket_name if isinstance(resource, s3.CfnBucket) else None
    if chosen is None or cdk.Token.is_unresolved(chosen):  # as that is which CloudFormation makes
        chosen = bucket.bucket_name
    return identity(bucket, chosen)


def encoded(text: str) -> str:
    """A part of a key as S3 asks for it in a filter: a space is ``+``, others are percent-encoded.

    See https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
    """
    if cdk.Token.is_unresolved(text):
        return text
    return quote_plus(text, safe=_SAFE).replace("~", "%7E")  # which Python never encodes


def acknowledge_provider(bucket: s3.IBucket) -> None:
    """Acknowledge what CDK's own function breaks, which sets the notifications of buckets."""
    for each in cdk.Stack.of(bucket).node.children:
        role = each.node.try_find_child("Role")
        if each.node.id.startswith(_PROVIDER) and role:
            acknowledge(
                role,
                f"AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:{_PROVIDER_POLICY}]",
                reason="CDK's own function, which sets the notifications of buckets at deployment, "
                "writes its log by AWS's policy for that.",
            )


def _listed(configuration: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[Notification]:
    for kind, entries in configuration.items():
        for entry in entries if kind.endswith("Configurations") else ():
            [destination] = [value for key, value in entry.items() if key.endswith("Arn")]
            rules = {
                rule["Name"]: _decoded(rule["Value"])
                for rule in entry.get("Filter", {}).get("Key", {}).get("FilterRules", [])
            }
            for event in entry["Events"]:
                yield Notification(
                    event, rules.get("prefix", ""), rules.get("suffix", ""), as_text(destination)
                )


def _decoded(value: Any) -> str:
    return unquote_plus(value) if isinstance(value, str) else as_text(value)


def as_text(value: Any) -> str:
    """A value of a template as a text, the same for what is said in the same words."""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def _within(event: str, family: str) -> bool:
    return event == family or (family.endswith(":*") and event.startswith(family[:-1]))
