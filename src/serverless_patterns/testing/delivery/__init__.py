"""A model of how Lambda delivers events, with a virtual clock, for tests in milliseconds.

``deliver`` reads a synthesized template and calls the real handlers as AWS documents it: retries,
visibility timeouts, partial batch responses, blocked shards, filters, destinations. It tells for
each event whether it was handled, is held somewhere, or is lost::

    delivery = deliver(stack, events, handlers={"IntakeHandler1A2B3C": handler})
    assert delivery.unaccounted == []

An event ends on each of its ways in one of six outcomes:

- handled: an invocation with it succeeded.
- held: a queue, a topic's subscriber or a bucket has it, or a pointer to it, which serves while
  the stream has it.
- acknowledged: it is gone as if handled, though nothing says that it was.
- filtered: a filter left it out.
- pending: it was on its way still when the model stopped.
- lost: it is gone, and nothing has it.

``lost == []`` alone says nothing of what is acknowledged or pending, nor of what was held until it
expired. ``unaccounted == []`` does: every event is handled, filtered, or held still.

Each rule stands in the module of its source, with the AWS page it follows and how sure it is:

- D: documented on the page that is named.
- O: observed against AWS by others, and not documented.
- A: assumed. It is a parameter of ``Assumptions`` where another value would change an outcome.

What isn't known is refused with a ``DeliveryError``.
"""

from serverless_patterns.testing.delivery._assumptions import Assumptions
from serverless_patterns.testing.delivery._delivery import Delivery, deliver
from serverless_patterns.testing.delivery._errors import DeliveryError
from serverless_patterns.testing.delivery._events import (
    BusEvent,
    KinesisRecord,
    S3Event,
    SnsMessage,
    SqsMessage,
    TableChange,
)
from serverless_patterns.testing.delivery._faults import Fault, Faults, Invocation
from serverless_patterns.testing.delivery._functions import LambdaContext
from serverless_patterns.testing.delivery._history import Attempt, Held, Leg, Outcome, Result

__all__ = [
    "Assumptions",
    "Attempt",
    "BusEvent",
    "Delivery",
    "DeliveryError",
    "Fault",
    "Faults",
    "Held",
    "Invocation",
    "KinesisRecord",
    "LambdaContext",
    "Leg",
    "Outcome",
    "Result",
    "S3Event",
    "SnsMessage",
    "SqsMessage",
    "TableChange",
    "deliver",
]
