"""What happens to an object, in the forms that a bucket tells it.

- ``Records`` with one ``s3``, the key URL-encoded: D,
  https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
- EventBridge gets its own form, the key as it is: D,
  https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
- The names of events: D,
  https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
- Refused: a name that S3 doesn't have.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

from serverless_patterns.testing.delivery._errors import DeliveryError
from serverless_patterns.testing.delivery._events import BusEvent
from serverless_patterns.testing.delivery._stamps import ACCOUNT, REGION

# The names of events, with what EventBridge calls them and the reason in its detail.
_NAMES: dict[str, tuple[str, str]] = {
    "ObjectCreated:Put": ("Object Created", "PutObject"),
    "ObjectCreated:Post": ("Object Created", "POST Object"),
    "ObjectCreated:Copy": ("Object Created", "CopyObject"),
    "ObjectCreated:CompleteMultipartUpload": ("Object Created", "CompleteMultipartUpload"),
    "ObjectRemoved:Delete": ("Object Deleted", "DeleteObject"),
    "ObjectRemoved:DeleteMarkerCreated": ("Object Deleted", "DeleteObject"),
    "ObjectRestore:Post": ("Object Restore Initiated", ""),
    "ObjectRestore:Completed": ("Object Restore Completed", ""),
    "ObjectRestore:Delete": ("Object Restore Expired", ""),
    "LifecycleExpiration:Delete": ("Object Deleted", "Lifecycle Expiration"),
    "LifecycleExpiration:DeleteMarkerCreated": ("Object Deleted", "Lifecycle Expiration"),
    "LifecycleTransition": ("Object Storage Class Changed", ""),
    "IntelligentTiering": ("Object Access Tier Changed", ""),
    "ObjectTagging:Put": ("Object Tags Added", ""),
    "ObjectTagging:Delete": ("Object Tags Deleted", ""),
    "ObjectAcl:Put": ("Object ACL Updated", ""),
}


@dataclass(frozen=True)
class ObjectEvent:
    """Something that happened to an object.

    Attributes:
        bucket: The logical id of the bucket.
        name: What happened, without ``s3:``.
        key: The object's key.
        size: Its size in bytes.
        time: When, in ISO 8601.
        sequencer: Its place in the order of the bucket's events.

    Raises:
        DeliveryError: If S3 has no such event.
    """

    bucket: str
    name: str
    key: str
    size: int
    time: str
    sequencer: str

    def __post_init__(self) -> None:
        if self.name not in _NAMES:
            raise DeliveryError(
                f"{self.bucket}: name must be one of {', '.join(_NAMES)}, got {self.name!r}; "
                "give one of these"
            )

    @property
    def _object(self) -> dict[str, Any]:
        """What is told of the object; of one that is gone neither size nor tag."""
        described: dict[str, Any] = {"sequencer": self.sequencer}
        if _NAMES[self.name][0] != "Object Deleted":
            tag = hashlib.sha256(f"{self.key}/{self.sequencer}".encode()).hexdigest()[:32]
            described |= {"size": self.size, "eTag": tag}
        return described

    def event(self) -> dict[str, Any]:
        """The Lambda event, and the message of a queue or a topic."""
        return {
            "Records": [
                {
                    "eventVersion": "2.1",
                    "eventSource": "aws:s3",
                    "awsRegion": REGION,
                    "eventTime": self.time,
                    "eventName": self.name,
                    "userIdentity": {"principalId": "AWS:AIDAMODEL"},
                    "requestParameters": {"sourceIPAddress": "127.0.0.1"},
                    "responseElements": {
                        "x-amz-request-id": self.sequencer,
                        "x-amz-id-2": self.sequencer,
                    },
                    "s3": {
                        "s3SchemaVersion": "1.0",
                        "configurationId": self.bucket,
                        "bucket": {
                            "name": self.bucket,
                            "ownerIdentity": {"principalId": "AIDAMODEL"},
                            "arn": f"arn:aws:s3:::{self.bucket}",
                        },
                        "object": {"key": quote_plus(self.key, safe="/")} | self._object,
                    },
                }
            ]
        }

    def bus_event(self) -> BusEvent:
        """The event that goes to the default bus."""
        detail_type, reason = _NAMES[self.name]
        described = self._object
        if "eTag" in described:
            described["etag"] = described.pop("eTag")
        detail: dict[str, Any] = {
            "version": "0",
            "bucket": {"name": self.bucket},
            "object": {"key": self.key} | described,
            "request-id": self.sequencer,
            "requester": ACCOUNT,
        }
        if reason:
            detail["reason"] = reason
        return BusEvent(
            source="aws.s3",
            detail_type=detail_type,
            detail=detail,
            resources=(f"arn:aws:s3:::{self.bucket}",),
        )
