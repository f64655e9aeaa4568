"""Clients of AWS, connected to once for each execution environment."""

from __future__ import annotations

from functools import cache
from typing import Any

import boto3


@cache
def client(service: str) -> Any:
    """The client of a service."""
    make: Any = boto3.client  # which is typed by each service's name alone
    return make(service)
