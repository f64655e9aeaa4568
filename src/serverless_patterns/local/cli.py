"""The commands of the local cloud: `serverless-patterns local`."""

from __future__ import annotations

import datetime as dt
import signal
import sys
import time
from collections import Counter
from pathlib import Path
from subprocess import SubprocessError
from typing import TYPE_CHECKING, Any

import click
from botocore.exceptions import BotoCoreError, ClientError

from serverless_patterns._wheels import Target
from serverless_patterns.local._errors import LocalCloudError
from serverless_patterns.local.deployment import deploy as deploy_app
from serverless_patterns.local.server import DEFAULT_PORT, PORT_VARIABLE, LocalCloud, stack_outputs
from serverless_patterns.local.urls import local_urls

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from serverless_patterns.local.deployment import Deployed

_POLL_SECONDS = 1.0


class _OneLineErrors(click.Group):
    """Commands whose failures are one line and a non-zero exit."""

    def invoke(self, ctx: click.Context) -> Any:
        # Ended from outside, a command still ends what it started.
        for ending in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(ending, lambda number, _: sys.exit(128 + number))
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise  # click ends in silence when nobody reads on
        except (LocalCloudError, BotoCoreError, ClientError, OSError, SubprocessError) as error:
            raise click.ClickException(str(error)) from error


@click.group("local", cls=_OneLineErrors)
@click.option(
    "--port",
    default=DEFAULT_PORT,
    show_default=True,
    type=click.IntRange(1, 65_535),
    envvar=PORT_VARIABLE,
    show_envvar=True,
    help="The port on 127.0.0.1; each has a cloud of its own.",
)
@click.pass_context
def main(ctx: click.Context, port: int) -> None:
    """Run an AWS emulator on this machine and deploy CDK apps to it, without Docker."""
    ctx.obj = LocalCloud(port)


@main.command()
@click.option("--persist", is_flag=True, help="Keep the state over `down`, and take it up again.")
@click.option("--enforce-iam", is_flag=True, help="Refuse what a role does not allow, as AWS does.")
@click.pass_obj
def up(cloud: LocalCloud, *, persist: bool, enforce_iam: bool) -> None:
    """Start the local cloud, if it doesn't run yet."""
    started = cloud.up(persist=persist, enforce_iam=enforce_iam)
    _say(f"{'Started' if started else 'Running already'}: {cloud.endpoint}")


@main.command()
@click.argument("stacks", nargs=-1)
@click.option("--app", help='The command that runs the app, such as "python app.py".')
@click.option("--all", "every_stack", is_flag=True, help="Deploy every stack.")
@click.option("-c", "--context", multiple=True, metavar="KEY=VALUE", help="A context value.")
@click.pass_obj
def deploy(
    cloud: LocalCloud,
    *,
    stacks: tuple[str, ...],
    app: str | None,
    every_stack: bool,
    context: tuple[str, ...],
) -> None:
    """Deploy STACKS of the CDK app in this folder with the real CDK CLI."""
    if every_stack and stacks:
        raise click.UsageError(f"name stacks or add --all, not both: {' '.join(stacks)}")
    pairs = [pair.partition("=") for pair in context]
    if not all(key and separator for key, separator, _ in pairs):
        raise click.BadParameter(f"must be KEY=VALUE, got {' '.join(context)}", param_hint="-c")
    deployed = deploy_app(
        cloud,
        folder=Path.cwd(),
        app=app,
        stacks=stacks,
        every_stack=every_stack,
        context={key: value for key, _, value in pairs},
        say=_say,
    )
    _say_edits(deployed)
    _say_unenforced(deployed)
    _say_outputs(deployed.outputs, cloud.port)


@main.command()
@click.pass_obj
def status(cloud: LocalCloud) -> None:
    """Say whether the local cloud runs, and what is deployed to it."""
    record = cloud.require_running()
    _say(f"Running: {cloud.endpoint}, process {record.pid}, log {cloud.state.log_file}")
    _say(f"Functions run under Python {record.python_version} ({Target.here().platform})")
    _say(f"IAM is {'enforced' if record.enforce_iam else 'not enforced'}")
    _say(f"State is {'kept over' if record.persist else 'lost with'} `down`")
    for stack in cloud.stacks():
        _say(f"{stack['StackName']}: {stack['StackStatus']}")


