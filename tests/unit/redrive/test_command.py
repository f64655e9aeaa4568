"""The command that moves dead letters, as its user sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from serverless_patterns import redrive_cli
from serverless_patterns.local import LocalCloudError
from serverless_patterns.redrive import Progress, RedriveError
from tests.unit.redrive.answers import ARN, URL

if TYPE_CHECKING:
    from collections.abc import Iterator


def run(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(redrive_cli.main, arguments)
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Answers in place of moving: steps, or errors that end them."""
    steps: list[Any] = []

    def move(*_: Any, **__: Any) -> Iterator[Progress]:
        for step in steps:
            if isinstance(step, BaseException):
                raise step
            yield step

    monkeypatch.setattr(redrive_cli, "redrive", move)
    monkeypatch.setattr("boto3.client", lambda *_, **__: None)
    return steps


def test_the_command_says_how_many_were_moved(answering: list[Any]) -> None:
    answering += [Progress(0, 1), Progress(1, 1)]
    assert run("dead") == (0, "1 message moved from dead\n", "")

    answering.append(Progress(2, 2))
    assert run("dead") == (0, "2 messages moved from dead\n", "")


def test_an_interrupted_command_says_what_stays(answering: list[Any]) -> None:
    answering += [Progress(1, 3), KeyboardInterrupt()]

    assert run("dead") == (130, "", "Cancelled: 1 message moved, the others stay in dead\n")


@pytest.mark.parametrize("error", [RedriveError("no"), OSError("no"), LocalCloudError("no")])
def test_an_error_is_one_line(answering: list[Any], error: Exception) -> None:
    answering.append(error)

    assert run("dead") == (1, "", "Error: no\n")


def test_a_refusal_of_several_lines_is_one_line(answering: list[Any]) -> None:
    answering.append(ValueError("one\n  and two"))

    assert run("dead") == (1, "", "Error: one and two\n")


@pytest.mark.parametrize(
    "queue", ["", "my orders", "arn:aws:sns:eu-west-1:1:x", "https://", "q.fif"]
)
@pytest.mark.parametrize("option", ["QUEUE", "--to"])
def test_what_names_no_queue_is_refused(answering: list[Any], queue: str, option: str) -> None:
    answering += [Progress(1, 1)]
    code, _, said = run(*((queue,) if option == "QUEUE" else ("dead", "--to", queue)))

    message = (
        f"Error: Invalid value for {option}: must be the URL, the ARN or the name of a queue, got "
        f"{queue!r}\n"
    )
    assert (code, said.endswith(message)) == (2, True), said


@pytest.mark.parametrize("queue", ["dead", "dead.fifo", f"{ARN}dead.fifo", f"{URL}dead"])
def test_what_names_a_queue_is_taken(answering: list[Any], queue: str) -> None:
    answering += [Progress(1, 1)]

    assert run(queue, "--to", queue) == (0, f"1 message moved from {queue}\n", "")
