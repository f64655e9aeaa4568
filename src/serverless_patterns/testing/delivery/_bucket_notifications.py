"""What a template says of whom a bucket tells what.

CloudFormation's ``NotificationConfiguration`` and the custom resource of CDK, which puts the whole
configuration anew after the bucket is made, and with it replaces what the bucket has, unless it is
not ``Managed``. The rules stand in ``_buckets.py``, but for this one:

- A prefix and a suffix are URL-encoded; for one with a special character that isn't, such as
  ``=``, S3 tells nothing: O, https://github.com/aws/aws-cdk/pull/28012
  What needs no encoding: D, https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus, unquote_plus

from serverless_patterns.testing.delivery._destination_kinds import (
    FUNCTION,
    QUEUE,
    TOPIC,
    is_fifo_resource,
)
from serverless_patterns.testing.delivery._errors import DeliveryError
from serverless_patterns.testing.delivery._permissions import may_invoke, may_send
from serverless_patterns.testing.delivery._template import is_true

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from serverless_patterns.testing.delivery._simulation import Simulation
    from serverless_patterns.testing.delivery._template import Resources

PRINCIPAL = "s3.amazonaws.com"
_CUSTOM = "Custom::S3BucketNotifications"
# The lists of a configuration, with the names of the target in CloudFormation and in S3's API.
_LISTS = {
    "LambdaConfigurations": "Function",
    "LambdaFunctionConfigurations": "LambdaFunctionArn",
    "QueueConfigurations": "Queue",
    "TopicConfigurations": "Topic",
}
_KINDS = (FUNCTION, QUEUE, TOPIC)
_PLAIN = "/!'()"  # what S3 calls safe, beside what quoting leaves
_ENCODED = re.compile(r"(?:[A-Za-z0-9/!'()_.+-]|%[0-9A-Fa-f]{2})*")


@dataclass(frozen=True)
class Configuration:
    """One configuration: which events go to what.

    Attributes:
        names: The events, without ``s3:``, perhaps with ``*`` at the end.
        target: What the template has for the ARN of where they go.
        prefix: What keys begin with.
        suffix: What keys end with.
    """

    names: tuple[str, ...]
    target: Any
    prefix: str
    suffix: str

    def takes(self, name: str, key: str) -> bool:
        """Whether an event goes to the target."""
        return (
            any(_is_one_of(name, pattern) for pattern in self.names)
            and key.startswith(self.prefix)
            and key.endswith(self.suffix)
        )

    def overlaps(self, other: Configuration) -> bool:
        """Whether an event may be for both."""
        prefixes = sorted((self.prefix, other.prefix), key=len)
        suffixes = sorted((self.suffix, other.suffix), key=len)
        return (
            any(
                _is_one_of(mine, theirs) or _is_one_of(theirs, mine)
                for mine, theirs in itertools.product(self.names, other.names)
            )
            and prefixes[1].startswith(prefixes[0])
            and suffixes[1].endswith(suffixes[0])
        )


class Notifications:
    """The configurations of a bucket.

    Args:
        simulation: The run.
        bucket: The logical id of the bucket.

    Attributes:
        each: The configurations.
        has_event_bridge: Whether events go to the default bus.
        letting_in: The logical ids of the targets that let S3 in.

    Raises:
        DeliveryError: If S3 would refuse them.
    """

    def __init__(self, simulation: Simulation, bucket: str) -> None:
        self._resources = simulation.resources
        self._bucket = bucket
        own = self._resources.properties(bucket).get("NotificationConfiguration") or {}
        custom = [
            properties
            for name, properties in self._resources.of_kind(_CUSTOM)
            if self._resources.known_or_exported(properties.get("BucketName"), name, "BucketName")
            == bucket
        ]
        if own and any(is_true(each.get("Managed", True)) for each in custom):
            simulation.warn(
                f"{bucket}: its NotificationConfiguration is replaced by the custom resource of "
                "CDK; configure it in one place"
            )
            own = {}
        configurations = [own, *(each.get("NotificationConfiguration", {}) for each in custom)]
        self.each = [found for each in configurations for found in _read(bucket, each)]
        self.has_event_bridge = any(map(_has_event_bridge, configurations))
        self.letting_in: set[str] = set()
        self._check(
            is_validated=not any(is_true(each.get("SkipDestinationValidation")) for each in custom)
        )

    def _check(self, *, is_validated: bool) -> None:
        for one, other in itertools.combinations(self.each, 2):
            if one.overlaps(other):
                raise DeliveryError(
                    f"{self._bucket}: notifications must not overlap for one event, "
                    f"got {_shown(one)} and {_shown(other)}; S3 refuses them, so "
                    "tell them apart or fan out through a topic"
                )
        for each in self.each:
            target = target_of(self._resources, each.target)
            if not self._resources.function_of(each.target):
                self._resources.known(each.target, self._bucket, "notifications")
            if target is None:
                continue
            self._check_kind(target)
            if _lets_in(self._resources, self._bucket, each.target):
                self.letting_in.add(target)
            elif is_validated:
                raise DeliveryError(
                    f"{self._bucket}: notifications must go to what lets {PRINCIPAL} in, "
                    f"got {target}; S3 refuses them, so add the permission or the policy"
                )

    def _check_kind(self, target: str) -> None:
        kind = self._resources.kind(target)
        if kind not in _KINDS:
            raise DeliveryError(
                f"{self._bucket}: notifications must go to a function, a queue or a topic, "
                f"got {target} ({kind}); name another"
            )
        if is_fifo_resource(self._resources, target):
            raise DeliveryError(
                f"{self._bucket}: notifications must not go to what is FIFO, got {target}; "
                "name a standard one"
            )


def target_of(resources: Resources, value: Any) -> str | None:
    """The logical id of a target, of an alias its function's."""
    function = resources.function_of(value)
    return function[0] if function else resources.target(value)


