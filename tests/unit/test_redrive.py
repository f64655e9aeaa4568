"""Dead letters moved back: what SQS is asked for, in which order, and what is said of it."""

from __future__ import annotations

import json
from contextlib import closing
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber
from click.testing import CliRunner

from serverless_patterns import redrive_cli
from serverless_patterns.local import LocalCloudError
from serverless_patterns.redrive import Progress, RedriveError, redrive
from tests.messages import exactly

if TYPE_CHECKING:
    from collections.abc import Iterator

ARN = "arn:aws:sqs:eu-west-1:123456789012:"
URL = "https://sqs.eu-west-1.amazonaws.com/123456789012/"
HANDLE = "handle-1"


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


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """For how long it slept."""
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    return slept


pytestmark = pytest.mark.usefixtures("naps")


def found(stub: Stubber, name: str, *, waiting: int = 0, letters: str | None = None) -> None:
    """It looks up a queue by its name."""
    stub.add_response("get_queue_url", {"QueueUrl": URL + name}, {"QueueName": name})
    described(stub, name, waiting=waiting, letters=letters)


def described(stub: Stubber, name: str, *, waiting: int = 0, letters: str | None = None) -> None:
    attributes = {"QueueArn": ARN + name, "ApproximateNumberOfMessages": str(waiting)}
    if letters:
        attributes["RedrivePolicy"] = json.dumps({"deadLetterTargetArn": ARN + letters})
    stub.add_response(
        "get_queue_attributes",
        {"Attributes": attributes},
        {"QueueUrl": URL + name, "AttributeNames": ["All"]},
    )


def listed(stub: Stubber, *tasks: dict[str, Any]) -> None:
    """It lists the tasks of the dead-letter queue."""
    stub.add_response(
        "list_message_move_tasks",
        {"Results": [*tasks]},
        {"SourceArn": f"{ARN}dead", "MaxResults": 10},
    )


def started(stub: Stubber, **options: Any) -> None:
    """It starts a task."""
    stub.add_response(
        "start_message_move_task",
        {"TaskHandle": HANDLE},
        {"SourceArn": f"{ARN}dead", **options},
    )


def cancelled(stub: Stubber) -> None:
    """It cancels the task."""
    stub.add_response("cancel_message_move_task", {}, {"TaskHandle": HANDLE})


def task(status: str, moved: int = 0, of: int = 50, at: int = 2, **more: Any) -> dict[str, Any]:
    return {
        "Status": status,
        "ApproximateNumberOfMessagesMoved": moved,
        "ApproximateNumberOfMessagesToMove": of,
        "StartedTimestamp": at,
        **more,
    }


def test_a_task_of_sqs_moves_them_and_tells_how_far_it_is(
    sqs: Any, stub: Stubber, naps: list[float]
) -> None:
    found(stub, "dead")
    listed(stub)
    started(stub)
    listed(stub, task("RUNNING", 20, TaskHandle=HANDLE))
    listed(stub, task("COMPLETED", 50))

    assert [*redrive(sqs, "dead")] == [Progress(20, 50), Progress(50, 50)]
    assert naps == [1.0]


def test_an_earlier_task_is_not_taken_for_its_own(sqs: Any, stub: Stubber) -> None:
    found(stub, "dead")
    listed(stub, task("COMPLETED", 7, at=1))
    started(stub)
    listed(stub, task("COMPLETED", 7, at=1))
    listed(stub, task("COMPLETED", 50, at=2), task("COMPLETED", 7, at=1))

    assert [*redrive(sqs, "dead")] == [Progress(0, None), Progress(50, 50)]


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        ({"max_per_second": 500}, {"MaxNumberOfMessagesPerSecond": 500}),
        ({"to": "orders"}, {"DestinationArn": f"{ARN}orders"}),
        (
            {"to": "orders", "max_per_second": 1},
            {"DestinationArn": f"{ARN}orders", "MaxNumberOfMessagesPerSecond": 1},
        ),
    ],
)
def test_where_to_and_how_fast_can_be_chosen(
    sqs: Any, stub: Stubber, options: dict[str, Any], asked: dict[str, Any]
) -> None:
    found(stub, "dead")
    if "to" in options:
        found(stub, "orders")
    listed(stub)
    started(stub, **asked)
    listed(stub, task("COMPLETED", 50))

    assert [*redrive(sqs, "dead", **options)] == [Progress(50, 50)]


def test_an_arn_names_the_queue(sqs: Any, stub: Stubber) -> None:
    stub.add_response(
        "get_queue_url",
        {"QueueUrl": f"{URL}dead"},
        {"QueueName": "dead", "QueueOwnerAWSAccountId": "123456789012"},
    )
    described(stub, "dead")
    listed(stub)
    started(stub)
    listed(stub, task("COMPLETED"))

    assert [*redrive(sqs, f"{ARN}dead")]


