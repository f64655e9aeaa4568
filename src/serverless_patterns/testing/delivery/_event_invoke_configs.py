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

if TYPE_CHECKING:
    from collections.abc import Mapping

    from serverless_patterns.testing.delivery._template import Resources

LATEST = "$LATEST"
_RETRIES = (0, 2)
_AGES = (60, 21_600)


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
            int(_checked(found, function, "MaximumRetryAttempts", _RETRIES)),
            _checked(found, function, "MaximumEventAgeInSeconds", _AGES),
            on_failure,
            dead_letters,
        )


def _checked(
    configuration: Mapping[str, Any], function: str, name: str, bounds: tuple[int, int]
) -> float:
    value = float(configuration.get(name, bounds[1]))
    if not bounds[0] <= value <= bounds[1]:
        raise DeliveryError(
            f"{function}: {name} must be {bounds[0]} to {bounds[1]}, got {value:g}; "
            "give one of these"
        )
    return value


def _configured(resources: Resources, function: str, qualifier: str | None) -> Mapping[str, Any]:
    """The properties of the ``EventInvokeConfig`` that holds; none if there is none."""
    configured = {
        _qualifier_of(resources, properties.get("Qualifier", LATEST)): properties
        for _, properties in resources.of_kind("AWS::Lambda::EventInvokeConfig")
        if (resources.function_of(properties.get("FunctionName")) or "")[:1] == (function,)
    }
    if qualifier is None:
        return configured.get(LATEST, {})
    name = str(resources.properties(qualifier).get("Name", ""))
    for each in (qualifier, name):
        if each in configured:
            return configured[each]
    version = resources.properties(qualifier).get("FunctionVersion")
    behind = _qualifier_of(resources, version)
    if behind in configured:
        raise DeliveryError(
            f"{function}: EventInvokeConfig must be of the alias {qualifier} that is invoked, "
            f"got one of its version {behind}; whether that holds is not documented, "
            "so configure the alias"
        )
    return {}


def _qualifier_of(resources: Resources, value: Any) -> str:
    """The logical id of an alias or a version, else the text of it."""
    if isinstance(value, str):
        return value
    for inner in _nested(value):
        found = resources.target(inner)
        if found is not None:
            return found
    return ""


def _nested(value: Any) -> list[Any]:
    """A value and all that is in it, in order."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [value, *(each for part in inner for each in _nested(part) if not isinstance(each, str))]
