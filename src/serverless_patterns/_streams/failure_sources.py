"""Where failure records are read from: a file, a bucket or a queue."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from serverless_patterns import _quotas
from serverless_patterns._streams.failed_batch import ReplayError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

_WAIT_SECONDS = 2  # a queue without messages is asked for as long, to be sure of it
# Longer than the longest invocation, so that none comes back while its records are handled.
_HIDDEN_SECONDS = _quotas.LAMBDA_TIMEOUT_SECONDS.stop - 1 + 60


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A failure record, and what to do when its records are handled.

    Attributes:
        name: Where it is.
        read: Fetches what Lambda wrote.
        done: Removes it, if it is a message.
    """

    name: str
    read: Callable[[], bytes]
    done: Callable[[], None] = lambda: None

    @property
    def body(self) -> str:
        """What Lambda wrote.

        Raises:
            ReplayError: If it is no text.
        """
        content = self.read()
        try:
            return content.decode()
        except UnicodeDecodeError as error:
            raise ReplayError(f"a failure record must be UTF-8, got {content[:20]!r}") from error


def of_file(file: Path) -> Generator[Failure, None, None]:
    """The failure record in a file."""
    yield Failure(name=str(file), read=file.read_bytes)


def of_bucket(url: str, client: Callable[..., Any]) -> Generator[Failure, None, None]:
    """The failure records of a bucket, which stay there until they expire.

    Args:
        url: ``s3://bucket/key``, or ``s3://bucket/prefix/`` for all under it.
        client: Makes clients.
    """
    parts = urlsplit(url)
    bucket, key = parts.netloc, parts.path.removeprefix("/")
    s3 = client("s3")
    for each in [key] if key and not key.endswith("/") else _keys(s3, bucket, key):
        yield Failure(name=f"s3://{bucket}/{each}", read=_object(s3, bucket, each))


def _object(s3: Any, bucket: str, key: str) -> Callable[[], bytes]:
    def read() -> bytes:
        content: bytes = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return content

    return read


def _keys(s3: Any, bucket: str, prefix: str) -> Iterator[str]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for each in page.get("Contents", ()):
            if not each["Key"].endswith("/"):  # an empty object that the console shows as a folder
                yield each["Key"]


def of_queue(url: str, client: Callable[..., Any]) -> Generator[Failure, None, None]:
    """The failure records of a queue, each once; those that are not done are visible afterwards.

    One message at a time: others that waited here for their turn would become visible again.

    Args:
        url: The URL of the queue.
        client: Makes clients.
    """
    sqs = client("sqs")
    seen: set[str] = set()
    kept: dict[str, str] = {}  # receipt handles
    try:
        while True:
            answer = sqs.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=1,
                VisibilityTimeout=_HIDDEN_SECONDS,
                WaitTimeSeconds=_WAIT_SECONDS,
            )
            [message] = answer.get("Messages") or [None]
            if message is None:
                return
            name = message["MessageId"]
            kept[name] = message["ReceiptHandle"]
            if name in seen:  # it was tried, is back after all, and is hidden again
                continue
            seen.add(name)
            yield Failure(
                name=f"message {name}",
                read=message["Body"].encode,
                done=_deletion(sqs, url, name, kept),
            )
    finally:
        for receipt_handle in kept.values():
            with contextlib.suppress(ClientError):  # which would hide what broke
                sqs.change_message_visibility(
                    QueueUrl=url, ReceiptHandle=receipt_handle, VisibilityTimeout=0
                )


def _deletion(sqs: Any, url: str, name: str, kept: dict[str, str]) -> Callable[[], None]:
    def delete() -> None:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=kept[name])
        del kept[name]

    return delete
