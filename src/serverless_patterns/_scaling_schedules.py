"""When scaling moves its bounds, and to which: what Application Auto Scaling takes of it."""

from __future__ import annotations

import datetime as dt
import math
import re
import zoneinfo
from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_applicationautoscaling as appscaling

from serverless_patterns import _quotas
from serverless_patterns._errors import PatternError, check_type

_SCHEDULE = "appscaling.ScalingSchedule(schedule=..., min_capacity=10)"
_NUMBERS = r"[\d*,/-]+"
# The numbers of each field of a cron expression, and how it is written.
_CRON = (
    (range(60), _NUMBERS),
    (range(24), _NUMBERS),
    (range(1, 32), r"\?|LW?|[\d*,/W-]+"),
    (range(1, 13), r"[\dA-Z*,/-]+"),
    (range(1, 8), r"\?|[\dA-Z*,/#-]+"),
    (range(1970, 2200), _NUMBERS),
)


def check_schedules(
    path: str,
    schedules: Mapping[str, appscaling.ScalingSchedule],
    bounds: tuple[float, float],
    *,
    tracked: bool,
) -> None:
    """Check scheduled actions.

    Args:
        path: The construct path.
        schedules: The actions by name.
        bounds: The capacities before any of them.
        tracked: Whether a policy scales as well.

    Raises:
        PatternError: If Application Auto Scaling would refuse one, or they only raise the capacity
            or only lower it, with nothing else that would do the other.
    """
    check_type(path, "schedules", schedules, Mapping, f'{{"Morning": {_SCHEDULE}}}')
    for action, schedule in schedules.items():
        name = f"schedules[{action!r}]"
        if not isinstance(action, str) or not re.fullmatch(_quotas.SCHEDULED_ACTION_NAME, action):
            raise PatternError(
                path,
                "schedules",
                rule="have names of 1 to 256 characters without : / and |, and no space at an end",
                got=repr(action),
                remedy="rename it",
            )
        _check_schedule(path, name, schedule)
        check_bound(path, f"{name}.min_capacity", schedule.min_capacity, int(tracked), "raise it")
        check_bound(path, f"{name}.max_capacity", schedule.max_capacity, int(tracked), "raise it")
        check_order(path, f"{name}.", schedule.min_capacity, schedule.max_capacity)
    _check_reach(path, schedules, bounds)
    if not tracked:
        _check_both_ways(path, schedules)


def _check_schedule(path: str, name: str, schedule: object) -> None:
    """Refuse a time that Application Auto Scaling would refuse: CDK passes on any text."""
    if not isinstance(schedule, appscaling.ScalingSchedule):
        raise PatternError(
            path,
            name,
            rule="be a ScalingSchedule",
            got=repr(schedule),
            remedy=f"for example {_SCHEDULE}",
        )
    expression = schedule.schedule.expression_string
    if not cdk.Token.is_unresolved(expression) and not _is_schedule(expression):
        raise PatternError(
            path,
            f"{name}.schedule",
            rule="be an at, a rate or a cron expression of six fields",
            got=repr(expression),
            remedy='for example appscaling.Schedule.cron(hour="8", minute="0")',
        )
    zone = schedule.time_zone.timezone_name if schedule.time_zone else None
    if zone is not None and not cdk.Token.is_unresolved(zone) and not _is_zone(zone):
        raise PatternError(
            path,
            f"{name}.time_zone",
            rule="be a time zone of the IANA's",
            got=repr(zone),
            remedy="for example cdk.TimeZone.EUROPE_BERLIN",
        )
    for bound in ("start_time", "end_time"):
        moment = getattr(schedule, bound)
        if moment is not None and moment.tzinfo is None:
            raise PatternError(
                path,
                f"{name}.{bound}",
                rule="have a time zone",
                got=moment.isoformat(),
                remedy="give it tzinfo=datetime.UTC",
            )
    start, end = schedule.start_time, schedule.end_time
    if start and end and start >= end:
        raise PatternError(
            path,
            f"{name}.end_time",
            rule=f"be after the start_time {start.isoformat()}",
            got=end.isoformat(),
            remedy="change either",
        )


