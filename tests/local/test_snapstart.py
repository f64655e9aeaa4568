"""Releases of a function behind an alias, while clients call it without pause.

The emulator takes no snapshots and moves no shares of traffic: what is proven is the wiring, that
no call is lost when the alias moves, and that the version before goes.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from serverless_patterns.local import Deployed, LocalCloud
    from tests.local.conftest import DeployApp

STACK = "SnapStart"
RELEASES = ["1", "2", "3"]
URLS = ["ProxyUrl", "RoutesUrl"]
TIMEOUT = 60  # parallel cold starts of the emulator stall for seconds


@dataclass
class Traffic:
    """What clients were answered that call both APIs without pause until they are stopped.

    Attributes:
        outputs: The stack's outputs.
        answers: How often each release answered, by API and release.
        failures: What was answered otherwise.
    """

    outputs: Mapping[str, str]
    answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> Self:
        self._threads = [threading.Thread(target=self._call, args=[name]) for name in URLS]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, release: str) -> None:
        """Wait until a release has answered on both APIs."""
        wait_until(lambda: self.failures or all(self.answers[name, release] >= 5 for name in URLS))

    def _call(self, name: str) -> None:
        with httpx.Client(base_url=self.outputs[name], timeout=TIMEOUT) as client:
            while not self._stop.is_set():
                try:
                    response = client.get("release")
                    status, text = response.status_code, response.text
                except httpx.HTTPError as error:
                    status, text = 0, repr(error)
                with self._lock:
                    if status == 200 and text in RELEASES:
                        self.answers[name, text] += 1
                    else:
                        self.failures.append(f"{name}: {status} {text}")


@dataclass(frozen=True)
class Step:
    """What there was after a release.

    Attributes:
        versions: The published versions of the function.
        leads_to: The version that the alias led to.
        message: What became of a message that was sent then.
        upload: What became of an upload.
    """

    versions: list[str]
    leads_to: str
    message: Mapping[str, Any]
    upload: Mapping[str, Any]


@dataclass(frozen=True)
class Journey:
    """Three releases, two of them under traffic."""

    steps: list[Step]
    traffic: Traffic
    deployed: list[Deployed]


def wait_until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + TIMEOUT
    while not holds():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.05)


def look(cloud: LocalCloud, outputs: Mapping[str, str], release: str) -> Step:
    """Send a message and an upload, and see which version handled them."""
    cloud.client("sqs").send_message(QueueUrl=outputs["QueueUrl"], MessageBody=f"message {release}")
    cloud.client("s3").put_object(
        Bucket=outputs["BucketName"], Key=f"upload-{release}", Body=b"an upload"
    )
    client = cloud.client("lambda")
    name = outputs["FunctionName"]
    found = client.list_versions_by_function(FunctionName=name)["Versions"]
    return Step(
        versions=[each["Version"] for each in found if each["Version"] != "$LATEST"],
        leads_to=client.get_alias(FunctionName=name, Name="live")["FunctionVersion"],
        message=handled(cloud, outputs, f"message {release}"),
        upload=handled(cloud, outputs, f"upload-{release}"),
    )


def handled(cloud: LocalCloud, outputs: Mapping[str, str], name: str) -> Mapping[str, Any]:
    table = cloud.client("dynamodb")
    found: list[Mapping[str, Any]] = []

    def is_there() -> bool:
        key: dict[str, Any] = {"id": {"S": name}}
        item = table.get_item(TableName=outputs["HandledTable"], Key=key).get("Item")
        found.extend([item] if item else [])
        return bool(found)

    wait_until(is_there)
    return {key: value["S"] for key, value in found[0].items()}


@pytest.fixture(scope="module")
def journey(local_cloud: LocalCloud, deploy_app: DeployApp) -> Journey:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CDK_VALIDATION", "false")  # three syntheses: it would cost 20 seconds
        deployed = [deploy_app("snapstart", STACK, release=RELEASES[0])]
        outputs = local_cloud.outputs(STACK)
        steps = [look(local_cloud, outputs, RELEASES[0])]
        with Traffic(outputs) as traffic:
            traffic.wait_for(RELEASES[0])
            for release in RELEASES[1:]:
                deployed.append(deploy_app("snapstart", STACK, release=release))
                traffic.wait_for(release)
                steps.append(look(local_cloud, outputs, release))
    return Journey(steps, traffic, deployed)


def test_no_request_fails_while_the_alias_moves_twice(journey: Journey) -> None:
    assert journey.traffic.failures == []
    assert journey.traffic.answers.total() > 100
    assert {*journey.traffic.answers} == {(name, each) for name in URLS for each in RELEASES}


def test_the_alias_leads_to_the_newest_version_and_the_one_before_is_gone(
    journey: Journey,
) -> None:
    assert [step.versions for step in journey.steps] == [["1"], ["2"], ["3"]]
    assert [step.leads_to for step in journey.steps] == ["1", "2", "3"]


def test_messages_and_uploads_reach_the_version_that_the_alias_leads_to(
    journey: Journey,
) -> None:
    for step, release in zip(journey.steps, RELEASES, strict=True):
        expected = {"release": release, "version": step.leads_to}
        assert step.message == {"id": f"message {release}", **expected}
        assert step.upload == {"id": f"upload-{release}", **expected}


def test_it_is_told_that_the_local_cloud_moves_no_shares_of_traffic(journey: Journey) -> None:
    left_out = {each.type for each in journey.deployed[-1].left_out}

    assert left_out == {"AWS::CodeDeploy::Application", "AWS::CodeDeploy::DeploymentGroup"}
