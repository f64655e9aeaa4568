"""What an image starts, under AWS's Runtime Interface Emulator: the adapter is an extension."""

from __future__ import annotations

import base64
import json
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.adapter import container

SERVICE = Path(__file__).parent / "apps" / "web_service"
COMMAND = [sys.executable, "server.py"]


def invoke(url: str, event: dict[str, Any]) -> dict[str, Any]:
    """What the emulator answers to an event."""
    request = urllib.request.Request(url, data=json.dumps(event).encode())
    with urllib.request.urlopen(request, timeout=60) as answer:
        body: dict[str, Any] = json.load(answer)
        return body


def ask(method: str, path: str, body: bytes = b"") -> dict[str, Any]:
    """An event of an HTTP API."""
    return {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": "shop.example"},
        "requestContext": {"http": {"method": method, "path": path}, "stage": "$default"},
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }


def test_the_entry_point_of_an_image_answers_beside_the_extension() -> None:
    with container(COMMAND, SERVICE) as emulated:
        first = invoke(emulated.url, ask("GET", "/books/7"))
        second = invoke(emulated.url, ask("POST", "/upload", bytes(range(256))))

    assert first["statusCode"] == 200
    assert json.loads(first["body"])["path"] == "/books/7"
    assert json.loads(second["body"]) == {"bytes": 256}


def test_an_image_is_told_by_its_environment_when_an_answer_is_an_error() -> None:
    """The sibling of an image is the same image with other variables."""
    event = {"Records": [{"messageId": "1", "body": "poison"}]}
    with container(COMMAND, SERVICE) as emulated:
        taken_for_success = invoke(emulated.url, event)
    with container(COMMAND, SERVICE, {"AWS_LWA_ERROR_STATUS_CODES": "500-599"}) as emulated:
        failed = invoke(emulated.url, event)

    assert "errorMessage" not in taken_for_success
    assert "500" in failed["errorMessage"]


def test_an_application_that_exits_fails_the_start() -> None:
    with (
        container(COMMAND, SERVICE, {"MANNERS": "crashes"}) as emulated,
        pytest.raises(urllib.error.HTTPError) as refusal,
    ):
        invoke(emulated.url, ask("GET", "/"))

    assert refusal.value.code == 502
    refusal.value.close()
