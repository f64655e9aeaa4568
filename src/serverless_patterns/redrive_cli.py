"""The command `serverless-patterns redrive`."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from serverless_patterns import _quotas
from serverless_patterns._clients import ERRORS, INTERRUPTED, Clients, client_options
from serverless_patterns._queues.redrive_queue import Progress, is_queue
from serverless_patterns.redrive import redrive

if TYPE_CHECKING:
    from collections.abc import Iterator


@click.command("redrive")
@click.argument("queue")
@click.option("--to", metavar="QUEUE", help="Where to; by default back where each came from.")
@click.option(
    "--max-per-second",
    type=click.IntRange(_quotas.SQS_MOVED_PER_SECOND.start, _quotas.SQS_MOVED_PER_SECOND.stop - 1),
    help="The most messages a second.",
)
@client_options
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
    for name, each in (("QUEUE", queue), ("--to", to)):
        if each is not None and not is_queue(each):
            rule = "be the URL, the ARN or the name of a queue"
            raise click.BadParameter(f"must {rule}, got {each!r}", param_hint=name)
    moved = Progress(0, None)
    try:
        clients = Clients.of(queue, region=region, endpoint_url=endpoint_url, local=local)
        client = clients("sqs")
        with closing(redrive(client, queue, to=to, max_per_second=max_per_second)) as steps:
            for step in _shown(steps):
                moved = step
    except KeyboardInterrupt:
        click.echo(f"Cancelled: {_messages(moved)} moved, the others stay in {queue}", err=True)
        raise click.exceptions.Exit(INTERRUPTED) from None
    except ERRORS as error:
        raise click.ClickException(" ".join(str(error).split())) from error
    click.echo(f"{_messages(moved)} moved from {queue}")


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
