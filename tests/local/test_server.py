"""The local cloud's life: started, kept, emptied, ended, and what ends badly."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import psutil
import pytest

from serverless_patterns.local import LocalCloud, LocalCloudError
from serverless_patterns.testing.plugin import free_port
from tests.messages import exactly

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from serverless_patterns.local.process import ServerRecord
    from serverless_patterns.testing.plugin import StartCloud
    from tests.local.conftest import DeployApp


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[LocalCloud]:
    cloud = LocalCloud(free_port(), tmp_path)
    yield cloud
    cloud.down()


def buckets(cloud: LocalCloud) -> list[str]:
    return [bucket["Name"] for bucket in cloud.client("s3").list_buckets()["Buckets"]]


def test_it_starts_once_and_stops(cloud: LocalCloud) -> None:
    assert not cloud.is_running
    assert cloud.up()
    record = cloud.state.record

    assert not cloud.up()
    assert (cloud.is_running, cloud.state.record) == (True, record)
    assert cloud.down()
    assert not cloud.down()
    assert (cloud.is_running, cloud.state.record) == (False, None)
    assert record is not None
    assert not psutil.pid_exists(record.pid)


def test_it_listens_on_loopback_alone(cloud: LocalCloud) -> None:
    cloud.up()
    record = cloud.require_running()
    listening = [
        connection.laddr.ip
        for connection in psutil.Process(record.pid).net_connections()
        if connection.status == psutil.CONN_LISTEN
    ]

    assert listening == ["127.0.0.1"]


def test_it_runs_functions_without_this_process_environment(
    cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_MINE", "1")
    cloud.up()

    assert "SECRET_OF_MINE" not in psutil.Process(cloud.require_running().pid).environ()


def test_options_that_differ_from_the_running_ones_are_refused(cloud: LocalCloud) -> None:
    cloud.up()

    message = (
        f"the local cloud already runs on port {cloud.port} with other options; "
        f"stop it with `serverless-patterns local --port {cloud.port} down` first"
    )
    with pytest.raises(LocalCloudError, match=exactly(message)):
        cloud.up(enforce_iam=True)


def test_a_taken_port_is_refused(cloud: LocalCloud) -> None:
    message = (
        f"port {cloud.port} is taken by another program; "
        "stop that, or choose another port with --port or SERVERLESS_PATTERNS_PORT"
    )
    with socket.socket() as other:
        other.bind(("127.0.0.1", cloud.port))
        other.listen()
        with pytest.raises(LocalCloudError, match=exactly(message)):
            cloud.up()
    assert cloud.state.record is None


def test_what_needs_it_says_that_it_does_not_run(cloud: LocalCloud) -> None:
    message = (
        f"the local cloud is not running on port {cloud.port}; "
        f"start it with `serverless-patterns local --port {cloud.port} up`"
    )
    for action in (cloud.require_running, cloud.reset, lambda: cloud.outputs("Shop")):
        with pytest.raises(LocalCloudError, match=exactly(message)):
            action()


def test_a_server_that_died_is_told_and_can_be_started_again(cloud: LocalCloud) -> None:
    cloud.up()
    server = psutil.Process(cloud.require_running().pid)
    server.kill()
    server.wait()

    message = (
        f"the local cloud on port {cloud.port} has died, see {cloud.state.log_file}; "
        f"start it again with `serverless-patterns local --port {cloud.port} up`"
    )
    with pytest.raises(LocalCloudError, match=exactly(message)):
        cloud.require_running()
    assert cloud.up()
    assert cloud.is_running


def test_a_server_that_cannot_start_is_told_with_its_last_word(
    cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serverless_patterns.local.emulator.emulator_python", lambda: "/bin/false")

    message = f"the local cloud did not start on port {cloud.port}: it printed nothing"
    with pytest.raises(LocalCloudError, match=exactly(message)):
        cloud.up()
    assert cloud.state.record is None


def test_two_that_start_it_at_once_start_one(cloud: LocalCloud) -> None:
    other = LocalCloud(cloud.port, cloud.state.folder)
    with ThreadPoolExecutor() as pool:
        started = [*pool.map(LocalCloud.up, (cloud, other))]

    assert sorted(started) == [False, True]
    assert cloud.is_running
    (cloud if started[0] else other).down()  # whose child it is


def test_a_start_that_is_broken_off_leaves_nothing_running(
    cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[int] = []

    def broken_off(record: ServerRecord) -> None:
        started.append(record.pid)
        raise KeyboardInterrupt

    monkeypatch.setattr(cloud.state, "remember", broken_off)
    with pytest.raises(KeyboardInterrupt):
        cloud.up()

    assert started
    assert not psutil.pid_exists(started[0])


def test_a_server_whose_record_was_lost_is_ended_all_the_same(cloud: LocalCloud) -> None:
    cloud.up()
    pid = cloud.require_running().pid
    (cloud.state.folder / "server.json").write_text('{"pid":')

    assert cloud.down()
    assert not psutil.pid_exists(pid)


def test_a_stop_ends_nothing_that_only_names_the_folder(cloud: LocalCloud) -> None:
    cloud.up()
    bystander = psutil.Popen(
        [sys.executable, "-c", "input()", str(cloud.state.scratch)], stdin=subprocess.PIPE
    )
    cloud.down()

    assert bystander.is_running()
    assert bystander.status() != psutil.STATUS_ZOMBIE
    bystander.communicate(b"\n")


@pytest.mark.parametrize("text", ["http", "0", "65536", "-1", ""])
def test_a_port_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("SERVERLESS_PATTERNS_PORT", text)

    message = f"SERVERLESS_PATTERNS_PORT must be a port from 1 to 65535, got {text}"
    with pytest.raises(LocalCloudError, match=exactly(message)):
        LocalCloud()


def test_reset_empties_it(cloud: LocalCloud) -> None:
    cloud.up()
    cloud.client("s3").create_bucket(Bucket="books")
    cloud.reset()

    assert buckets(cloud) == []


def test_state_is_kept_over_a_stop_on_request_and_only_then(cloud: LocalCloud) -> None:
    cloud.up(persist=True)
    cloud.client("s3").create_bucket(Bucket="books")
    cloud.client("s3").put_object(Bucket="books", Key="c", Body=b"The C Programming Language")
    cloud.down()

    cloud.up()
    assert buckets(cloud) == []
    cloud.down()

    cloud.up(persist=True)
    kept = cloud.client("s3").get_object(Bucket="books", Key="c")["Body"].read()
    assert kept == b"The C Programming Language"


def test_nothing_goes_on_running_after_a_stop_or_a_death(
    start_local_cloud: StartCloud, deploy_app: DeployApp
) -> None:
    cloud = start_local_cloud(persist=True)
    name = deploy_app("writer", cloud=cloud).outputs["Writer"]["ReadsName"]

    def workers_of_a_call() -> list[psutil.Process]:
        answer = cloud.client("lambda").invoke(FunctionName=name, Payload=b'{"do": "read"}')
        assert json.loads(answer["Payload"].read()) == "done"
        return psutil.Process(cloud.require_running().pid).children(recursive=True)

    workers = workers_of_a_call()
    cloud.down()
    assert workers
    assert not [worker for worker in workers if worker.is_running()]

    cloud.up(persist=True)
    workers = workers_of_a_call()
    psutil.Process(cloud.require_running().pid).kill()
    cloud.down()
    assert workers
    assert not [worker for worker in workers if worker.is_running()]


def test_with_iam_enforced_a_function_may_do_what_was_granted_and_nothing_else(
    start_local_cloud: StartCloud, deploy_app: DeployApp
) -> None:
    cloud = start_local_cloud(enforce_iam=True)
    deployed = deploy_app("writer", cloud=cloud)
    names = deployed.outputs["Writer"]

    def invoke(function: str, do: str) -> str:
        answer = cloud.client("lambda").invoke(
            FunctionName=names[function], Payload=json.dumps({"do": do})
        )
        return str(json.loads(answer["Payload"].read()))

    assert [invoke("ReadsName", "read"), invoke("WritesName", "write")] == ["done", "done"]
    assert [invoke("ReadsName", "write"), invoke("WritesName", "read")] == [
        *("AccessDeniedException", "AccessDeniedException"),
    ]
    assert not [limit for limit in deployed.unenforced if limit.says.startswith("privileges")]
