"""The command `serverless-patterns replay`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import click
from botocore.exceptions import BotoCoreError, ClientError

from serverless_patterns._streams.failure_sources import of_bucket, of_file, of_queue
from serverless_patterns.replay import ReplayError, invoke, replay

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serverless_patterns._streams.failure_sources import Failure


@click.command("replay")
@click.option("--queue-url", help="The queue that a consumer's failures go to.")
@click.option("--s3", metavar="S3_URL", help="An object of the bucket, or a prefix ending in /.")
@click.option(
    "--file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A saved record."
)
@click.option("--function", metavar="NAME", help="The function to invoke.")
@click.option("--batch-size", type=click.IntRange(min=1), help="The most records of an event.")
def main(
    *,
    queue_url: str | None,
    s3: str | None,
    file: Path | None,
    function: str | None,
    batch_size: int | None,
) -> None:
    """Replay records of a stream that Lambda gave up.

    Fetches the records that the failure records of a KinesisConsumer or a DynamoDbConsumer point
    to, and prints them as events, one a line. With --function it invokes the function with them
    instead, and deletes a message from the queue once the function has handled its records. With
    --batch-size 1 a record that fails again holds up no other.
    """
    if sum(each is not None for each in (queue_url, s3, file)) != 1:
        raise click.UsageError("give one of --queue-url, --s3 and --file")
    if s3 is not None and not s3.startswith("s3://"):
        raise click.BadParameter(f"must be s3://bucket/key, got {s3}", param_hint="--s3")
    replayed = failed = 0
    try:
        for failure in _failures(queue_url, s3, file):
            try:
                _replay(failure, function, batch_size)
            except ReplayError as error:
                failed += 1
                click.echo(f"{failure.name}: {error}", err=True)
            else:
                replayed += 1
    except (BotoCoreError, ClientError, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{replayed} failed batches replayed, {failed} not", err=True)
    sys.exit(1 if failed else 0)


def _failures(queue_url: str | None, s3: str | None, file: Path | None) -> Iterator[Failure]:
    if queue_url is not None:
        return of_queue(queue_url, boto3.client)
    if s3 is not None:
        return of_bucket(s3, boto3.client)
    return of_file(file or Path())


def _replay(failure: Failure, function: str | None, batch_size: int | None) -> None:
    failed = []
    for event in replay(failure.body, batch_size=batch_size):
        if function is None:
            click.echo(json.dumps(event))
            continue
        try:
            invoke(function, event)
        except ReplayError as error:  # the next events may do better
            failed.append(str(error))
    if failed:
        raise ReplayError("; ".join(failed))
    if function is not None:
        failure.done()