def _lets_in(resources: Resources, bucket: str, value: Any) -> bool:
    """Whether a target in the template lets S3 in for a bucket."""
    function = resources.function_of(value)
    if function is not None:
        return may_invoke(resources, *function, PRINCIPAL, bucket)
    return may_send(resources, str(resources.target(value)), PRINCIPAL, bucket)


def _read(bucket: str, configuration: Mapping[str, Any]) -> Iterator[Configuration]:
    for key, name in _LISTS.items():
        for each in configuration.get(key, []):
            events = each.get("Events", [each["Event"]] if "Event" in each else [])
            if not events:
                raise DeliveryError(
                    f"{bucket}: {key} must name events, got none; name one, as S3 refuses it "
                    "otherwise"
                )
            filters = {"prefix": "", "suffix": ""}
            named = each.get("Filter", {})
            rules = named.get("S3Key", {}).get("Rules", [])
            for rule in [*rules, *named.get("Key", {}).get("FilterRules", [])]:
                part = str(rule.get("Name")).lower()
                if part not in filters:
                    raise DeliveryError(
                        f"{bucket}: Name of a filter rule must be prefix or suffix, got "
                        f"{rule.get('Name')!r}; give one of these"
                    )
                filters[part] = _decoded(f"{bucket}: {part}", rule.get("Value"))
            yield Configuration(
                tuple(str(event).removeprefix("s3:") for event in events),
                each.get(name, each.get(f"{name}Arn")),
                **filters,
            )


def _decoded(owner: str, value: Any) -> str:
    """What a prefix or a suffix stands for."""
    if not isinstance(value, str):
        raise DeliveryError(
            f"{owner} must be a text in the template, got {value!r}; write the text, as what is "
            "delivered depends on it"
        )
    if "*" in value:
        raise DeliveryError(
            f"{owner} must be without wildcards, got {value!r}; write what a key begins or ends "
            "with"
        )
    meant = unquote_plus(value)
    if not _ENCODED.fullmatch(value):
        raise DeliveryError(
            f"{owner} must be URL-encoded, got {value!r}; write "
            f"{quote_plus(meant, safe=_PLAIN)!r}, as S3 tells nothing of it otherwise"
        )
    return meant


def _has_event_bridge(configuration: Mapping[str, Any]) -> bool:
    if "EventBridgeConfiguration" not in configuration:
        return False
    return is_true(configuration["EventBridgeConfiguration"].get("EventBridgeEnabled", True))


def _is_one_of(name: str, pattern: str) -> bool:
    return name == pattern or (pattern.endswith("*") and name.startswith(pattern[:-1]))


def _shown(configuration: Configuration) -> str:
    names = ", ".join(configuration.names)
    return f"{names} with prefix {configuration.prefix!r} and suffix {configuration.suffix!r}"
