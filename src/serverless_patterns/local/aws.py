"""How AWS's tools and clients reach the local cloud, and nothing else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.config import Config

DEFAULT_REGION = "us-east-1"
ACCOUNT = "000000000000"
"""The one account: the emulator takes it from credentials, and unsigned requests have none."""


def tool_environment(endpoint: str, region: str | None = None) -> dict[str, str]:
    """What an AWS tool must find in its environment to speak to ``endpoint``."""
    users = os.environ.get("NO_PROXY") or os.environ.get("no_proxy")
    around = ",".join(filter(None, [users, "127.0.0.1", "localhost"]))
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": region or DEFAULT_REGION,
        "AWS_DEFAULT_REGION": region or DEFAULT_REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "NO_PROXY": around,
        "no_proxy": around,
    }


def without_aws(environment: os._Environ[str]) -> dict[str, str]:
    """An environment without what would lead a tool to an account of its user's."""
    return {name: value for name, value in environment.items() if not name.startswith("AWS_")}


def make_client(service: str, endpoint: str, region: str, config: Config | None = None) -> Any:
    """A boto3 client that knows ``endpoint`` alone: no profile, no proxy."""
    import boto3  # noqa: PLC0415 - slow to import, and `up` and `down` need none
    import botocore.session  # noqa: PLC0415
    from botocore.config import Config as Settings  # noqa: PLC0415

    settings = {
        "profile": (None, None, None, None),
        "config_file": (None, None, os.devnull, None),
        "credentials_file": (None, None, os.devnull, None),
    }
    session = boto3.Session(botocore_session=botocore.session.Session(session_vars=settings))
    return session.client(
        service,  # type: ignore[call-overload]
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - the emulator knows no other
        config=Settings(proxies={}).merge(config or Settings()),
    )
