"""The command `serverless-patterns redrive`."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import click
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from serverless_patterns import _quotas
from serverless_patterns._queues.redrive_queue import Progress, Queue, RedriveError, region_in
from serverless_patterns.local import LocalCloud, LocalCloudError
from serverless_patterns.redrive import redrive

if TYPE_CHECKING:
    from collections.abc import Iterator

_INTERRUPTED = 130  # as a shell says it
_ERRORS = (RedriveError, LocalCloudError, BotoCoreError, ClientError, OSError, ValueError)


@click.command("redrive")
@click.argument("queue")
@click.option("--to", metavar="QUEUE", help="Where to; by default back where each came from.")
@click.option(
    "--max-per-second",
    type=click.IntRange(_quotas.SQS_MOVED_PER_SECOND.start, _quotas.SQS_MOVED_PER_SECOND.stop - 1),
    help="The most messages a second.",
)
@click.option("--region", help="The queue's region, if neither QUEUE nor your settings tell.")
@click.option("--endpoint-url", metavar="URL", help="Another endpoint than AWS's.")
@click.option("--local", is_flag=True, help="A queue in the local cloud.")
def main(
    *,
    queue: str,
    to: str | None,
    max_per_second: int | None,
    region: str | None,
    endpoint_url: str | None,
    local: bool,
) -> None:
    """Move the messages of the dead-letter queue QUEUE back to where they came from.

    QUEUE is its URL, ARN or name. Ctrl-C cancels: what is not moved yet stays. A message that is
    moved has a new messageId.
    """
    if local and endpoint_url:
        raise click.UsageError(f"the local cloud has its own endpoint; omit {endpoint_url}")
    moved = Progress(0, None)
    try:
        client = _local(queue, region) if local else _client(queue, region, endpoint_url)
        with closing(redrive(client, queue, to=to, max_per_second=max_per_second)) as steps:
            for step in _shown(steps):
                moved = step
    except KeyboardInterrupt:
        click.echo(f"Cancelled: {_messages(moved)} moved, the others stay in {queue}", err=True)
        raise click.exceptions.Exit(_INTERRUPTED) from None
    except _ERRORS as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{_messages(moved)} moved from {queue}")


def _client(queue: str, region: str | None, endpoint_url: str | None) -> Any:
    import boto3  # noqa: PLC0415 - slow to import, and `--help` needs none

    return boto3.client("sqs", region_name=region or region_in(queue), endpoint_url=endpoint_url)


def _local(queue: str, region: str | None) -> Any:
    """A client of the region of the local cloud that has the queue."""
    cloud = LocalCloud()
    cloud.require_running()
    named = region or region_in(queue)
    regions = [named] if named else cloud.state.regions
    for each in regions[:-1]:
        try:
            Queue.find(cloud.client("sqs", each), queue)
        except RedriveError:
            continue
        return cloud.client("sqs", each)
    return cloud.client("sqs", regions[-1])


def _shown(steps: Iterator[Progress]) -> Iterator[Progress]:
    """The steps, with a bar where somebody watches."""
    console = Console(stderr=True)
    columns = (TextColumn("Moving"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None)
        for step in steps:
            bar.update(task, completed=step.moved, total=step.total)
            yield step


def _messages(progress: Progress) -> str:
    return f"{progress.moved} message{'' if progress.moved == 1 else 's'}"
