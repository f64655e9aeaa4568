"""Ids and times as AWS writes them, the same in every run."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from serverless_patterns.testing.delivery._simulation import Simulation

ACCOUNT = "123456789012"
REGION = "us-east-1"
_START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
_IDS = uuid.UUID("6d1c2f0e-6f0b-4f0b-9c58-6a3f0f1f3d0a")


class Stamps:
    """Gives ids for one run.

    Args:
        simulation: The run.
    """

    def __init__(self, simulation: Simulation) -> None:
        self._clock = simulation.clock
        self._numbers = itertools.count()

    def new_id(self) -> str:
        """An id that nothing else in this run has."""
        return str(uuid.uuid5(_IDS, str(next(self._numbers))))

    def now(self) -> str:
        """The virtual time in ISO 8601, of a run that starts with the year 2026."""
        moment = _START + dt.timedelta(seconds=self._clock.now)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def arn(service: str, name: str) -> str:
    """The ARN of a resource, with its logical id for the name that CloudFormation makes."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{name}"
