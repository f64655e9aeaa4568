"""What a dead-letter queue must be for SQS to take it, and not to forget what is in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_sqs as sqs

from serverless_patterns._errors import PatternError
from serverless_patterns._queues.facts import QueueFacts, physical_name
from serverless_patterns._queues.rules import check_retained_longer
from serverless_patterns._streams.readers import TOKEN, identity

if TYPE_CHECKING:
    from constructs import IConstruct


@dataclass(frozen=True, kw_only=True)
class Source:
    """A queue whose messages are dead-lettered.

    Attributes:
        scope: Where it is defined, or is to be.
        queue: The queue, if there is one already.
        fifo: Whether it is a FIFO queue.
        name: Its physical name, if it is known.
        retention: How long it keeps a message, in seconds, if that is known.
        environment: Its region and account.
    """

    scope: IConstruct
    queue: sqs.IQueue | None
    fifo: bool
    name: str | None
    retention: int | None
    environment: tuple[str, str]

    @classmethod
    def of(cls, queue: sqs.IQueue) -> Source:
        """A queue that exists."""
        facts = QueueFacts.of(queue)
        return cls(
            scope=queue,
            queue=queue,
            fifo=bool(queue.fifo),
            name=physical_name(queue),
            retention=facts.retention if facts else None,
            environment=(queue.env.region, queue.env.account),
        )


def check_dead_letters(path: str, source: Source, letters: sqs.IQueue, *, given: bool) -> None:
    """Refuse a dead-letter queue that SQS refuses, or that holds messages for too short a time.

    Args:
        path: The construct path of the poller.
        source: The queue that is polled.
        letters: Its dead-letter queue.
        given: Whether that was given, or is what ``queue`` was defined with.

    Raises:
        PatternError: If it breaks a rule.
    """
    name = "dead_letter_queue" if given else "queue"
    be = "be" if given else "have a dead-letter queue that is"
    omit = "omit it to get one" if source.queue is None else "give the one that queue has"
    remedy = omit if given else "define it with such a one"

    def refused(rule: str, got: str, remedy: str = remedy) -> PatternError:
        return PatternError(path, name, rule=rule, got=got, remedy=remedy)

    if _is_same(source, letters):
        raise refused(
            f"{be} another queue than the one that is polled", letters.node.path or "that very one"
        )
    theirs = (letters.env.region, letters.env.account)
    for what, here, there in zip(("in", "of account"), source.environment, theirs, strict=True):
        if here != there and not any(cdk.Token.is_unresolved(each) for each in (here, there)):
            raise refused(f"{be} {what} {here} as its queue is", f"one {what} {there}")
    if bool(letters.fifo) != source.fifo:
        kinds = {True: "a FIFO queue", False: "a standard queue"}
        got = kinds[bool(letters.fifo)]
        raise refused(f"{be} {kinds[source.fifo]} as its queue is", got)
    allowing = f"{'allow' if given else 'have a dead-letter queue that allows'} queues to name it"
    facts = QueueFacts.of(letters)
    if facts and facts.denies_sources:
        without = "define it without" if given else "define that queue without"
        raise refused(
            allowing,
            "a redrive_allow_policy of DENY_ALL",
            f"{without}, or {omit}" if given else without,
        )
    if facts and facts.sources and not any(_may_be(source, each) for each in facts.sources):
        raise refused(
            allowing,
            "a redrive_allow_policy for other queues",
            f"name this queue there, or {omit}" if given else "name this queue there",
        )
    check_retained_longer(path, name, source.retention, letters, fifo=source.fifo)


def _is_same(source: Source, letters: sqs.IQueue) -> bool:
    if source.queue is not None:
        same = identity(letters, letters.queue_arn) == identity(
            source.queue, source.queue.queue_arn
        )
        return same or letters.node.path == source.queue.node.path
    return source.name is not None and source.name == physical_name(letters)


def _may_be(source: Source, arn: str) -> bool:
    """Whether an ARN may be that of a queue: what can't be known may."""
    if source.queue is not None and identity(source.scope, arn) == identity(
        source.scope, source.queue.queue_arn
    ):
        return True
    fragments = cdk.Tokenization.reverse_string(arn)
    token = fragments.first_token
    if fragments.length == 1 and isinstance(token, cdk.Reference):
        return not isinstance(token.target, sqs.CfnQueue)
    name = TOKEN.sub("}", arn).rsplit(":", maxsplit=1)[-1]  # as tokens hold colons of their own
    return "}" in name or _has_late_name(source) or name == source.name


def _has_late_name(source: Source) -> bool:
    return source.name is not None and cdk.Token.is_unresolved(source.name)