def test_a_url_is_taken_as_it_is(sqs: Any, stub: Stubber) -> None:
    described(stub, "dead")
    listed(stub)
    started(stub)
    listed(stub, task("COMPLETED"))

    assert [*redrive(sqs, f"{URL}dead")]


def test_who_stops_listening_cancels_the_task(sqs: Any, stub: Stubber) -> None:
    found(stub, "dead")
    listed(stub)
    started(stub)
    listed(stub, task("RUNNING", 20))
    cancelled(stub)

    with closing(redrive(sqs, "dead")) as steps:
        assert next(steps) == Progress(20, 50)


def test_a_task_that_ended_meanwhile_needs_no_cancelling(sqs: Any, stub: Stubber) -> None:
    found(stub, "dead")
    listed(stub)
    started(stub)
    listed(stub, task("RUNNING", 20))
    stub.add_client_error("cancel_message_move_task", "ResourceNotFoundException")

    with closing(redrive(sqs, "dead")) as steps:
        next(steps)


@pytest.mark.parametrize(
    ("ended", "message"),
    [
        (
            task("FAILED", 20, FailureReason="AccessDenied"),
            "dead: 20 messages were moved, then AccessDenied",
        ),
        (task("CANCELLED", 20), "dead: 20 messages were moved, then somebody cancelled it"),
    ],
)
def test_a_task_that_ends_early_is_an_error(
    sqs: Any, stub: Stubber, ended: dict[str, Any], message: str
) -> None:
    found(stub, "dead")
    listed(stub)
    started(stub)
    listed(stub, ended)

    with pytest.raises(RedriveError, match=exactly(message)):
        [*redrive(sqs, "dead")]


def test_messages_that_are_being_moved_are_left_to_that_task(sqs: Any, stub: Stubber) -> None:
    found(stub, "dead")
    listed(stub, task("RUNNING", 20))

    message = "a task moves the messages of dead already; SQS runs one at a time"
    with pytest.raises(RedriveError, match=exactly(message)):
        [*redrive(sqs, "dead")]


def test_a_queue_that_is_not_there_is_named(sqs: Any, stub: Stubber) -> None:
    stub.add_client_error("get_queue_url", "AWS.SimpleQueueService.NonExistentQueue")

    with pytest.raises(RedriveError, match=exactly("there is no queue dead in eu-west-1")):
        [*redrive(sqs, "dead")]


@pytest.mark.parametrize(
    ("code", "said", "message"),
    [
        (
            "InvalidParameterValue",
            "Source queue must be configured as a Dead Letter Queue.",
            "dead: Source queue must be configured as a Dead Letter Queue; did you mean its "
            f"dead-letter queue, {ARN}letters?",
        ),
        ("AccessDenied", "You may not.", "dead: You may not"),
    ],
)
@pytest.mark.parametrize("action", ["list_message_move_tasks", "start_message_move_task"])
def test_what_sqs_refuses_is_one_line(
    sqs: Any, stub: Stubber, *, action: str, code: str, said: str, message: str
) -> None:
    found(stub, "dead", letters="letters")
    if action == "start_message_move_task":
        listed(stub)
    stub.add_client_error(action, code, said)

    with pytest.raises(RedriveError, match=exactly(message)):
        [*redrive(sqs, "dead")]


def test_messages_stay_in_one_kind_of_queue(sqs: Any, stub: Stubber) -> None:
    found(stub, "dead")
    found(stub, "orders.fifo")

    message = (
        "dead is a standard queue and orders.fifo is a FIFO queue; messages move between queues of "
        "one kind"
    )
    with pytest.raises(RedriveError, match=exactly(message)):
        [*redrive(sqs, "dead", to="orders.fifo")]


@pytest.mark.parametrize("rate", [0, 501])
def test_a_rate_that_sqs_does_not_know_is_refused(sqs: Any, rate: int) -> None:
    message = f"max_per_second must be 1 to 500, got {rate}"
    with pytest.raises(RedriveError, match=exactly(message)):
        [*redrive(sqs, "dead", max_per_second=rate)]


def letter(name: str, **attributes: str) -> dict[str, Any]:
    return {
        "MessageId": f"id-{name}",
        "ReceiptHandle": f"receipt-{name}",
        "Body": name,
        "Attributes": {"DeadLetterQueueSourceArn": f"{ARN}orders", **attributes},
    }


def without_tasks(stub: Stubber) -> None:
    """It learns that there are no tasks here."""
    stub.add_client_error("list_message_move_tasks", "InvalidAction")