def _is_schedule(expression: str) -> bool:
    found = re.fullmatch(r"(at|rate|cron)\((.*)\)", expression)
    if not found:
        return False
    kind, text = found[1], found[2]
    if kind == "rate":
        return re.fullmatch(r"[1-9]\d* (minute|hour|day)s?", text) is not None
    if kind == "at":
        return _is_moment(text)
    fields = text.split()
    return len(fields) == len(_CRON) and all(
        re.fullmatch(characters, field, re.IGNORECASE)
        # What follows a slash is an interval, and a number sign which of the month's weekdays.
        and all(int(each) in numbers for each in re.findall(r"(?<![/#\d])\d+", field))
        for field, (numbers, characters) in zip(fields, _CRON, strict=True)
    )


def _is_moment(text: str) -> bool:
    try:
        return dt.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S") is not None  # noqa: DTZ007 - the zone stands beside it
    except ValueError:
        return False


def _is_zone(name: str) -> bool:
    """Whether this machine or CDK knows a time zone: neither knows all of the names."""
    constant = re.sub(r"\W", "_", name).upper()
    return name in zoneinfo.available_timezones() or hasattr(cdk.TimeZone, constant)


def _check_reach(
    path: str, schedules: Mapping[str, appscaling.ScalingSchedule], bounds: tuple[float, float]
) -> None:
    """Refuse an action that moves one bound past the other, whatever action came before."""
    lowest = _known([bounds[0], *(each.min_capacity for each in schedules.values())])
    highest = _known([bounds[1], *(each.max_capacity for each in schedules.values())])
    for action, schedule in schedules.items():
        name = f"schedules[{action!r}]"
        if schedule.max_capacity is None and highest:
            check_order(path, f"{name}.", schedule.min_capacity, max(highest))
        elif schedule.min_capacity is None and lowest:
            check_order(path, f"{name}.", min(lowest), schedule.max_capacity)


def _check_both_ways(path: str, schedules: Mapping[str, appscaling.ScalingSchedule]) -> None:
    for bound, does in (("min_capacity", "raises"), ("max_capacity", "lowers")):
        if all(getattr(each, bound) is None for each in schedules.values()):
            raise PatternError(
                path,
                "schedules",
                rule=f"have an action with a {bound} where utilization_target is None, because "
                f"nothing else {does} what is provisioned",
                got=", ".join(map(repr, schedules)) or "none",
                remedy=f"give one of them a {bound}, or a utilization_target",
            )


def _known(values: list[float | None]) -> list[float]:
    return [each for each in values if each is not None and not cdk.Token.is_unresolved(each)]


def check_bound(path: str, name: str, value: object, least: int, remedy: str) -> None:
    """Refuse a capacity that is no whole number. ``None`` and a token are taken.

    Raises:
        PatternError: If it is none.
    """
    is_finite = not isinstance(value, float) or math.isfinite(value)  # jsii takes no other
    if value is None or (is_finite and cdk.Token.is_unresolved(value)):
        return
    number = int(value) if isinstance(value, float) and value.is_integer() else value
    if not isinstance(number, int) or isinstance(number, bool) or number < least:
        raise PatternError(
            path, name, rule=f"be a whole number from {least}", got=repr(value), remedy=remedy
        )


def check_order(path: str, prefix: str, lowest: float | None, highest: float | None) -> None:
    """Refuse bounds of which the lower is the higher, if both are known.

    Raises:
        PatternError: If they are.
    """
    if lowest is None or highest is None:
        return
    known = not cdk.Token.is_unresolved(lowest) and not cdk.Token.is_unresolved(highest)
    if known and lowest > highest:
        raise PatternError(
            path,
            f"{prefix}min_capacity",
            rule=f"be at most the {highest:g} of {prefix}max_capacity",
            got=f"{lowest:g}",
            remedy="lower it, or raise the other",
        )
