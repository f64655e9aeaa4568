"""The command `serverless-patterns replay`."""

from __future__ import annotations

import json
import re
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
from botocore.exceptions import ClientError

from serverless_patterns._clients import ERRORS, INTERRUPTED, Clients, client_options
from serverless_patterns._queues.redrive_queue import is_url
from serverless_patterns._streams.failure_sources import of_bucket, of_file, of_queue
from serverless_patterns.replay import ReplayError, invoke, replay

if TYPE_CHECKING:
    from collections.abc import Generator

    from serverless_patterns._streams.failure_sources import Failure

_S3_URL = re.compile(r"s3://[^/\s]+/.*|s3://[^/\s]+")
_FUNCTION = re.compile(r"[A-Za-z0-9_:$-]{1,256}")


@click.command("replay")
@click.option("--queue-url", help="The queue that a consumer's failures go to.")
@click.option("--s3", metavar="S3_URL", help="An object of the bucket, or a prefix ending in /.")
@click.option(
    "--file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A saved record."
)
@click.option("--function", metavar="NAME", help="The function to invoke.")
@click.option("--batch-size", type=click.IntRange(min=1), help="The most records of an event.")
@client_options
def main(
    *,
    queue_url: str | None,
    s3: str | None,
    file: Path | None,
    function: str | None,
    batch_size: int | None,
    region: str | None,
    endpoint_url: str | None,
    local: bool,
) -> None:
    """Replay records of a stream that Lambda gave up.

    Fetches the records that the failure records of a KinesisConsumer or a DynamoDbConsumer point
    to, and prints them as events, one a line. With --function it invokes the function with them
    instead, and deletes a message from the queue once the function has handled its records. With
    --batch-size 1 a record that fails again holds up no other. What can't be replayed is told, and
    the rest goes on; the exit code is then 1.
    """
    _check(queue_url, s3, file, function)
    counts = _Counts()
    try:
        clients = Clients.of(queue_url, region=region, endpoint_url=endpoint_url, local=local)
        with closing(_failures(clients, queue_url, s3, file)) as failures:
            for failure in failures:
                try:
                    _replay(failure, function, batch_size, clients)
                except (ReplayError, ClientError) as error:  # the next one may do better
                    counts.failed += 1
                    click.echo(f"{failure.name}: {error}", err=True)
                else:
                    counts.replayed += 1
    except KeyboardInterrupt:
        click.echo(f"Cancelled: {counts}", err=True)
        raise click.exceptions.Exit(INTERRUPTED) from None
    except ERRORS as error:
        if counts.any:
            click.echo(counts, err=True)
        raise click.ClickException(" ".join(str(error).split())) from error
    click.echo(counts, err=True)
    sys.exit(1 if counts.failed else 0)


@dataclass
class _Counts:
    """How many failed batches were replayed, and how many couldn't be."""

    replayed: int = 0
    failed: int = 0

    @property
    def any(self) -> bool:
        """Whether there was one."""
        return bool(self.replayed or self.failed)

    def __str__(self) -> str:
        return f"{self.replayed} failed batches replayed, {self.failed} not"


def _check(queue_url: str | None, s3: str | None, file: Path | None, function: str | None) -> None:
    if sum(each is not None for each in (queue_url, s3, file)) != 1:
        raise click.UsageError("give one of --queue-url, --s3 and --file")
    if queue_url is not None and not is_url(queue_url):
        raise _bad("--queue-url", "be the URL of a queue", queue_url)
    if s3 is not None and not _S3_URL.fullmatch(s3):
        raise _bad("--s3", "be s3://bucket/key", s3)
    if function is not None and not _FUNCTION.fullmatch(function):
        raise _bad("--function", "be the name or the ARN of a function", function)


def _bad(option: str, rule: str, got: str) -> click.BadParameter:
    return click.BadParameter(f"must {rule}, got {got!r}", param_hint=option)


def _failures(
    clients: Clients, queue_url: str | None, s3: str | None, file: Path | None
) -> Generator[Failure, None, None]:
    if queue_url is not None:
        return of_queue(queue_url, clients)
    if s3 is not None:
        return of_bucket(s3, clients)
    return of_file(file or Path())


def _replay(
    failure: Failure, function: str | None, batch_size: int | None, clients: Clients
) -> None:
    failed = []
    for event in replay(failure.body, batch_size=batch_size, client=clients):
        if function is None:
            click.echo(json.dumps(event))
            continue
        try:
            invoke(function, event, client=clients)
        except ReplayError as error:  # the next events may do better
            failed.append(str(error))
    if failed:
        raise ReplayError("; ".join(failed))
    if function is not None:
        failure.done()