def received(stub: Stubber, *letters: dict[str, Any], at_most: int, name: str = "dead") -> None:
    """It receives."""
    stub.add_response(
        "receive_message",
        {"Messages": [*letters]} if letters else {},
        {
            "QueueUrl": URL + name,
            "MaxNumberOfMessages": at_most,
            "MessageSystemAttributeNames": ["All"],
            "MessageAttributeNames": ["All"],
            "VisibilityTimeout": 60,
            "WaitTimeSeconds": 1,
        },
    )


def sent(stub: Stubber, letter: dict[str, Any], *, to: str = "orders", **more: Any) -> None:
    """It sends."""
    asked = {"QueueUrl": URL + to, "MessageBody": letter["Body"], **more}
    stub.add_response("send_message", {"MessageId": "new"}, asked)


def deleted(stub: Stubber, letter: dict[str, Any], name: str = "dead") -> None:
    """It deletes."""
    asked = {"QueueUrl": URL + name, "ReceiptHandle": letter["ReceiptHandle"]}
    stub.add_response("delete_message", {}, asked)


def released(stub: Stubber, letter: dict[str, Any]) -> None:
    """It lets others receive a message at once."""
    stub.add_response(
        "change_message_visibility",
        {},
        {
            "QueueUrl": f"{URL}dead",
            "ReceiptHandle": letter["ReceiptHandle"],
            "VisibilityTimeout": 0,
        },
    )


def located(stub: Stubber, name: str) -> None:
    """It looks up the queue that a message came from."""
    stub.add_response(
        "get_queue_url",
        {"QueueUrl": URL + name},
        {"QueueName": name, "QueueOwnerAWSAccountId": "123456789012"},
    )
    described(stub, name)


def test_without_tasks_each_is_received_sent_and_then_deleted(sqs: Any, stub: Stubber) -> None:
    one, two = letter("one"), letter("two")
    found(stub, "dead", waiting=2)
    without_tasks(stub)
    received(stub, one, two, at_most=2)
    located(stub, "orders")
    for each in (one, two):
        sent(stub, each)
        deleted(stub, each)

    assert [*redrive(sqs, "dead")] == [Progress(0, 2), Progress(1, 2), Progress(2, 2)]


def test_what_a_message_carries_goes_with_it(sqs: Any, stub: Stubber) -> None:
    attributes = {"kind": {"DataType": "String", "StringValue": "order"}}
    one = letter("one", AWSTraceHeader="Root=1", MessageGroupId="tenant")
    one["MessageAttributes"] = attributes
    found(stub, "dead", waiting=1)
    without_tasks(stub)
    received(stub, one, at_most=1)
    located(stub, "orders")
    sent(
        stub,
        one,
        MessageAttributes=attributes,
        MessageSystemAttributes={"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1"}},
        MessageGroupId="tenant",
    )
    deleted(stub, one)

    assert [*redrive(sqs, "dead")][-1] == Progress(1, 1)


def test_a_fifo_message_is_not_taken_for_the_one_that_was_sent_first(
    sqs: Any, stub: Stubber
) -> None:
    one = letter("one", MessageGroupId="a", MessageDeduplicationId="used")
    one["Attributes"]["DeadLetterQueueSourceArn"] = f"{ARN}orders.fifo"
    found(stub, "dead.fifo", waiting=1)
    without_tasks(stub)
    received(stub, one, at_most=1, name="dead.fifo")
    located(stub, "orders.fifo")
    sent(stub, one, to="orders.fifo", MessageGroupId="a", MessageDeduplicationId="id-one")
    deleted(stub, one, "dead.fifo")

    assert [*redrive(sqs, "dead.fifo")][-1] == Progress(1, 1)


def test_what_fails_again_does_not_go_round(sqs: Any, stub: Stubber) -> None:
    one = letter("one")
    found(stub, "dead", waiting=1)
    found(stub, "elsewhere")
    without_tasks(stub)
    received(stub, one, at_most=1)
    sent(stub, one, to="elsewhere")
    deleted(stub, one)

    assert [*redrive(sqs, "dead", to="elsewhere")][-1] == Progress(1, 1)


def test_messages_that_somebody_else_took_are_not_waited_for(sqs: Any, stub: Stubber) -> None:
    found(stub, "dead", waiting=2)
    without_tasks(stub)
    received(stub, at_most=2)

    assert [*redrive(sqs, "dead")] == [Progress(0, 2)]


def test_the_rate_is_kept_without_tasks_too(sqs: Any, stub: Stubber, naps: list[float]) -> None:
    one = letter("one")
    found(stub, "dead", waiting=1)
    without_tasks(stub)
    received(stub, one, at_most=1)
    located(stub, "orders")
    sent(stub, one)
    deleted(stub, one)

    [*redrive(sqs, "dead", max_per_second=4)]
    assert naps == [0.25]


