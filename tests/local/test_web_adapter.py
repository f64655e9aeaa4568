"""Web applications behind the real adapter: every endpoint, events, starts and ends."""

from __future__ import annotations

import json
import time
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from serverless_patterns.local.web_adapter import ADAPTER_VERSION, adapter_binary
from serverless_patterns.local.web_images import BUILDS
from tests.adapter import require_adapter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from serverless_patterns.local import LocalCloud
    from tests.local.conftest import DeployApp

SETTLES = 90


class Web:
    """The deployed applications.

    Attributes:
        outputs: The outputs of their stack.
        last_words: What an application writes when it is stopped.
    """

    def __init__(self, cloud: LocalCloud, outputs: dict[str, str], last_words: Path) -> None:
        self.outputs = outputs
        self.last_words = last_words
        self.sqs: Any = cloud.client("sqs")
        self.functions: Any = cloud.client("lambda")

    def invoke(self, name: str) -> tuple[dict[str, Any], bool]:
        """What a function answers to ``GET /``, and whether it failed."""
        event = {
            "version": "2.0",
            "rawPath": "/",
            "rawQueryString": "",
            "headers": {"host": "shop.example"},
            "requestContext": {"http": {"method": "GET", "path": "/"}, "stage": "$default"},
            "isBase64Encoded": False,
        }
        answer = self.functions.invoke(
            FunctionName=self.outputs[f"{name}Function"], Payload=json.dumps(event)
        )
        return json.load(answer["Payload"]), "FunctionError" in answer

    def send(self, queue: str, *bodies: str) -> None:
        for body in bodies:
            self.sqs.send_message(QueueUrl=self.outputs[queue], MessageBody=body)

    def idle(self, queue: str) -> bool:
        """Whether no message is in a queue, nor on its way."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.sqs.get_queue_attributes(QueueUrl=self.outputs[queue], AttributeNames=names)
        return all(int(found["Attributes"][name]) == 0 for name in names)

    def bodies(self, queue: str) -> list[str]:
        """What is in a queue, all of it taken."""
        bodies = []
        while received := self.sqs.receive_message(
            QueueUrl=self.outputs[queue], MaxNumberOfMessages=10
        ).get("Messages"):
            for message in received:
                bodies.append(message["Body"])
                self.sqs.delete_message(
                    QueueUrl=self.outputs[queue], ReceiptHandle=message["ReceiptHandle"]
                )
        return sorted(bodies)


@pytest.fixture(scope="module")
def web(
    local_cloud: LocalCloud, deploy_app: DeployApp, tmp_path_factory: pytest.TempPathFactory
) -> Web:
    require_adapter(adapter_binary())
    words = tmp_path_factory.mktemp("web") / "last-words"
    deploy_app("web_adapter", **{"last-words": str(words)})
    return Web(local_cloud, local_cloud.outputs("Web"), words)


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SETTLES
    while not is_so():
        assert time.monotonic() < deadline, f"not so within {SETTLES} s"
        time.sleep(0.2)


@pytest.mark.parametrize("endpoint", ["HttpApi", "RestApi", "FunctionUrl", "LoadBalancer"])
def test_the_application_answers_behind_every_endpoint(web: Web, endpoint: str) -> None:
    url = web.outputs[f"{endpoint}Url"].rstrip("/")

    with urllib.request.urlopen(f"{url}/books/7?q=ab", timeout=60) as answer:
        body = json.load(answer)

    assert answer.status == 200
    assert body["path"].endswith("/books/7?q=ab")


def test_what_fails_comes_back_and_reaches_the_dead_letter_queue(web: Web) -> None:
    """The sibling's error statuses fail the invocation; its partial batch answers are heard."""
    web.send("Queue", "good", "poison partial", "good too")
    wait_until(lambda: web.idle("Queue"))
    web.send("Queue", "poison")  # by itself, as it takes a whole batch with it
    wait_until(lambda: web.idle("Queue"))

    assert web.bodies("DeadLetters") == ["poison", "poison partial"]


def test_without_the_sibling_a_message_is_lost(web: Web) -> None:
    """The trap: the adapter tells Lambda of a 500 as of a success, and SQS forgets the message."""
    web.functions.create_event_source_mapping(
        EventSourceArn=web.outputs["TrapArn"],
        FunctionName=web.outputs["TrappedFunction"],
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )
    web.send("TrapQueue", "poison")
    wait_until(lambda: web.idle("TrapQueue"))

    assert web.bodies("TrapDeadLettersUrl") == []


def test_a_slow_start_is_waited_for(web: Web) -> None:
    body, failed = web.invoke("Slow")

    assert not failed
    assert body["statusCode"] == 200


@pytest.mark.parametrize(
    ("name", "said"), [("Never", "did not reach the Runtime API"), ("Crashes", "exited")]
)
def test_an_application_that_never_starts_fails_the_invocation(
    web: Web, name: str, said: str
) -> None:
    """It doesn't hang: Lambda ends the start, and tells so."""
    started = time.monotonic()

    body, failed = web.invoke(name)

    assert failed
    assert said in body["errorMessage"]
    assert time.monotonic() - started < 60


def test_sigterm_reaches_the_application(web: Web) -> None:
    """Lambda ends an execution environment in order, and so does the local cloud."""
    web.invoke("Stopped")
    assert not web.last_words.exists()

    web.functions.delete_function(FunctionName=web.outputs["StoppedFunction"])

    wait_until(web.last_words.exists)
    assert web.last_words.read_text() == "stopped in order\n"


def test_the_adapter_is_the_real_one(web: Web) -> None:
    del web  # what deployed it has required it
    assert ADAPTER_VERSION.encode() in adapter_binary().read_bytes()


def test_the_function_of_three_computes_answers_behind_their_load_balancer(
    local_cloud: LocalCloud, deploy_app: DeployApp
) -> None:
    """The containers and the weights are asserted on the template; here the function answers."""
    require_adapter(adapter_binary())
    deployed = deploy_app("web_service_trio")

    url = local_cloud.outputs("Trio")["Url"]
    with urllib.request.urlopen(f"{url}books/7", timeout=60) as answer:
        body = json.load(answer)

    assert body["path"] == "/books/7"
    assert BUILDS in {each.says for each in deployed.unenforced}
