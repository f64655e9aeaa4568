"""Clients of AWS, connected to once for each execution environment."""

from __future__ import annotations

from functools import cache
from typing import Any

import boto3


@cache
def dynamodb() -> Any:
    """The client of DynamoDB."""
    return boto3.client("dynamodb")


@cache
def s3() -> Any:
    """The client of S3."""
    return boto3.client("s3")
