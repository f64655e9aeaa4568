"""What can be a destination or a dead-letter queue.

- A function's on-failure destination is a standard queue or topic, a bucket, a function or a bus;
  its dead-letter target is a standard queue or topic: D,
  https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
- A rule's dead-letter queue is a standard queue: D,
  https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from serverless_patterns.testing.delivery._errors import DeliveryError
from serverless_patterns.testing.delivery._template import is_true
from serverless_patterns.testing.delivery._values import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from serverless_patterns.testing.delivery._template import Resources

DEFAULT_BUS = "default"
QUEUE, TOPIC = "AWS::SQS::Queue", "AWS::SNS::Topic"
BUCKET, BUS, FUNCTION = "AWS::S3::Bucket", "AWS::Events::EventBus", "AWS::Lambda::Function"
ON_FAILURE = (QUEUE, TOPIC, BUCKET, FUNCTION, BUS)


def check_destination(
    resources: Resources, destination: Any, owner: str, kinds: Iterable[str] = ON_FAILURE
) -> None:
    """Refuse a destination that Lambda would refuse.

    Raises:
        DeliveryError: If it is of another kind, or FIFO.
    """
    target = destination_of(resources, destination)
    if target is None or target not in resources:
        return
    found = resources.function_of(destination)
    kind = FUNCTION if found else resources.kind(target)
    names = ", ".join(each.rpartition("::")[2].lower() for each in kinds)
    if kind not in kinds:
        raise DeliveryError(
            f"{owner}: destination must be one of {names}, got {target} ({kind}); name another"
        )
    if is_fifo_resource(resources, target):
        raise DeliveryError(
            f"{owner}: destination must not be FIFO, got {target}; name a standard one"
        )


def destination_of(resources: Resources, destination: Any) -> str | None:
    """The logical id of a destination; of the default bus its name, of what is outside none."""
    if resources.text(destination).endswith(":event-bus/default"):
        return DEFAULT_BUS
    return resources.target(destination)


def is_fifo_resource(resources: Resources, target: str) -> bool:
    """Whether a queue or a topic is FIFO."""
    properties = resources.properties(target)
    return is_true(properties.get("FifoQueue", properties.get("FifoTopic")))


def warn_of_outside(resources: Resources, owner: str, value: Any, principal: str) -> None:
    """Tell the user that nothing tells whether a target outside the template lets a service in."""
    resources.warn(
        f"{owner}: {outside_name(value)} is taken to let {principal} in; check that it does, or "
        "pass it and its policy as imported"
    )


def outside_name(value: Any) -> str:
    """What to call something that isn't in the template."""
    return f"{value if isinstance(value, str) else shown(value)} outside the template"
