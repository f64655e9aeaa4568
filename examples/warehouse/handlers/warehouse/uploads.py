"""Uploads to S3, as an SNS topic passes them on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True)
class Upload:
    """An object that was uploaded.

    Attributes:
        bucket: Its bucket.
        key: Its key, as S3 knows it.
        version: Its version, in a bucket that keeps them.
        sequencer: What orders the uploads under one key.
        size: Its size in bytes.
    """

    bucket: str
    key: str
    version: str | None
    sequencer: str
    size: int


def records_of(event: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The records of S3 in an event of SNS.

    There are none in the message by which S3 tries a topic that it is newly told to notify.
    """
    for notification in event["Records"]:
        message = json.loads(notification["Sns"]["Message"])
        yield from message.get("Records", ())


def upload(record: Mapping[str, Any]) -> Upload:
    """The upload that a record of S3 tells of: S3 encodes keys as in a URL."""
    thing = record["s3"]["object"]
    return Upload(
        bucket=record["s3"]["bucket"]["name"],
        key=unquote_plus(thing["key"]),
        version=thing.get("versionId"),
        sequencer=thing["sequencer"],
        size=thing.get("size", 0),
    )
