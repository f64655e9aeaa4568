"""A queue as SQS tells of it, and how far its messages are moved."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_ARN = re.compile(r"arn:[^:]+:sqs:(?P<region>[^:]+):(?P<account>\d*):(?P<name>[^:]+)")
_HOST = r"(?:[^/\s]+\.)?sqs(?:-fips)?\.(?P<region>[a-z0-9-]+)\.[^/\s]+"
_OLD_HOST = r"(?P<old>[a-z0-9-]+)\.queue\.amazonaws\.com[^/\s]*"
_URL = re.compile(rf"https?://(?:{_HOST}|{_OLD_HOST}|[^/\s]+)/\S+")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}|[A-Za-z0-9_-]{1,75}\.fifo")
_NOT_THERE = {
    "AWS.SimpleQueueService.NonExistentQueue",
    "QueueDoesNotExist",
    "InvalidAddress",
    "AWS.SimpleQueueService.InvalidAddress",
}


class RedriveError(Exception):
    """Dead letters that can't be moved; its message is one line."""


@dataclass(frozen=True)
class Progress:
    """How far a redrive is.

    Attributes:
        moved: How many messages were moved.
        total: How many are to be moved, as far as SQS knows.
    """

    moved: int
    total: int | None


@dataclass(frozen=True)
class Queue:
    """A queue.

    Attributes:
        url: Its URL.
        arn: Its ARN.
        messages: How many messages wait in it.
        letters: The ARN of its own dead-letter queue, if it has one.
    """

    url: str
    arn: str
    messages: int
    letters: str | None

    @property
    def name(self) -> str:
        """Its name."""
        return self.arn.rsplit(":", maxsplit=1)[-1]

    @property
    def is_fifo(self) -> bool:
        """Whether it is a FIFO queue."""
        return self.name.endswith(".fifo")

    @classmethod
    def find(cls, client: SQSClient, queue: str) -> Queue:
        """The queue of a URL, an ARN or a name.

        Raises:
            RedriveError: If there is none.
        """
        arn = _ARN.fullmatch(queue)
        try:
            if _URL.fullmatch(queue):
                url = queue
            elif arn and arn["account"]:
                url = client.get_queue_url(
                    QueueName=arn["name"], QueueOwnerAWSAccountId=arn["account"]
                )["QueueUrl"]
            else:
                name = arn["name"] if arn else queue
                url = client.get_queue_url(QueueName=name)["QueueUrl"]
            answer = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
        except ClientError as error:
            if error.response["Error"]["Code"] not in _NOT_THERE:
                raise
            region = client.meta.region_name
            raise RedriveError(f"there is no queue {queue} in {region}") from error
        attributes = answer["Attributes"]
        policy = json.loads(attributes.get("RedrivePolicy") or "{}")
        return cls(
            url,
            attributes["QueueArn"],
            int(attributes.get("ApproximateNumberOfMessages", 0)),
            policy.get("deadLetterTargetArn"),
        )


def region_in(queue: str) -> str | None:
    """The region that an ARN or a URL names."""
    if arn := _ARN.fullmatch(queue):
        return arn["region"]
    url = _URL.fullmatch(queue)
    return (url["region"] or url["old"]) if url else None


def is_url(text: str) -> bool:
    """Whether a text may be the URL of a queue."""
    return _URL.fullmatch(text) is not None


def is_queue(text: str) -> bool:
    """Whether a text may be the URL, the ARN or the name of a queue."""
    return is_url(text) or any(each.fullmatch(text) for each in (_ARN, _NAME))
