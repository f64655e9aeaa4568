"""The command `serverless-patterns concurrency`."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from serverless_patterns import _quotas
from serverless_patterns._concurrency_chart import chart
from serverless_patterns.concurrency import Capacity, ConcurrencyError, Load, forecast

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from serverless_patterns.concurrency import Forecast, Second

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0}
_WIDTH_OF_A_FILE = 110
_INIT_SECONDS = 10
_TOLD_APART = (0, 1, 2, 5)  # seconds after a turn
_LIMITS = {
    "ramp": "by the ramp",
    "reserved": "by what is reserved",
    "account": "by the account's limit",
}
_FATES = {
    "synchronous (APIs, function URLs)": "the caller gets a 429, 500 or 503, and nobody tries "
    "again for it",
    "asynchronous (S3, SNS, EventBridge)": "back to Lambda's queue, tried again after 1 s to 5 min "
    "until the maximum age, 6 h by default; no retry is used up",
    "queue (SQS)": "received all the same: after max_receive_count it is dead-lettered though no "
    "handler saw it; limit max_concurrency",
    "stream (Kinesis, DynamoDB)": "the shard waits and no retry is used up, but records age until "
    "they expire",
}
_ASSUMPTIONS = (
    "Assumed: nothing is warm at second 0 but what is provisioned; requests arrive evenly; a "
    "request waits for the environment that is started for it; warm environments stay warm; what "
    "is throttled doesn't come back; an execution takes at most "
    f"{_quotas.LAMBDA_REQUESTS_PER_EXECUTION} requests a second."
)


def _in_seconds(_: click.Context, option: click.Parameter, text: str | None) -> float | None:
    if text is None:
        return None
    found = re.fullmatch(r"(\d+(?:\.\d+)?|\.\d+)\s*(ms|s|m)", text.strip())
    if not found:
        raise click.ClickException(
            f"{option.opts[0]} must be a number with ms, s or m, such as 350ms, 0.35s or 2m, "
            f"got {text!r}"
        )
    return float(found[1]) * _SECONDS[found[2]]


@click.command("concurrency")
@click.option("--rate", type=float, required=True, help="Requests a second, on average.")
@click.option(
    "--duration",
    required=True,
    callback=_in_seconds,
    metavar="TIME",
    help="What one takes: 350ms, 0.35s, 2m.",
)
@click.option("--burst", type=float, default=1.0, help="How many times the rate a peak has.")
@click.option("--burst-for", metavar="TIME", callback=_in_seconds, help="How long the peak lasts.")
@click.option(
    "--init",
    default="0s",
    metavar="TIME",
    callback=_in_seconds,
    help="What the initialization of a new environment takes.",
)
@click.option("--reserved", type=int, help="Executions that are reserved for the function.")
@click.option("--provisioned", type=int, default=0, help="Environments that are provisioned.")
@click.option(
    "--account-limit",
    type=int,
    default=_quotas.LAMBDA_CONCURRENCY,
    show_default=True,
    help="Executions at once of the account in the region.",
)
@click.option("--others", type=int, default=0, help="Executions that other functions have.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--svg", type=click.Path(path_type=Path, dir_okay=False), help="Write a chart.")
def main(
    *,
    rate: float,
    duration: float,
    burst: float,
    burst_for: float | None,
    init: float,
    reserved: int | None,
    provisioned: int,
    account_limit: int,
    others: int,
    as_json: bool,
    svg: Path | None,
) -> None:
    """Tell how many environments a load takes, and what Lambda throttles of it, and when."""
    try:
        told = forecast(
            Load(rate, duration, burst, burst_for, init),
            Capacity(account_limit, others, reserved, provisioned),
        )
        if svg:
            svg.write_text(chart(told), encoding="utf-8")
    except (ConcurrencyError, OSError) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(told.to_dict(), indent=2))
        return
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = _WIDTH_OF_A_FILE  # a pipe has no width that lines should break at
    answers = Table(show_header=False, title=_title(told.load), title_justify="left")
    for row in _answers(told):
        answers.add_row(*row)
    console.print(answers, _time_line(told), _fates(), markup=False)
    for note in _notes(told):
        console.print(note, markup=False)


def _title(load: Load) -> str:
    title = f"{_number(load.rate)} requests a second of {_time(load.duration)}"
    if load.burst > 1:
        last = load.settling + load.peak_seconds - 1
        title += f", {_number(load.burst)} times as many in seconds {load.settling} to {last}"
    return title


def _answers(told: Forecast) -> Iterator[tuple[str, str]]:
    load, capacity = told.load, told.capacity
    law = f"{_number(load.rate)} a second for {_time(load.occupied)} each"
    if load.occupied > load.duration:
        law += f" (an execution takes {_quotas.LAMBDA_REQUESTS_PER_EXECUTION} a second at most)"
    yield "executions at once, by Little's law", f"{_number(told.steady)} = {law}"
    if load.burst > 1:
        yield "at the peak", _number(told.peak)
    at_random = "at the peak, if requests arrive at random"
    yield (
        at_random if load.burst > 1 else "if requests arrive at random",
        f"up to {told.peak_at_random:,} for 99.9 % of the time",
    )
    if load.init:
        yield "with the initialization of new ones", f"up to {told.needed:,}"
    yield "limit", _limit(capacity)
    at_once = _quotas.LAMBDA_RAMP_ENVIRONMENTS
    a_second = at_once // _quotas.LAMBDA_RAMP_SECONDS
    within = f"; {told.ramp_seconds:,} s for the peak" if told.ramp_seconds else ", which is enough"
    yield "ramp of one function", f"{at_once:,} new at once, then {a_second} a second{within}"
    if capacity.provisioned:
        spilled = _share(told.spilled, told)
        yield "provisioned", f"{capacity.provisioned:,}; requests that spill over: {spilled}"
    yield "requests that wait for a cold start", _share(told.cold_starts, told)
    yield "throttled requests", _share(told.throttled, told) + _when(told)
    if told.throttled or told.cold_starts:
        yield "none waits and none is throttled with", _provisioning(told)


def _provisioning(told: Forecast) -> str:
    wanted = told.provisioning
    least = wanted + told.capacity.others + _quotas.LAMBDA_UNRESERVED_CONCURRENCY
    if least > told.capacity.account_limit:
        return f"{wanted:,} provisioned, for which the account's limit must be {least:,} or more"
    return f"{wanted:,} provisioned"


def _limit(capacity: Capacity) -> str:
    kept = _quotas.LAMBDA_UNRESERVED_CONCURRENCY
    if capacity.reserved is not None:
        return f"{capacity.reserved:,} reserved, as a share and as a limit"
    beside = f" beside {capacity.others:,} of other functions" if capacity.others else ""
    most = max(0, capacity.ceiling - kept)
    return (
        f"{capacity.ceiling:,} of the account's {capacity.account_limit:,}{beside}; {most:,} can "
        f"be reserved, as {kept} stay unreserved"
    )


def _share(count: int, told: Forecast) -> str:
    return f"{count:,} of {told.requests:,} ({count / max(told.requests, 1):.1%})"


def _when(told: Forecast) -> str:
    if told.throttled_at is None:
        return ""
    first, last = told.throttled_at
    causes = ", ".join(f"{count:,} {_LIMITS[name]}" for name, count in told.causes.items())
    return (
        f", in second {first}: {causes}"
        if first == last
        else (f", in seconds {first} to {last}: {causes}")
    )


def _time_line(told: Forecast) -> Table:
    table = Table(title="Time line", title_justify="left")
    for name in ("seconds", "requests", "demanded", "available", "cold starts", "throttled"):
        table.add_column(name, justify="right")
    for group in _stretches(told):
        first, last = group[0].second, group[-1].second
        table.add_row(
            str(first) if first == last else f"{first} to {last}",
            f"{sum(each.requests for each in group):,}",
            f"{max(each.demanded for each in group):,}",
            f"{group[-1].available:,}",
            f"{sum(each.cold for each in group):,}",
            f"{sum(each.throttled for each in group):,}",
        )
    return table


def _stretches(told: Forecast) -> Iterator[Sequence[Second]]:
    """What a reader wants to tell apart: the first seconds at a rate, and the rest of them."""
    load = told.load
    turns = [0, load.settling, load.settling + load.peak_seconds] if load.burst > 1 else [0]
    starts = [
        turn + after
        for turn, end in pairwise([*turns, load.seconds])
        for after in _TOLD_APART
        if turn + after < end
    ]
    for start, end in pairwise([*starts, load.seconds]):
        yield told.seconds[start:end]


def _fates() -> Table:
    table = Table(title="What becomes of a throttled request", title_justify="left")
    table.add_column("invocation")
    table.add_column("")
    for row in _FATES.items():
        table.add_row(*row)
    return table


def _notes(told: Forecast) -> Iterator[str]:
    yield _ASSUMPTIONS
    if told.load.init > _INIT_SECONDS:
        yield (
            f"An initialization over {_INIT_SECONDS} s is begun anew within the first request, "
            "unless it is of a provisioned environment or a snapshot."
        )


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) else f"{value:,.4g}"


def _time(seconds: float) -> str:
    return f"{seconds:g} s"
