"""A message of a topic in the forms that its subscribers get.

- A function gets ``Records`` with one ``Sns``: D,
  https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
- A queue gets the envelope, or the message itself with raw message delivery: D,
  https://docs.aws.amazon.com/sns/latest/dg/sns-large-payload-raw-message-delivery.html
- ``MessageId`` is the same for every subscriber and in every try: D,
  https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from serverless_patterns.testing.delivery._stamps import arn

if TYPE_CHECKING:
    from collections.abc import Mapping

_SIGNATURE = base64.b64encode(b"not signed by the model").decode()
_URL = "https://sns.us-east-1.amazonaws.com"


@dataclass(frozen=True)
class Notification:
    """A message that was published to a topic.

    Attributes:
        topic: The logical id of the topic.
        message: Its text.
        message_id: Its ``MessageId``.
        timestamp: When it was published, in ISO 8601.
        subject: Its subject.
        attributes: Its message attributes.
        group: Its message group.
    """

    topic: str
    message: str
    message_id: str
    timestamp: str
    subject: str | None
    attributes: Mapping[str, Any]
    group: str | None

    def event(self, subscription: str) -> dict[str, Any]:
        """The Lambda event.

        Args:
            subscription: The logical id of the subscription.
        """
        return {
            "Records": [
                {
                    "EventSource": "aws:sns",
                    "EventVersion": "1.0",
                    "EventSubscriptionArn": arn("sns", f"{self.topic}:{subscription}"),
                    "Sns": self._envelope(subscription, "SigningCertUrl", "UnsubscribeUrl")
                    | {"Subject": self.subject},
                }
            ]
        }

    def envelope(self, subscription: str) -> str:
        """What a queue gets without raw message delivery.

        Args:
            subscription: The logical id of the subscription.
        """
        envelope = self._envelope(subscription, "SigningCertURL", "UnsubscribeURL")
        if not self.attributes:
            del envelope["MessageAttributes"]
        if self.subject is not None:
            envelope["Subject"] = self.subject
        return json.dumps(envelope)

    def _envelope(self, subscription: str, certificate: str, unsubscribe: str) -> dict[str, Any]:
        unsubscribed = arn("sns", f"{self.topic}:{subscription}")
        return {
            "Type": "Notification",
            "MessageId": self.message_id,
            "TopicArn": arn("sns", self.topic),
            "Message": self.message,
            "Timestamp": self.timestamp,
            "SignatureVersion": "1",
            "Signature": _SIGNATURE,
            certificate: f"{_URL}/SimpleNotificationService-model.pem",
            unsubscribe: f"{_URL}/?Action=Unsubscribe&SubscriptionArn={unsubscribed}",
            "MessageAttributes": {
                name: {"Type": _type(value), "Value": plain(value, in_json=True)}
                for name, value in self.attributes.items()
            },
        }


def plain(value: Any, *, in_json: bool = False) -> Any:
    """An attribute's value as a queue has it: a list is JSON text."""
    if isinstance(value, list | tuple):
        return json.dumps(list(value))
    if not in_json:
        return value
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)


def _type(value: Any) -> str:
    match value:
        case bytes():
            return "Binary"
        case int() | float():
            return "Number"
        case list() | tuple():
            return "String.Array"
    return "String"
