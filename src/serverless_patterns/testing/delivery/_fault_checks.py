"""Faults that are refused, as nothing could go wrong by them."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from serverless_patterns.testing.delivery._destination_kinds import DEFAULT_BUS
from serverless_patterns.testing.delivery._errors import DeliveryError

if TYPE_CHECKING:
    from serverless_patterns.testing.delivery._faults import Faults
    from serverless_patterns.testing.delivery._template import Resources


def check_faults(resources: Resources, faults: Faults) -> None:
    """Refuse faults of what isn't there, and times and numbers that are none.

    Raises:
        DeliveryError: If there is one.
    """
    _check_kinds(faults)
    for keyword, names in (("missing", faults.missing), ("unavailable", faults.unavailable)):
        for name in names:
            if name not in resources and name != DEFAULT_BUS:
                raise DeliveryError(
                    f"faults.{keyword} must name resources of the template, got {name!r}; "
                    "give a logical id"
                )
    _check_outages(faults)
    for name, number in faults.duplicates.items():
        if not isinstance(number, int) or number < 0:
            raise DeliveryError(
                f"faults.duplicates must be whole numbers, 0 or more, got {number!r} of {name!r}; "
                "give how many more times than once"
            )
    if faults.invocations is not None and not callable(faults.invocations):
        raise DeliveryError(
            f"faults.invocations must be what can be called, got {faults.invocations!r}; "
            "give a function of an Invocation"
        )


def _check_kinds(faults: Faults) -> None:
    for keyword, value, wanted in (
        ("missing", faults.missing, Collection),
        ("dropped", faults.dropped, Collection),
        ("duplicates", faults.duplicates, Mapping),
        ("unavailable", faults.unavailable, Mapping),
    ):
        if not isinstance(value, wanted):
            raise DeliveryError(
                f"faults.{keyword} must be {'several' if wanted is Collection else 'by ids'}, got "
                f"{value!r:.100}; see Faults"
            )


def _check_outages(faults: Faults) -> None:
    for name, outages in faults.unavailable.items():
        for outage in outages if isinstance(outages, list | tuple) else [outages]:
            match outage:
                case [int() | float() as start, int() | float() as end] if not (
                    math.isnan(start) or math.isnan(end)
                ):
                    continue
            raise DeliveryError(
                f"faults.unavailable must hold from and until when, in seconds, got {outage!r} of "
                f"{name}; give two times"
            )