def test_a_message_that_can_not_be_sent_stays(sqs: Any, stub: Stubber) -> None:
    one, two = letter("one"), letter("two")
    found(stub, "dead", waiting=2)
    without_tasks(stub)
    received(stub, one, two, at_most=2)
    located(stub, "orders")
    stub.add_client_error("send_message", "AccessDenied")
    released(stub, one)
    stub.add_client_error("change_message_visibility", "AccessDenied")

    with pytest.raises(sqs.exceptions.ClientError, match="SendMessage"):
        [*redrive(sqs, "dead")]


def test_who_stops_listening_leaves_the_others_where_they_are(sqs: Any, stub: Stubber) -> None:
    one, two = letter("one"), letter("two")
    found(stub, "dead", waiting=2)
    without_tasks(stub)
    received(stub, one, two, at_most=2)
    located(stub, "orders")
    sent(stub, one)
    deleted(stub, one)
    released(stub, two)

    with closing(redrive(sqs, "dead")) as steps:
        assert [next(steps), next(steps)] == [Progress(0, 2), Progress(1, 2)]


@pytest.mark.parametrize(
    ("letters", "remedy"),
    [
        (None, "say where to with --to"),
        ("letters", f"did you mean its dead-letter queue, {ARN}letters?"),
    ],
)
def test_a_message_that_came_from_no_queue_stays(
    sqs: Any, stub: Stubber, letters: str | None, remedy: str
) -> None:
    one = letter("one")
    del one["Attributes"]["DeadLetterQueueSourceArn"]
    found(stub, "dead", waiting=1, letters=letters)
    without_tasks(stub)
    received(stub, one, at_most=1)
    released(stub, one)

    message = f"dead: message id-one came from no other queue; {remedy}"
    with pytest.raises(RedriveError, match=exactly(message)):
        [*redrive(sqs, "dead")]


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
    monkeypatch.setattr(redrive_cli, "_client", lambda *_: None)
    return steps


@pytest.fixture
def answering_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def move(*_: Any, **__: Any) -> Iterator[Progress]:
        yield from ()

    monkeypatch.setattr(redrive_cli, "redrive", move)


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


def test_the_local_cloud_has_no_other_endpoint() -> None:
    code, _, said = run("dead", "--local", "--endpoint-url", "http://127.0.0.1:1")

    assert code == 2
    assert said.endswith("Error: the local cloud has its own endpoint; omit http://127.0.0.1:1\n")


def test_a_local_cloud_that_does_not_run_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setenv("SERVERLESS_PATTERNS_STATE_DIR", str(tmp_path_factory.mktemp("state")))
    monkeypatch.setenv("SERVERLESS_PATTERNS_PORT", "4999")

    assert run("dead", "--local") == (
        1,
        "",
        "Error: the local cloud is not running on port 4999; start it with "
        "`serverless-patterns local --port 4999 up`\n",
    )


@pytest.mark.parametrize("there", ["us-east-1", "eu-west-1", None])
def test_the_local_cloud_is_searched_in_every_region_that_was_deployed_to(
    monkeypatch: pytest.MonkeyPatch, there: str | None
) -> None:
    asked: list[Any] = []

    class Cloud:
        state = SimpleNamespace(regions=["us-east-1", "eu-west-1"])

        def require_running(self) -> None: ...

        def client(self, service: str, region: str) -> tuple[str, str]:
            return service, region

    def find(client: tuple[str, str], queue: str) -> None:
        if client[1] != there:
            raise RedriveError(f"there is no queue {queue} in {client[1]}")

    def move(client: Any, *_: Any, **__: Any) -> Iterator[Progress]:
        asked.append(client)
        yield Progress(0, 0)

    monkeypatch.setattr(redrive_cli, "LocalCloud", Cloud)
    monkeypatch.setattr("serverless_patterns.redrive_cli.Queue.find", find)
    monkeypatch.setattr(redrive_cli, "redrive", move)
    run("dead", "--local")

    assert asked == [("sqs", there or "eu-west-1")]


@pytest.mark.usefixtures("answering_nothing")
@pytest.mark.parametrize(
    ("arguments", "region"),
    [
        ([f"{ARN}dead"], "eu-west-1"),
        ([f"{URL}dead"], "eu-west-1"),
        ([f"{ARN}dead", "--region", "eu-west-2"], "eu-west-2"),
        (["http://localhost:4566/000000000000/dead"], None),
        (["dead"], None),
    ],
)
def test_the_queue_tells_its_region(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], region: str | None
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr("boto3.client", lambda *_, **options: asked.append(options))
    run(*arguments)

    assert asked == [{"region_name": region, "endpoint_url": None}]


def test_a_region_that_nothing_tells_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)

    assert run("dead") == (1, "", "Error: You must specify a region.\n")
