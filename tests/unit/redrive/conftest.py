from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def sqs() -> Any:
    """A client that sends nothing."""
    return boto3.client(
        "sqs", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b"
    )


@pytest.fixture
def stub(sqs: Any) -> Iterator[Stubber]:
    """What SQS is asked, in this order and no other, and what it answers."""
    with Stubber(sqs) as stub:
        yield stub
        stub.assert_no_pending_responses()


@pytest.fixture(autouse=True)
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """For how long it slept."""
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    return slept
