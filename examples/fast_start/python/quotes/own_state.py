"""What each copy of the snapshot must have for itself: a random seed, connections, credentials."""

from __future__ import annotations

import contextlib
import random
from dataclasses import dataclass, field
from typing import Any

import boto3


@dataclass
class OwnState:
    """Made when the function initializes, and anew in each copy of the snapshot of it.

    Attributes:
        discounts: Random numbers. A seed in the snapshot would be every copy's.
        dynamodb: A client, made by a session of its own: its connections and credentials would
            be hours old in a copy.
    """

    discounts: random.Random = field(init=False)
    dynamodb: Any = field(init=False)

    def __post_init__(self) -> None:
        self.after_restore()

    def before_snapshot(self) -> None:
        """Run once for each version, before Lambda takes the snapshot of it."""
        self.dynamodb.close()

    def after_restore(self) -> None:
        """Run in each copy, within 10 seconds."""
        random.seed()  # the module's own generator, which libraries use
        self.discounts = random.Random()  # noqa: S311 - a discount is no secret
        self.dynamodb = boto3.session.Session().client("dynamodb")


own = OwnState()

with contextlib.suppress(ImportError):  # Lambda's runtime brings it; elsewhere nothing is restored
    from snapshot_restore_py import (  # type: ignore[import-not-found]
        register_after_restore,
        register_before_snapshot,
    )

    register_before_snapshot(own.before_snapshot)
    register_after_restore(own.after_restore)
