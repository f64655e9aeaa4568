"""How a function is configured for asynchronous invocation.

- ``EventInvokeConfig`` holds for its qualifier alone, ``$LATEST`` where none is invoked: D,
  https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html
- ``DeadLetterConfig`` is the function's: D, the same page.
- Refused: an alias that is invoked where only its version is configured, as it isn't documented
  whether that holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from serverless_patterns.testing.delivery._destination_kinds import (
    BUCKET,
    ON_FAILURE,
    QUEUE,
    TOPIC,
    check_destination,
)
from serverless_patterns.testing.delivery._errors import DeliveryError
from serverless_patterns.testing.delivery._values import shown, within

if TYPE_CHECKING:
    from collections.abc import Mapping

    from serverless_patterns.testing.delivery._template import Resources

LATEST = "$LATEST"
_RETRIES = (0, 2)
_AGES = (60, 21_600)
_CONFIG = "AWS::Lambda::EventInvokeConfig"


@dataclass(frozen=True)
class Configuration:
    """What holds for a function that is invoked by a qualifier.

    Attributes:
        retries: How often an error is tried again.
        max_age: How long an event is kept, in seconds.
        on_failure: What the template has for the ARN of the on-failure destination.
        dead_letters: What it has for the ARN of the function's dead-letter target.
    """

    retries: int
    max_age: float
    on_failure: Any
    dead_letters: Any

    @classmethod
    def of(cls, resources: Resources, function: str, qualifier: str | None) -> Configuration:
        """Read it from a template.

        Args:
            resources: The template.
            function: The logical id of the function.
            qualifier: The logical id of the alias or version. Default - ``$LATEST``.

        Raises:
            DeliveryError: If Lambda would refuse it, or it isn't known which holds.
        """
        found = _configured(resources, function, qualifier)
        destinations = found.get("DestinationConfig", {})
        on_failure = destinations.get("OnFailure", {}).get("Destination")
        on_success = destinations.get("OnSuccess", {}).get("Destination")
        properties = resources.properties(function)
        dead_letters = properties.get("DeadLetterConfig", {}).get("TargetArn")
        kinds = ON_FAILURE
        check_destination(resources, on_failure, function, kinds)
        without_bucket = [kind for kind in kinds if kind != BUCKET]
        check_destination(resources, on_success, function, without_bucket)
        queue_or_topic = (QUEUE, TOPIC)
        check_destination(resources, dead_letters, function, queue_or_topic)
        return cls(
            within(function, found, "MaximumRetryAttempts", _RETRIES[1], _RETRIES),
            within(function, found, "MaximumEventAgeInSeconds", _AGES[1], _AGES),
            on_failure,
            dead_letters,
        )


def _configured(resources: Resources, function: str, qualifier: str | None) -> Mapping[str, Any]:
    """The properties of the ``EventInvokeConfig`` that holds; none if there is none."""
    configured = {
        _qualifier_of(resources, name, properties.get("Qualifier", LATEST)): properties
        for name, properties in resources.of_kind(_CONFIG)
        if _function_of(resources, name, properties.get("FunctionName")) == function
    }
    if qualifier is None:
        return configured.get(LATEST, {})
    if qualifier not in resources:
        return _of_text(function, qualifier.removeprefix(":"), configured)
    stated = resources.properties(qualifier)
    for each in (qualifier, resources.text(stated.get("Name", ""))):
        if each in configured:
            return configured[each]
    if "FunctionVersion" not in stated:
        return {}
    behind = _qualifier_of(resources, qualifier, stated["FunctionVersion"])
    if behind in configured:
        raise DeliveryError(
            f"{function}: EventInvokeConfig must be of the alias {qualifier} that is invoked, "
            f"got one of its version {behind}; whether that holds is not documented, "
            "so configure the alias"
        )
    return {}


def _of_text(
    function: str, qualifier: str, configured: Mapping[str, Mapping[str, Any]]
) -> Mapping[str, Any]:
    """What holds for an alias or a version that is written out and isn't of the template."""
    if qualifier in configured:
        return configured[qualifier]
    raise DeliveryError(
        f"{function}: the qualifier that it is invoked by must be that of an alias or a version of "
        f"the template, got {qualifier!r}; refer to the alias, or define it, as it has a "
        "configuration of its own"
    )


def _function_of(resources: Resources, config: str, value: Any) -> str | None:
    """The logical id of the function that a configuration is of."""
    found = resources.function_of(value)
    if found is None and not isinstance(value, str):
        resources.known_or_exported(value, config, "FunctionName")
    return found[0] if found else None


def _qualifier_of(resources: Resources, owner: str, value: Any) -> str:
    """The logical id of an alias or a version, else the text of it."""
    if isinstance(value, str):
        return value
    for inner in _nested(value):
        found = resources.target(inner)
        if found is not None:
            return found
    raise DeliveryError(
        f"{owner}: the qualifier must be a text or of an alias or a version of the template, got "
        f"{shown(value)}; write it out"
    )


def _nested(value: Any) -> list[Any]:
    """A value and all that is in it, in order."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [value, *(each for part in inner for each in _nested(part) if not isinstance(each, str))]
