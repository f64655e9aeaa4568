"""Clients of AWS or of the local cloud, as the options of a command name them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click
from botocore.exceptions import BotoCoreError, ClientError

from serverless_patterns._queues.redrive_queue import Queue, RedriveError, region_in
from serverless_patterns.local import LocalCloud, LocalCloudError

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.config import Config

INTERRUPTED = 130  # as a shell says it
ERRORS = (RedriveError, LocalCloudError, BotoCoreError, ClientError, OSError, ValueError)
"""What a command tells in a line."""

_REGION = re.compile(r"[A-Za-z0-9-]{1,63}")
_ENDPOINT = re.compile(r"https?://[^/\s]+\S*")


def _checked(pattern: re.Pattern[str], wanted: str) -> Callable[..., str | None]:
    def check(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
        if value is not None and not pattern.fullmatch(value):
            raise click.BadParameter(f"must be {wanted}, got {value!r}")
        return value

    return check


def client_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say where its queue is."""
    for option in (
        click.option("--local", is_flag=True, help="Ask the local cloud, and not AWS."),
        click.option(
            "--endpoint-url",
            metavar="URL",
            callback=_checked(_ENDPOINT, "http:// or https:// and a host"),
            help="Another endpoint than AWS's.",
        ),
        click.option(
            "--region",
            callback=_checked(_REGION, "a region such as eu-west-1"),
            help="The region, if neither the queue nor your settings tell.",
        ),
    ):
        command = option(command)
    return command


@dataclass(frozen=True, kw_only=True)
class Clients:
    """Makes clients, as ``boto3.client`` does.

    Attributes:
        region: The region of those that are asked for without. Default - that of the settings.
        endpoint_url: Another endpoint than AWS's.
        cloud: The local cloud, if it is that which is asked.
    """

    region: str | None
    endpoint_url: str | None
    cloud: LocalCloud | None

    @classmethod
    def of(
        cls, queue: str | None, *, region: str | None, endpoint_url: str | None, local: bool
    ) -> Clients:
        """Those that the options of a command name.

        Args:
            queue: The URL, the ARN or the name of a queue.
            region: The region. Default - that of the queue.
            endpoint_url: Another endpoint than AWS's.
            local: Whether the local cloud is asked.

        Raises:
            UsageError: If two options contradict each other.
            LocalCloudError: If the local cloud doesn't run.
        """
        if local and endpoint_url:
            raise click.UsageError(f"the local cloud has its own endpoint; omit {endpoint_url}")
        named = region or (region_in(queue) if queue else None)
        if not local:
            return cls(region=named, endpoint_url=endpoint_url, cloud=None)
        cloud = LocalCloud()
        cloud.require_running()
        return cls(region=named or _region_of(cloud, queue), endpoint_url=None, cloud=cloud)

    def __call__(
        self, service: str, *, region_name: str | None = None, config: Config | None = None
    ) -> Any:
        """A client of a service."""
        region = region_name or self.region
        if self.cloud is not None:
            return self.cloud.client(service, region, config)
        import boto3  # noqa: PLC0415 - slow to import, and `--help` needs none

        return boto3.client(
            service,  # type: ignore[call-overload]
            region_name=region,
            endpoint_url=self.endpoint_url,
            config=config,
        )


def _region_of(cloud: LocalCloud, queue: str | None) -> str:
    """The region of the local cloud that has a queue; without one, its default region."""
    regions = cloud.state.regions
    if queue is None:
        return regions[0]
    for each in regions[:-1]:
        try:
            Queue.find(cloud.client("sqs", each), queue)
        except RedriveError:
            continue
        return each
    return regions[-1]
