"""Clients of AWS, connected to once for each execution environment."""

from __future__ import annotations

from functools import cache
from typing import Any

import boto3


@cache
def client(service: str) -> Any:
    """The client of a service."""
    return boto3.client(service)
