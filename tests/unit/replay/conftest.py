from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from serverless_patterns import replay_cli
from tests.unit.replay.answers import Clients

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def clients() -> Iterator[Clients]:
    clients = Clients()
    yield clients
    for stub in clients.stubs.values():
        stub.assert_no_pending_responses()


@pytest.fixture
def command(clients: Clients, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs the command with those clients."""
    monkeypatch.setattr("boto3.client", clients)
    return lambda *arguments: CliRunner().invoke(replay_cli.main, arguments)
