"""Where failure records are read from: a file, a bucket or a queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_WAIT_SECONDS = 2  # a queue without messages is asked for as long, to be sure of it


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A failure record, and what to do when its records are handled.

    Attributes:
        name: Where it is.
        body: What Lambda wrote.
        done: Removes it, if it is a message.
    """

    name: str
    body: str
    done: Callable[[], None] = lambda: None


def of_file(file: Path) -> Iterator[Failure]:
    """The failure record in a file."""
    yield Failure(name=str(file), body=file.read_text(encoding="utf-8"))


def of_bucket(url: str, client: Callable[..., Any]) -> Iterator[Failure]:
    """The failure records of a bucket, which stay there until they expire.

    Args:
        url: ``s3://bucket/key``, or ``s3://bucket/prefix/`` for all under it.
        client: Makes clients.
    """
    parts = urlsplit(url)
    bucket, key = parts.netloc, parts.path.removeprefix("/")
    s3 = client("s3")
    for each in [key] if key and not key.endswith("/") else _keys(s3, bucket, key):
        body = s3.get_object(Bucket=bucket, Key=each)["Body"].read().decode()
        yield Failure(name=f"s3://{bucket}/{each}", body=body)


def _keys(s3: Any, bucket: str, prefix: str) -> Iterator[str]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        yield from (each["Key"] for each in page.get("Contents", ()))


def of_queue(url: str, client: Callable[..., Any]) -> Iterator[Failure]:
    """The failure records of a queue, each once.

    One message at a time: others that waited here for their turn would become visible again.

    Args:
        url: The URL of the queue.
        client: Makes clients.
    """
    sqs = client("sqs")
    seen = set()
    while True:
        answer = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=1, WaitTimeSeconds=_WAIT_SECONDS
        )
        [message] = answer.get("Messages") or [None]
        if message is None or message["MessageId"] in seen:  # seen: it failed, and is back
            return
        seen.add(message["MessageId"])
        yield Failure(
            name=f"message {message['MessageId']}",
            body=message["Body"],
            done=_deletion(sqs, url, message["ReceiptHandle"]),
        )


def _deletion(sqs: Any, url: str, receipt_handle: str) -> Callable[[], None]:
    def delete() -> None:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=receipt_handle)

    return delete