@main.command()
@click.pass_obj
def urls(cloud: LocalCloud) -> None:
    """Print the outputs of every stack, URLs as this machine can call them."""
    cloud.require_running()
    _say_outputs({stack["StackName"]: stack_outputs(stack) for stack in cloud.stacks()}, cloud.port)


@main.command()
@click.argument("function")
@click.option("-f", "--follow", is_flag=True, help="Go on printing what comes.")
@click.pass_obj
def logs(cloud: LocalCloud, *, function: str, follow: bool) -> None:
    """Print the logs of FUNCTION, named in full or by a part that only it has."""
    cloud.require_running()
    region, group = _log_group(cloud, function)
    for line in _log_lines(cloud.client("logs", region), group, follow=follow):
        _say(line)


@main.command()
@click.pass_obj
def reset(cloud: LocalCloud) -> None:
    """Empty the local cloud, kept state included."""
    cloud.reset()
    _say("Emptied")


@main.command()
@click.pass_obj
def down(cloud: LocalCloud) -> None:
    """Stop the local cloud and every function process."""
    _say("Stopped" if cloud.down() else "Not running")


def _say(line: str) -> None:
    click.echo(line)


def _say_edits(deployed: Deployed) -> None:
    if deployed.left_out:
        _say("\nThe emulator can't deploy all of it:")
    for left in deployed.left_out:
        _say(f"Left out: {left.stack}.{left.logical_id} ({left.type})")
    for path in deployed.lost:
        _say(f"Without its reference to what was left out: {path}")
    for path in deployed.repaired:
        _say(f"Set through the API, as the emulator's CloudFormation drops it: {path}")
    for path in deployed.translated:
        _say(f"Written with wildcards, as its CloudFormation drops regular expressions: {path}")


def _say_unenforced(deployed: Deployed) -> None:
    if deployed.unenforced:
        _say("\nThis deployment asks for what the local cloud does not enforce:")
    for limit in deployed.unenforced:
        shown = ", ".join(limit.constructs[:3])
        more = len(limit.constructs) - 3
        _say(f"  - {limit.says} ({shown}{f' and {more} more' if more > 0 else ''})")


def _say_outputs(outputs: Mapping[str, Mapping[str, str]], port: int) -> None:
    for stack, values in outputs.items():
        _say(f"\n{stack}")
        for name, value in values.items():
            first, *others = local_urls(value, port) or [value]
            _say(f"  {name} = {first}")
            for other in others:
                _say(f"  {' ' * len(name)}   {other} (in a browser)")


def _log_lines(client: Any, group: str, *, follow: bool) -> Iterator[str]:
    """The events of a log group, the oldest first; those of other streams may come late."""
    printed: Counter[tuple[int, str, str]] = Counter()
    while True:
        seen: Counter[tuple[int, str, str]] = Counter()
        for event in _log_events(client, group):
            key = event["timestamp"], event["logStreamName"], event["message"]
            seen[key] += 1
            if seen[key] > printed[key]:
                printed[key] += 1
                moment = dt.datetime.fromtimestamp(event["timestamp"] / 1000).astimezone()
                yield f"{moment:%H:%M:%S.%f} {event['message'].rstrip()}"
        if not follow:
            return
        time.sleep(_POLL_SECONDS)


def _log_events(client: Any, group: str) -> Iterator[Any]:
    try:
        for page in client.get_paginator("filter_log_events").paginate(logGroupName=group):
            yield from page["events"]
    except client.exceptions.ResourceNotFoundException:
        return  # the function was not invoked yet


def _log_group(cloud: LocalCloud, wanted: str) -> tuple[str, str]:
    """The region and the name of the log group of one function."""
    groups: dict[str, tuple[str, str]] = {}
    for region in cloud.state.regions:
        for page in cloud.client("lambda", region).get_paginator("list_functions").paginate():
            for each in page["Functions"]:
                name = each["FunctionName"]
                group = each.get("LoggingConfig", {}).get("LogGroup", f"/aws/lambda/{name}")
                groups.setdefault(name, (region, group))
    matching = [name for name in groups if name == wanted] or [
        name for name in groups if wanted.lower() in name.lower()
    ]
    if len(matching) != 1:
        found = (
            f"{len(matching)} functions match {wanted!r}"
            if matching
            else f"no function matches {wanted!r}"
        )
        raise LocalCloudError(f"{found}; there are {', '.join(sorted(groups)) or 'none'}")
    return groups[matching[0]]
