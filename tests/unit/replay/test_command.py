"""The command that replays records, as its user sees it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from serverless_patterns import replay_cli
from tests.unit.replay.answers import (
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


def test_the_command_prints_the_events_of_a_file(command: Any, tmp_path: Path) -> None:
    file = tmp_path / "record.json"
    file.write_text(complete(10, 11))

    done = command("--file", str(file))

    assert done.exit_code == 0
    assert json.loads(done.stdout) == {"Records": delivered(10, 11)}
    assert done.stderr == "1 failed batches replayed, 0 not\n"


def test_the_command_deletes_a_message_once_its_records_are_handled(
    command: Any, clients: Clients
) -> None:
    expect_message(clients, ("a", complete(10)))
    expect_invocation(clients, delivered(10))
    expect_deletion(clients, "a")
    expect_message(clients)

    done = command("--queue-url", QUEUE, "--function", "worker")
    assert (done.exit_code, done.stdout) == (0, "")


def test_the_command_leaves_a_message_whose_records_fail_again_and_goes_on(
    command: Any, clients: Clients
) -> None:
    expect_message(clients, ("a", complete(10)))
    expect_invocation(clients, delivered(10), '{"errorMessage": "no"}', FunctionError="Unhandled")
    expect_message(clients, ("a", complete(10)))  # it is back, and was tried
    expect_message(clients, ("b", complete(11)))
    expect_invocation(clients, delivered(11))
    expect_deletion(clients, "b")
    expect_message(clients)
    expect_release(clients, "a")

    done = command("--queue-url", QUEUE, "--function", "worker")

    assert done.exit_code == 1
    assert done.stderr == (
        'message a: worker failed: {"errorMessage": "no"}\n1 failed batches replayed, 1 not\n'
    )


def test_the_command_lets_a_record_that_fails_hold_up_no_other(
    command: Any, clients: Clients
) -> None:
    expect_message(clients, ("a", complete(10, 11)))
    expect_invocation(clients, delivered(10), '{"batchItemFailures": [{"itemIdentifier": "10"}]}')
    expect_invocation(clients, delivered(11))
    expect_message(clients)
    expect_release(clients, "a")

    done = command("--queue-url", QUEUE, "--function", "worker", "--batch-size", "1")

    assert done.exit_code == 1
    assert done.stderr == (
        'message a: worker failed on records: [{"itemIdentifier": "10"}]\n'
        "0 failed batches replayed, 1 not\n"
    )


def test_the_command_deletes_nothing_that_it_only_prints(command: Any, clients: Clients) -> None:
    expect_message(clients, ("a", complete(10)))
    expect_message(clients)
    expect_release(clients, "a")

    done = command("--queue-url", QUEUE)
    assert json.loads(done.stdout) == {"Records": delivered(10)}


def test_the_command_reads_an_object(command: Any, clients: Clients) -> None:
    expect_object(clients, "aws/lambda/one", complete(10))

    done = command("--s3", "s3://failed/aws/lambda/one")
    assert json.loads(done.stdout) == {"Records": delivered(10)}


def test_the_command_reads_all_objects_under_a_prefix(command: Any, clients: Clients) -> None:
    clients["s3"].add_response(
        "list_objects_v2",
        {"Contents": [{"Key": "aws/one"}, {"Key": "aws/two"}], "IsTruncated": False},
        {"Bucket": "failed", "Prefix": "aws/"},
    )
    expect_object(clients, "aws/one", complete(10))
    expect_object(clients, "aws/two", complete(11))

    done = command("--s3", "s3://failed/aws/")
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"Records": delivered(10)},
        {"Records": delivered(11)},
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Error: give one of --queue-url, --s3 and --file"),
        (
            ("--queue-url", QUEUE, "--s3", "s3://failed/one"),
            "Error: give one of --queue-url, --s3 and --file",
        ),
        (
            ("--s3", "failed/one"),
            "Error: Invalid value for --s3: must be s3://bucket/key, got 'failed/one'",
        ),
        (
            ("--s3", "s3:///one"),
            "Error: Invalid value for --s3: must be s3://bucket/key, got 's3:///one'",
        ),
        (
            ("--queue-url", "failed"),
            "Error: Invalid value for --queue-url: must be the URL of a queue, got 'failed'",
        ),
        (
            ("--queue-url", QUEUE, "--function", "my worker"),
            "Error: Invalid value for --function: must be the name or the ARN of a function, got "
            "'my worker'",
        ),
        (
            ("--queue-url", QUEUE, "--batch-size", "0"),
            "Error: Invalid value for '--batch-size': 0 is not in the range x>=1.",
        ),
    ],
)
def test_the_command_refuses_what_it_can_not_understand(
    command: Any, arguments: tuple[str, ...], message: str
) -> None:
    refused = command(*arguments)
    assert (refused.exit_code, refused.stderr.splitlines()[-1]) == (2, message)


def test_the_command_tells_what_aws_refuses(command: Any, clients: Clients) -> None:
    clients["sqs"].add_client_error(
        "receive_message", "AWS.SimpleQueueService.NonExistentQueue", "no such queue"
    )

    refused = command("--queue-url", QUEUE)
    assert refused.exit_code == 1
    assert refused.stderr == (
        "Error: An error occurred (AWS.SimpleQueueService.NonExistentQueue) when calling the "
        "ReceiveMessage operation: no such queue\n"
    )


def test_the_queue_tells_the_region_of_its_records_and_their_function(
    command: Any, clients: Clients
) -> None:
    expect_message(clients, ("a", json.dumps(failure())))
    expect_iterator(clients)
    expect_records(clients, stored(10, 11, 12))
    expect_invocation(clients, delivered(10, 11, 12))
    expect_deletion(clients, "a")
    expect_message(clients)

    command("--queue-url", QUEUE, "--function", "worker")

    services = ["sqs", "kinesis", "lambda"]
    assert [
        (service, options["region_name"], options["endpoint_url"])
        for service, options in clients.asked
    ] == [(service, "eu-west-1", None) for service in services]


def test_the_command_looks_where_it_is_told_to(command: Any, clients: Clients) -> None:
    expect_object(clients, "one", complete(10))
    expect_invocation(clients, delivered(10))
    options = ("--region", "us-east-2", "--endpoint-url", "http://127.0.0.1:4566")

    done = command("--s3", "s3://failed/one", "--function", "worker", *options)

    assert done.exit_code == 0
    assert [(options["region_name"], options["endpoint_url"]) for _, options in clients.asked] == [
        ("us-east-2", "http://127.0.0.1:4566")
    ] * 2


def test_an_interrupted_command_says_how_far_it_is(
    command: Any, clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    expect_message(clients, ("a", complete(10)))
    expect_release(clients, "a")
    monkeypatch.setattr(replay_cli, "invoke", interrupt)

    done = command("--queue-url", QUEUE, "--function", "worker")
    assert (done.exit_code, done.stderr) == (130, "Cancelled: 0 failed batches replayed, 0 not\n")
