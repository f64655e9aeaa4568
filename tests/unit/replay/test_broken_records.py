"""Failure records that are broken: each is told and counted, and the others are replayed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import EndpointConnectionError

from serverless_patterns import replay_cli
from tests.unit.replay.answers import (
    SHARD,
    STREAM,
    Clients,
    delivered,
    expect_invocation,
    expect_iterator,
    expect_records,
    failure,
    stored,
)
from tests.unit.replay.messages import (
    QUEUE,
    complete,
    expect_deletion,
    expect_message,
    expect_object,
    expect_release,
)

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

HELD = "1 failed batches replayed, 1 not\n"


def test_broken_messages_stay_and_the_others_are_replayed(command: Any, clients: Clients) -> None:
    broken = {
        "a": ("hello", "a failure record must be JSON, got 'hello'"),
        "b": ("null", "a failure record must be a JSON object, got None"),
        "c": (
            json.dumps(failure(batchSize="3")),
            "batchSize of a failure record must be a number of records, got '3'",
        ),
        "d": (
            json.dumps({"Type": "Notification"}),
            "a failure record must be a JSON object, got None",
        ),
    }
    for name, (body, _) in broken.items():
        expect_message(clients, (name, body))
    expect_message(clients, ("good", complete(10)))
    expect_invocation(clients, delivered(10))
    expect_deletion(clients, "good")
    expect_message(clients)
    for name in broken:
        expect_release(clients, name)

    done = command("--queue-url", QUEUE, "--function", "worker")

    assert done.exit_code == 1
    assert done.stderr.splitlines() == [
        *(f"message {name}: {message}" for name, (_, message) in broken.items()),
        "1 failed batches replayed, 4 not",
    ]


def test_a_pointer_past_the_retention_stays_and_the_others_are_replayed(
    command: Any, clients: Clients
) -> None:
    expect_message(clients, ("old", json.dumps(failure())))
    expect_iterator(clients)
    expect_records(clients, stored(20))
    expect_message(clients, ("good", complete(10)))
    expect_invocation(clients, delivered(10))
    expect_deletion(clients, "good")
    expect_message(clients)
    expect_release(clients, "old")

    done = command("--queue-url", QUEUE, "--function", "worker")

    assert (done.exit_code, done.stderr) == (
        1,
        f"message old: {SHARD} of {STREAM}: record 10 can't be fetched: it is older than what the "
        f"stream keeps\n{HELD}",
    )


def test_a_stream_that_may_not_be_read_stops_no_other(command: Any, clients: Clients) -> None:
    expect_message(clients, ("closed", json.dumps(failure())))
    clients["kinesis"].add_client_error("get_shard_iterator", "AccessDeniedException", "no")
    expect_message(clients, ("good", complete(10)))
    expect_message(clients)
    expect_release(clients, "closed")
    expect_release(clients, "good")

    done = command("--queue-url", QUEUE)

    assert (done.exit_code, done.stderr) == (
        1,
        "message closed: An error occurred (AccessDeniedException) when calling the "
        f"GetShardIterator operation: no\n{HELD}",
    )


def test_objects_that_are_no_records_stop_no_other(command: Any, clients: Clients) -> None:
    keys = ["aws/", "aws/gone", "aws/image.png", "aws/good"]
    clients["s3"].add_response(
        "list_objects_v2",
        {"Contents": [{"Key": key} for key in keys], "IsTruncated": False},
        {"Bucket": "failed", "Prefix": "aws/"},
    )
    clients["s3"].add_client_error("get_object", "NoSuchKey", "it is gone")
    expect_object(clients, "aws/image.png", b"\x89PNG")
    expect_object(clients, "aws/good", complete(10))

    done = command("--s3", "s3://failed/aws/")

    assert json.loads(done.stdout) == {"Records": delivered(10)}
    assert done.exit_code == 1
    assert done.stderr.splitlines() == [
        "s3://failed/aws/gone: An error occurred (NoSuchKey) when calling the GetObject operation: "
        "it is gone",
        "s3://failed/aws/image.png: a failure record must be UTF-8, got b'\\x89PNG'",
        "1 failed batches replayed, 2 not",
    ]


def test_a_file_that_is_no_record_is_told(command: Any, tmp_path: Path) -> None:
    file = tmp_path / "record.json"
    file.write_bytes(b"\xff")

    done = command("--file", str(file))
    assert (done.exit_code, done.stderr) == (
        1,
        f"{file}: a failure record must be UTF-8, got b'\\xff'\n0 failed batches replayed, 1 not\n",
    )


def test_what_ends_the_run_says_how_far_it_was(
    command: Any, clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*_: Any, **__: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://lambda")

    expect_message(clients, ("broken", "hello"))
    expect_message(clients, ("good", complete(10)))
    expect_release(clients, "broken")
    expect_release(clients, "good")
    monkeypatch.setattr(replay_cli, "invoke", unreachable)

    done = command("--queue-url", QUEUE, "--function", "worker")

    assert (done.exit_code, done.stderr.splitlines()[1:]) == (
        1,
        [
            "0 failed batches replayed, 1 not",
            'Error: Could not connect to the endpoint URL: "https://lambda"',
        ],
    )
